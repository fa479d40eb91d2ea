import request from 'supertest'
import { changeDraft } from '../../src/courses/change-draft'
import { Courses } from '../../src/courses/course'
import { zipFiles } from '../../src/courses/export-course'
import { changeLesson } from '../../src/courses/outline'
import { courseFiles, png } from '../courses/files'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author' }))
})
afterAll(() => academy.close())

const upload = (path: string, visitor = author, token = visitor.csrf) =>
  request(academy.app)
    .post(path)
    .set('cookie', visitor.cookie)
    .set('accept', 'text/html')
    .field('_csrf', token)
const seals = (texts: Record<string, string | null> = {}) => zipFiles(courseFiles(texts))

test('an author imports a zip as a draft that is not published', async () => {
  const page = await upload('/studio/imports')
    .attach('zip', await seals(), 'seals.zip')
    .expect(200)
  expect(page.text).toContain('“Seals” imported')
  expect(page.text).toContain('What leaks')
  expect(await Courses.findOne({ slug: 'seals' })).toMatchObject({ published: null })
})

test('an author replaces a draft only after reading its title, and gets it back', async () => {
  const other = await seals({ 'course.yml': 'title: Other seals\ntopic: sales\n' })
  const empty = await author.get('/studio/imports/new').expect(200)
  expect(empty.text).not.toContain('name="existing"')
  const asked = await upload('/studio/imports').attach('zip', other, 'seals.zip').expect(409)
  expect(asked.text).toContain('“Seals” already has the URL “seals”')
  expect(asked.text).toMatch(/name="existing" value="seals"[\s\S]*Replace the draft of “Seals”/)
  expect(await Courses.findOne({ slug: 'seals' })).toMatchObject({ draft: { title: 'Seals' } })

  await upload('/studio/imports').field('existing', 'pumps').attach('zip', other, 'a.zip').expect(409)
  await upload('/studio/imports').field('existing', 'seals').attach('zip', other, 'a.zip').expect(200)
  expect(await Courses.findOne({ slug: 'seals' })).toMatchObject({
    draft: { title: 'Other seals' },
    draftNumber: 2,
  })

  const versions = await author.get('/studio/courses/seals/revisions').expect(200)
  expect(versions.text).toMatch(/Replaced drafts[\s\S]*<a href="[^"]*\/replaced-drafts\/1">Seals</)
  const replaced = '/studio/courses/seals/replaced-drafts/1'
  expect((await author.get(replaced).expect(200)).text).toContain('Restore this draft')
  const reviewer = await as(await make.person({ role: 'reviewer' }))
  expect((await reviewer.get(replaced).expect(200)).text).not.toContain('Restore this draft')
  await reviewer.post(`${replaced}/restoration`).expect(403)
  await author.get('/studio/courses/seals/replaced-drafts/7').expect(404)
  await author.post(`${replaced}/restoration`).expect(303)
  expect(await Courses.findOne({ slug: 'seals' })).toMatchObject({
    draft: { title: 'Seals' },
    draftNumber: 3,
  })
  const after = await author.get('/studio/courses/seals/revisions').expect(200)
  expect(after.text).toMatch(/replaced-drafts\/2">Other seals</)
})

test('an author imports a course beside the one that has its URL', async () => {
  const other = await seals({ 'course.yml': 'title: Seals of another team\ntopic: sales\n' })
  const page = await upload('/studio/imports')
    .field('existing', 'new')
    .attach('zip', other, 'seals.zip')
    .expect(200)
  expect(page.text).toContain('“Seals of another team” imported')
  expect(await Courses.findOne({ slug: 'seals' })).toMatchObject({ draft: { title: 'Seals' } })
  expect(await Courses.findOne({ slug: 'seals-2' })).toMatchObject({
    draft: { title: 'Seals of another team' },
  })
})

test('an author who restores a version gets the unpublished draft back', async () => {
  const { slug, course } = await make.course()
  await changeDraft(course, content => ({ ...content, title: 'Not published yet' }))
  await author.post(`/studio/courses/${slug}/revisions/1/restoration`).expect(303)
  await author.post(`/studio/courses/${slug}/replaced-drafts/2/restoration`).expect(303)
  expect(await Courses.findOne({ slug })).toMatchObject({ draft: { title: 'Not published yet' } })
  // The version itself isn't kept a second time.
  const versions = await author.get(`/studio/courses/${slug}/revisions`).expect(200)
  expect(versions.text.match(/\/replaced-drafts\//g)).toHaveLength(2)
})

test('an author sees the file and line of each problem in a zip, and nothing is imported', async () => {
  const before = await Courses.count()
  const zip = await seals({
    '01-begin/03-x.md': '---\ntitle: X\nminutes: soon\n---\n',
    'assets/a.svg': '<svg/>',
  })
  const page = await upload('/studio/imports').attach('zip', zip, 'x.zip').expect(422)
  expect(page.text).toContain('Fix 2 errors to continue. Nothing was saved')
  expect(page.text).toContain('<code class="code">01-begin/03-x.md</code> line 3: “minutes” must be a number')
  expect(page.text).toContain('SVG files can run scripts, so they aren&#39;t accepted. Export it as PNG')
  expect(
    (await upload('/studio/imports').attach('zip', Buffer.from('rubbish'), 'x.zip').expect(422)).text,
  ).toContain('This isn&#39;t a zip file')
  expect((await upload('/studio/imports').expect(422)).text).toContain('Choose a file.')
  expect(await Courses.count()).toBe(before)
})

test('an upload needs a CSRF token and the role, and takes one file', async () => {
  await upload('/studio/imports', author, 'wrong')
    .attach('zip', await seals(), 'a.zip')
    .expect(403)
  const reviewer = await as(await make.person({ role: 'reviewer' }))
  await upload('/studio/imports', reviewer)
    .attach('zip', await seals(), 'a.zip')
    .expect(403)
  await upload('/studio/imports').attach('zip', png, 'a').attach('zip', png, 'b').expect(413)
})

test('an author exports a course and imports the same zip again', async () => {
  const { slug } = await make.course()
  const zip = await author
    .get(`/studio/courses/${slug}.zip`)
    .buffer(true)
    .parse((response, done) => {
      const parts: Buffer[] = []
      response
        .on('data', (part: Buffer) => parts.push(part))
        .on('end', () => done(null, Buffer.concat(parts)))
    })
  expect(zip.headers['content-disposition']).toBe(`attachment; filename=${slug}.zip`)
  await upload('/studio/imports')
    .field('existing', slug)
    .attach('zip', zip.body as Buffer, 'a.zip')
    .expect(200)
})

test('an author adds files and removes the ones that no lesson uses', async () => {
  const { slug, course } = await make.course()
  const body = '![Two pixels](assets/two-pixels.png)'
  await changeDraft(course, content => changeLesson(content, 'lesson-1', { body }))
  const files = `/studio/courses/${slug}/files`
  await upload(files)
    .attach('files', png, 'Two Pixels.PNG')
    .attach('files', Buffer.from('a,b\n'), 'Übersicht.csv')
    .expect(303)
  const page = await author.get(files).expect(200)
  expect(page.text).toContain('<bdi>two-pixels.png</bdi>')
  expect(page.text).toContain('2 × 1 px')
  expect(page.text).toContain('<bdi>übersicht.csv</bdi>')
  const preview = await author.get(`/studio/courses/${slug}/lessons/lesson-1/preview`)
  expect(preview.text).toMatch(
    /<img src="\/assets\/[0-9a-f]{64}\/two-pixels.png" alt="Two pixels" width="2" height="1"/,
  )

  await author.post(`${files}/removal`, { path: 'assets/two-pixels.png' }).expect(422)
  await author.post(`${files}/removal`, { path: 'assets/übersicht.csv' }).expect(303)
  const refused = await upload(files).attach('files', Buffer.from('<svg/>'), 'a.png').expect(422)
  expect(refused.text).toContain('The content doesn&#39;t match the file type png')
  await upload(files).expect(422)
})

test('an imported course has titles without what nobody can see', async () => {
  const course =
    'title: "\\u202EPumps\\u200B, \\u2066plainly"\ntopic: sales\nauthors: [{ name: "Jose\\u0301\\nHalvorsen" }]\n'
  const zip = await seals({ 'course.yml': course })
  await upload('/studio/imports').field('existing', 'seals').attach('zip', zip, 'seals.zip').expect(200)
  expect(await Courses.findOne({ slug: 'seals' })).toMatchObject({
    draft: { title: 'Pumps, plainly', authors: [{ name: 'José Halvorsen' }] },
  })
})
