import { randomBytes } from 'node:crypto'
import { Types } from 'mongoose'
import { maxBodyLength } from '../../src/courses/content'
import { Comments, finishSuggestions } from '../../src/courses/comment'
import { changeDraft } from '../../src/courses/change-draft'
import { mentionedIn } from '../../src/courses/comment-notice'
import { Courses } from '../../src/courses/course'
import { changeLesson, lessonNamed, removeLesson } from '../../src/courses/outline'
import { setCourseRole } from '../../src/courses/change-team'
import { Emails } from '../../src/mail/email'
import type { Person } from '../../src/people/person'
import { minutes, setClock } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let ines: Person
let author: Visitor
let katerina: Person
let reviewer: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  ines = await make.person({ role: 'author', name: 'Ines Halvorsen' })
  katerina = await make.person({ role: 'reviewer', name: 'Kateřina Malá' })
  ;[author, reviewer] = [await as(ines), await as(katerina)]
})
afterAll(() => academy.close())
afterEach(() => setClock())

const passage = 'Most stations start with the factory value'
const body = `A limit that rings is switched off. ${passage}, and most pumps never come near it.\n`
const bodyOf = async (slug: string) => lessonNamed((await Courses.findOne({ slug }))!.draft, 'lesson-1')!.body

async function lessonWithText(title = 'Pumps') {
  const made = await make.course({ title, lesson: n => (n === 1 ? { body } : {}) })
  return { ...made, url: `/studio/courses/${made.slug}/lessons/lesson-1` }
}

const occasion = () => randomBytes(16).toString('base64url')
const comment = (visitor: Visitor, url: string, fields: Record<string, unknown> = {}) =>
  visitor.post(`${url}/comments`, { exact: passage, text: 'Still true?', occasion: occasion(), ...fields })
const newest = async () => (await Comments.find().sort({ at: -1, _id: -1 }).limit(1))[0]!

test('a reviewer comments on a passage, the author replies and resolves it, and the file has none of it', async () => {
  const { slug, url } = await lessonWithText()
  const sent = { exact: passage, text: 'Still <b>true</b>?', occasion: occasion() }
  await reviewer.post(`${url}/comments`, sent).expect(303).expect('location', `${url}/preview#comments`)
  // A second press of the button.
  await reviewer.post(`${url}/comments`, sent).expect(303)
  const { _id } = await newest()
  expect(await Comments.count({ lesson: 'lesson-1', text: /Still/ })).toBe(1)
  const page = await author.get(url).expect(200)
  expect(page.text).toContain('1 open comment')
  expect(page.text).toContain('Still &lt;b&gt;true&lt;/b&gt;?')
  expect(page.text).toContain(`data-exact="${passage}"`)
  await author
    .post(`${url}/comments/${_id}/replies`, { reply: 'Right, changing it.', from: 'write' })
    .expect('location', `${url}#comments`)
  expect((await reviewer.get(`${url}/preview`)).text).toMatch(/Ines Halvorsen[\s\S]*Right, changing it\./)
  await reviewer.post(`${url}/comments/${_id}/resolution`).expect(303)
  const resolved = (await author.get(url)).text
  expect(resolved).toContain('1 closed')
  expect(resolved).toContain('Resolved by Kateřina Malá')
  expect(resolved).not.toContain('data-exact')
  await author.post(`${url}/comments/${_id}/resolution`).expect(409)
  await author.post(`${url}/comments/${_id}/reopening`).expect(303)
  expect((await author.get(`/studio/courses/${slug}/review`)).text).toContain('1 comment is open.')
  expect(await bodyOf(slug)).toBe(body)
})

