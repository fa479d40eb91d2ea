import sharp from 'sharp'
import { saveBrandDraft, publishBrand } from '../../src/brand/change-brand'
import { defaultBrandId, readBrand } from '../../src/brand/brand'
import { saveAsset } from '../../src/courses/asset'
import { Courses } from '../../src/courses/course'
import { writeCourse } from '../../src/courses/write-course'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
let visitor: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author' }))
  visitor = await anonymous()
})
afterAll(() => academy.close())

async function photo(path: string) {
  const bytes = await sharp({ create: { width: 1000, height: 625, channels: 3, background: '#00ff00' } })
    .png()
    .toBuffer()
  const hash = await saveAsset(bytes, 'image/png')
  return { path, hash, size: bytes.length, type: 'image/png', width: 1000, height: 625 }
}

const settings = '/studio/courses/pumps/settings'

/** Saves the settings as the form shows them, with another cover. */
async function choose(cover: string) {
  const { text } = await author.get(settings).expect(200)
  const valueOf = (name: string) => new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(text)![1]!
  const { draft } = (await Courses.findOne({ slug: 'pumps' }))!
  return author.post(settings, {
    ...{
      baseVersion: valueOf('baseVersion'),
      title: draft.title,
      summary: draft.summary,
      topic: draft.topic,
    },
    ...{
      level: draft.level,
      language: 'en',
      amount: '',
      currency: 'EUR',
      certificate: 'on',
      callToAction: 'none',
    },
    cover,
  })
}

async function publish() {
  const { draftNumber } = (await Courses.findOne({ slug: 'pumps' }))!
  await author.post('/studio/courses/pumps/publication', { draftNumber }).expect(303)
}

/** The colour of the right side of a picture for other sites, which has the title on its left. */
const greenOf = async (path: string) => {
  const { body } = await visitor.get(path).expect(200)
  const cover = sharp(body as Buffer).extract({ left: 660, top: 20, width: 520, height: 590 })
  const { channels } = await sharp(await cover.toBuffer()).stats()
  return channels.map(({ mean }) => Math.round(mean))
}

test('a course shows the image that its author chose, to everyone and on other sites', async () => {
  const image = await photo('assets/station.png')
  await make.course({ slug: 'pumps', assets: [image], lesson: () => ({ preview: false }) })
  expect((await visitor.get('/courses').expect(200)).text).not.toContain(image.hash)
  await visitor.get(`/assets/${image.hash}/station.png`).expect(404)

  const refused = await choose('assets/none.png')
  expect(refused.status).toBe(422)
  await choose('assets/station.png').then(({ status }) => expect(status).toBe(303))
  await publish()
  for (const path of ['/', '/courses', '/courses/pumps']) {
    expect((await visitor.get(path).expect(200)).text).toMatch(
      new RegExp(`class="cover cover-picture" src="/assets/${image.hash}/station.png" alt=""`),
    )
  }
  await visitor.get(`/assets/${image.hash}/station.png`).expect(200)
  expect(await greenOf('/courses/pumps/cover.png')).toEqual([0, 255, 0])
  const [file] = writeCourse((await Courses.findOne({ slug: 'pumps' }))!.draft)
  expect(file!.text).toContain('\ncover: assets/station.png\n')
})

test('an image that is a cover can’t be removed', async () => {
  await author.post('/studio/courses/pumps/files/removal', { path: 'assets/station.png' }).expect(422)
})

test('a brand may draw all covers, in its own colour', async () => {
  const { draft, draftNumber } = await readBrand()
  const content = { ...draft, covers: 'drawn' as const, accent: '#00596B' }
  await publishBrand(defaultBrandId, await saveBrandDraft(defaultBrandId, content, draftNumber), null)
  expect((await visitor.get('/courses').expect(200)).text).not.toContain('cover-picture')
  expect(await greenOf('/courses/pumps/cover.png')).not.toEqual([0, 255, 0])
  const [, sheet] = /href="(\/css\/base\.css[^"]*)"/.exec((await visitor.get('/')).text)!
  expect((await visitor.get(sheet!)).text).toContain('--open: light-dark(#00596B, ')
  const icon = await visitor.get('/favicon.svg').expect(200)
  expect(String(icon.text ?? icon.body)).toContain('#00596B')
})

test('a course without a cover of its own is exported without one', async () => {
  await choose('').then(({ status }) => expect(status).toBe(303))
  const { draft } = (await Courses.findOne({ slug: 'pumps' }))!
  expect('cover' in draft).toBe(false)
  expect(writeCourse(draft)[0]!.text).not.toContain('cover')
})
