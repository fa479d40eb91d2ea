import { markdown, markdownFacts } from '../../src/courses/markdown'
import { renderMarkdown } from '../../src/courses/render'

const html = (text: string) => renderMarkdown(text, []).replace(/\s*\n\s*/g, '')
const block = (text: string) => `<details>\n<summary>Why *now*?</summary>\n\n${text}\n\n</details>\n`

test('text that a reader opens has a title and any blocks, and blocks of its own kind', () => {
  expect(html(block('- one\n- two'))).toBe(
    '<details><summary>Why <em>now</em>?</summary><ul><li>one</li><li>two</li></ul></details>',
  )
  expect(html(block(block('Inner.')))).toContain('</summary><details><summary>')
  expect(html(`Before.\n${block('Because.')}After.`)).toBe(
    '<p>Before.</p><details><summary>Why <em>now</em>?</summary><p>Because.</p></details><p>After.</p>',
  )
})

test('the tags may stand on one line, and an empty title is shown as dots', () => {
  expect(html('<details open><summary>Why?</summary>\n\nBecause.\n</details>')).toBe(
    '<details><summary>Why?</summary><p>Because.</p></details>',
  )
  expect(html('<details>\n<summary></summary>\n\nBecause.\n</details>')).toContain('<summary>…</summary>')
})

test('what is within is counted and checked, and nothing of the tags is reported', () => {
  const facts = markdownFacts(block('Two words and ![](assets/a.png)'))
  expect(facts.unsupported).toEqual([])
  expect(facts.references).toMatchObject([{ target: 'assets/a.png', line: 4 }])
  expect(facts.words).toBe(5)
})

test.each([
  ['an end', '<details>\n<summary>Why?</summary>\n\nBecause.\n'],
  ['a title', '<details>\n\nBecause.\n\n</details>\n'],
])('without %s the tags are reported, and the text stays', (_what, text) => {
  expect(html(text)).not.toContain('<details')
  expect(html(text)).toContain('Because.')
  expect(markdownFacts(text).unsupported.map(({ what }) => what)).toContain('tag')
})

const opening = '<details><summary>a</summary>\n'
test.each([
  ['without an end', '<details>\n<summary>a</summary>\n'.repeat(4900)],
  ['without a title', '<details>\n'.repeat(9900)],
  ['in each other', `${opening.repeat(450)}${'</details>\n'.repeat(450)}\n`.repeat(11).slice(0, 119_000)],
  ['in a quotation', `> ${opening}`.repeat(3700)],
  ['in 19 quotations', `${'>'.repeat(19)}${opening}`.repeat(2300)],
  ['in lists', `- ${opening}`.repeat(3700)],
  ['behind text', `a\n${opening}`.repeat(3700)],
])('thousands of openings %s look at a bounded number of lines', (_where, text) => {
  const looks = jest.spyOn(markdown.block.State.prototype, 'isEmpty')
  markdownFacts(text)
  // Each line is looked at a few times by the other rules.
  expect(looks.mock.calls.length).toBeLessThan(250_000)
  looks.mockRestore()
})

test('blocks far apart and in each other are found after many that have no end', () => {
  const text = `${'<details>\n\n'.repeat(1500)}${block(block('Inner.'))}`
  expect(html(text).match(/<details>/g)).toHaveLength(2)
})

test('tags in each other have a limit, and an end also ends those within it', () => {
  expect(html(`${'<b>'.repeat(30)}x${'</b>'.repeat(30)}`).match(/<b>/g)).toHaveLength(20)
  expect(html(`${'<b><i></b>'.repeat(30)}<sup>x</sup>`)).toContain('<sup>x</sup>')
  const deep = markdownFacts('<b>'.repeat(21)).unsupported
  expect(deep).toMatchObject([{ what: 'tag', text: 'b', level: 'warning' }])
})

test('a picture with an empty alt in HTML is decorative, and one in Markdown lacks its text', () => {
  const decorative = (text: string) => markdownFacts(text).references[0]!.isDecorative
  expect(decorative('<img src="assets/a.png" alt="">')).toBe(true)
  expect(decorative('<img src="assets/a.png">')).toBeUndefined()
  expect(decorative('![](assets/a.png)')).toBeUndefined()
})
