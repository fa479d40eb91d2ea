import { markdownFacts } from '../../src/courses/markdown'
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

test('many beginnings without an end are read in time that grows with their number', () => {
  const began = performance.now()
  renderMarkdown('<details>\n<summary>x</summary>\n'.repeat(4000), [])
  expect(performance.now() - began).toBeLessThan(4000)
})

test('a picture with an empty alt in HTML is decorative, and one in Markdown lacks its text', () => {
  const decorative = (text: string) => markdownFacts(text).references[0]!.isDecorative
  expect(decorative('<img src="assets/a.png" alt="">')).toBe(true)
  expect(decorative('<img src="assets/a.png">')).toBeUndefined()
  expect(decorative('![](assets/a.png)')).toBeUndefined()
})