test('a reviewer reads every kind of lesson as learners see it, not as Markdown', async () => {
  const choices = 'choices:\n  - content: Yes\n    isCorrect: true\n  - content: No\n'
  const text = `Look **first**.\n\n\`\`\`quiz\nkind: single\nprompt: Does water freeze?\n${choices}\`\`\`\n`
  const { slug, course } = await make.course({ title: 'Winter' })
  await changeDraft(course, content => changeLesson(content, 'lesson-1', { title: 'Frost', body: text }))
  const url = `/studio/courses/${slug}/lessons/lesson-1`
  const page = (await reviewer.get(url).expect(200)).text
  expect(page).toContain('<strong>first</strong>')
  expect(page).toContain('Does water freeze?')
  expect(page).not.toMatch(/\*\*first|```quiz|name="body"/)
  expect(page).toMatch(/aria-current="page"[^>]*>\s*Read\s*</)
  expect(page).toContain('Comment on a passage')
  expect((await author.get(url).expect(200)).text).toContain('name="body"')
})

test.each([
  [{ exact: ' ' }, 'Enter the passage'],
  [{ text: '' }, 'Enter a comment'],
  [{ text: 'x'.repeat(4001) }, 'Use at most 4,?000 characters'],
])('a comment needs a passage and words: %j', async (fields, sentence) => {
  const { url } = await lessonWithText()
  const refused = await comment(reviewer, url, { replacement: 'Kept as typed', ...fields })
  expect(refused.status).toBe(422)
  expect(refused.text).toMatch(new RegExp(sentence))
  expect(refused.text).toContain('Kept as typed')
})

test('a comment follows its passage through edits, and says when it has changed or is gone', async () => {
  const { course, url } = await lessonWithText()
  const quote = {
    prefix: 'A limit that rings is switched off. ',
    suffix: ', and most pumps never come near it.',
  }
  await comment(reviewer, url, quote)
  const edit = (text: string) =>
    changeDraft(course, content => changeLesson(content, 'lesson-1', { body: text }))
  const shown = async () => (await author.get(url).expect(200)).text
  await edit(`A new first line.\n\n${body}`)
  expect(await shown()).not.toMatch(/The passage (is gone|has changed)/)
  await edit(body.replace('the factory value', 'the value that the panel proposes'))
  expect(await shown()).toContain('The passage has changed since.')
  await edit('Something else entirely.\n')
  expect(await shown()).toContain('The passage is gone.')
  await changeDraft(course, content => removeLesson(content, 'lesson-1'))
  await author.get(url).expect(404)
})

test('an accepted suggestion is in the draft; one whose passage has changed is not, and stays open', async () => {
  const { slug, course, url } = await lessonWithText()
  const suggestion = {
    kind: 'suggestion',
    text: '',
    replacement: 'Most stations start with what the panel proposes',
  }
  await comment(reviewer, url, suggestion)
  const first = await newest()
  expect((await author.get(url)).text).toMatch(/<del>[^<]*factory value<\/del>|<del>[^<]*factory/)
  await reviewer.post(`${url}/comments/${first._id}/acceptance`).expect(403)
  const accepted = await Promise.all([1, 2].map(() => author.post(`${url}/comments/${first._id}/acceptance`)))
  // The second press finds what the first did, or is told that the draft has changed meanwhile.
  expect(accepted.map(({ status }) => status)).toContain(303)
  expect(accepted.every(({ status }) => status === 303 || status === 409)).toBe(true)
  expect(await bodyOf(slug)).toBe(body.replace(passage, suggestion.replacement))

  await comment(reviewer, url, { ...suggestion, exact: 'most pumps never come near it' })
  const second = await newest()
  await changeDraft(course, content => changeLesson(content, 'lesson-1', { body: 'All new.\n' }))
  const refused = await author.post(`${url}/comments/${second._id}/acceptance`).expect(409)
  expect(refused.text).toContain('isn’t in the draft as it was quoted')
  expect(await Comments.findById(second._id)).toMatchObject({ state: 'open', closedBy: null })
  await author.post(`${url}/comments/${second._id}/rejection`).expect(303)
  expect(await bodyOf(slug)).toBe('All new.\n')
})

test('who is mentioned or replied to gets one email about a burst, and nobody else gets any', async () => {
  const { course, url } = await lessonWithText('Burst')
  const start = Date.parse('2031-03-03T10:00:00Z')
  setClock(() => start)
  const partner = await make.person({ role: 'contributor', name: 'Tom Partner' })
  await setCourseRole({ course, by: ines._id, person: partner._id, role: 'partner' })
  await make.person({ role: 'contributor', name: 'Another Partner' })
  await comment(reviewer, url, { text: 'Hello @tom partner and @Another Partner, and @Kateřina Malá' })
  await comment(reviewer, url, { text: '@Tom Partner: once more' })
  const { _id } = await newest()
  await author.post(`${url}/comments/${_id}/replies`, { reply: 'I will look.' }).expect(303)
  await runAllDue()
  expect(await Emails.count({ subject: /Burst/ })).toBe(0)
  setClock(() => start + minutes(5))
  await runAllDue()
  await runAllDue()
  const sent = await Emails.find({ subject: /Burst/ }, { person: 1, subject: 1, html: 1 })
  const subjects = sent.map(({ person, subject }) => [String(person), subject]).sort()
  expect(subjects).toEqual(
    [
      [String(partner._id), expect.stringContaining('2 comments for you')],
      [String(katerina._id), expect.stringContaining('A comment for you')],
    ].sort(),
  )
  const text = sent.find(({ person }) => person?.equals(partner._id))!.html
  expect(text).toContain('once more')
  expect(text).toContain(`${url}/preview#comments`)
  // A later burst is another email.
  await comment(reviewer, url, { text: 'And again, @Tom Partner' })
  setClock(() => start + minutes(11))
  await runAllDue()
  expect(await Emails.count({ person: partner._id, subject: /Burst/ })).toBe(2)
})

test('the longest name after an @ is the one that is meant', () => {
  const people = ['Ann', 'Ann Lee', 'Bo'].map(name => ({ name }) as Person)
  const names = (text: string) => mentionedIn(text, people).map(({ name }) => name)
  expect(names('Hi @Ann Lee')).toEqual(['Ann Lee'])
  expect(names('Hi @ann, @Ann Lee!').sort()).toEqual(['Ann', 'Ann Lee'])
  expect(names('Ann and Bo')).toEqual([])
})

test('a comment of another course, or an id that is none, is not found', async () => {
  const [one, two] = [await lessonWithText(), await lessonWithText()]
  await comment(reviewer, one.url)
  const { _id } = await newest()
  await author.post(`${two.url}/comments/${_id}/resolution`).expect(404)
  await author.post(`${two.url}/comments/${_id}/acceptance`).expect(404)
  await author.post(`${two.url}/comments/nothing/resolution`).expect(404)
})

test('a suggestion of two lines keeps the text’s line ends, and pressing its buttons twice is no mistake', async () => {
  const { slug, url, course } = await lessonWithText()
  await comment(reviewer, url, { kind: 'suggestion', replacement: 'One line\r\nand another', text: '' })
  const { _id } = (await Comments.findOne({ course }))!
  for (let presses = 0; presses < 2; presses++) {
    await author.post(`${url}/comments/${_id}/acceptance`).expect(303)
  }
  expect(await bodyOf(slug)).toBe(body.replace(passage, 'One line\nand another'))
  await reviewer.post(`${url}/comments/${_id}/acceptance`).expect(403)
  await comment(reviewer, url, { exact: 'A limit' })
  const { _id: plain } = (await Comments.findOne({ course, state: 'open' }))!
  for (let presses = 0; presses < 2; presses++) {
    await author.post(`${url}/comments/${plain}/resolution`).expect(303)
  }
})

test('a suggestion can’t make a lesson longer than a lesson can be', async () => {
  const full = `${passage} ${'x'.repeat(maxBodyLength - passage.length - 2)}\n`
  const made = await make.course({ lesson: n => (n === 1 ? { body: full } : {}) })
  const url = `/studio/courses/${made.slug}/lessons/lesson-1`
  await comment(reviewer, url, { kind: 'suggestion', replacement: `${passage}, and more`, text: '' })
  const { _id } = (await Comments.findOne({ course: made.course }))!
  const refused = await author.post(`${url}/comments/${_id}/acceptance`).expect(409)
  expect(refused.text).toContain('longer than a lesson can be')
  expect(await bodyOf(made.slug)).toBe(full)
  expect(await Comments.findById(_id)).toMatchObject({ state: 'open', closedBy: null })
})

test('comments on a lesson that was removed are not waiting for anyone', async () => {
  const { slug, course, url } = await lessonWithText()
  await comment(reviewer, url)
  const review = `/studio/courses/${slug}/review`
  expect((await author.get(review)).text).toContain('1 comment is open.')
  await changeDraft(course, content => removeLesson(content, 'lesson-1'))
  expect((await author.get(review)).text).not.toContain('1 comment is open.')
})

test('the newest comment is shown however many were closed before, and a long lesson stays quick', async () => {
  const text = `${'Most pumps never come near their limit, whatever the plate says. '.repeat(1200)}${passage}.\n`
  const { course, slug } = await make.course({ lesson: n => (n === 1 ? { body: text } : {}) })
  const quote = { exact: 'limit', prefix: '', suffix: '' }
  const given = { course, lesson: 'lesson-1', by: katerina._id, text: 'Old.', replacement: null, quote }
  await Comments.insertMany(
    Array.from({ length: 250 }, (_, n) => ({
      ...given,
      ...{
        _id: new Types.ObjectId(),
        at: new Date(n),
        state: n < 150 ? ('resolved' as const) : ('open' as const),
      },
    })),
  )
  const url = `/studio/courses/${slug}/lessons/lesson-1`
  await comment(reviewer, url, { text: 'The newest one.' })
  const start = performance.now()
  expect((await author.get(`${url}/preview`).expect(200)).text).toContain('The newest one.')
  expect(performance.now() - start).toBeLessThan(5000)
})

describe('an acceptance that is cut off', () => {
  const replacement = `${passage}, always`
  /** What a killed process leaves when it had only noted that it accepts the suggestion. */
  const begun = (since: Date) => ({ state: 'accepted' as const, closedBy: ines._id, acceptingSince: since })

  async function suggestion() {
    const made = await lessonWithText()
    await comment(reviewer, made.url, { kind: 'suggestion', replacement }).expect(303)
    return { ...made, id: (await Comments.findOne({ course: made.course }))!._id }
  }

  test.each([
    ['before', true],
    ['after', false],
  ])('%s the draft was saved is finished, once', async (_title, isBefore) => {
    const { slug, url, id } = await suggestion()
    if (!isBefore) await author.post(`${url}/comments/${id}/acceptance`).expect(303)
    await Comments.updateOne({ _id: id }, { $set: begun(new Date()) })
    await finishSuggestions()
    // The request may still be at it.
    expect((await bodyOf(slug)).includes(replacement)).toBe(!isBefore)
    setClock(() => Date.now() + minutes(3))
    await Promise.all([finishSuggestions(), finishSuggestions()])
    expect(await bodyOf(slug)).toBe(body.replace(passage, replacement))
    expect(await Comments.findById(id)).toMatchObject({ state: 'accepted', closedBy: ines._id })
    expect(await Comments.count({ acceptingSince: { $type: 'date' } })).toBe(0)
  })

  test('is finished by a second press of the button', async () => {
    const { slug, url, id } = await suggestion()
    await Comments.updateOne({ _id: id }, { $set: begun(new Date()) })
    await author.post(`${url}/comments/${id}/acceptance`).expect(303)
    expect(await bodyOf(slug)).toBe(body.replace(passage, replacement))
  })

  test('is open again when the passage has changed meanwhile', async () => {
    const { slug, id, course } = await suggestion()
    await Comments.updateOne({ _id: id }, { $set: begun(new Date(0)) })
    await changeDraft(course, content => changeLesson(content, 'lesson-1', { body: 'Rewritten.\n' }))
    await finishSuggestions()
    expect(await bodyOf(slug)).toBe('Rewritten.\n')
    expect(await Comments.findById(id)).toMatchObject({ state: 'open', closedBy: null })
  })
})

test('a suggestion on bold words keeps them bold', async () => {
  const made = await make.course({
    lesson: n => (n === 1 ? { body: 'Set **twice the value** at once.\n' } : {}),
  })
  const url = `/studio/courses/${made.slug}/lessons/lesson-1`
  const words = { exact: 'Set twice the value', kind: 'suggestion', replacement: 'Set half the value' }
  await comment(reviewer, url, words).expect(303)
  const { _id } = (await Comments.findOne({ course: made.course }))!
  await author.post(`${url}/comments/${_id}/acceptance`).expect(303)
  expect(await bodyOf(made.slug)).toBe('Set **half the value** at once.\n')
})
