import { renderMarkdown } from '../../src/courses/render'

const openings = {
  path: 'assets/two openings.png',
  hash: 'a'.repeat(64),
  size: 10,
  type: 'image/png',
  width: 640,
  height: 400,
}

test('images of the course have their size and load lazily', () => {
  expect(renderMarkdown('![Two openings](assets/two%20openings.png)', [openings])).toBe(
    `<p><img src="/assets/${'a'.repeat(64)}/two%20openings.png" alt="Two openings" width="640" height="400" loading="lazy" decoding="async" /></p>\n`,
  )
})

test('a missing image or file leaves its text', () => {
  const html = renderMarkdown('![Two openings](assets/gone.png) and [the sheet](assets/gone.csv)', [])
  expect(html).toBe('<p>Two openings and the sheet</p>\n')
})

test('an external image is not loaded, because its host would learn who reads', () => {
  expect(renderMarkdown('![Seen](https://tracker.example/1.gif)', [])).toBe('<p>Seen</p>\n')
})

test('pasted HTML and scripts cannot run in the reader’s browser', () => {
  const html = renderMarkdown(
    '<script>alert(1)</script>\n\n[a](javascript:alert(1)) <img src=x onerror=alert(1)> [b](//evil.example)\n\n```js" onload="x\n<b>\n```\n',
    [],
  )
  expect(html).not.toMatch(/<script|<img|href="javascript|href="\/\/|<b>|onload="/)
})

test('the highest heading of a text follows the page’s title', () => {
  expect(renderMarkdown('# One\n\n## Two\n', [])).toBe('<h2>One</h2>\n<h3>Two</h3>\n')
  expect(renderMarkdown('### One\n\n#### Two\n', [])).toBe('<h2>One</h2>\n<h3>Two</h3>\n')
  expect(renderMarkdown('## One\n', [], 'en', 3)).toBe('<h3>One</h3>\n')
})

test('code, tables and external links need no inline styles', () => {
  const html = renderMarkdown('```ts\nlet a\n```\n\n|a|b|\n|:-:|--:|\n|1|2|\n\n[x](https://x.example)', [])
  expect(html).toContain('<code class="language-ts">')
  expect(html).toContain('<th class="align-center">a</th>')
  expect(html).toContain('<td class="align-end">2</td>')
  expect(html).toContain('<a href="https://x.example" rel="noopener noreferrer">x</a>')
  expect(html).not.toContain('style=')
})

test('quiz blocks are not shown as code', () => {
  expect(renderMarkdown('Text.\n\n```quiz\nkind: single\n```\n', [])).toBe('<p>Text.</p>\n')
})

test('quotation marks follow the language', () => {
  const text = `Lu's "first" call -- \`"code"\` (c)`
  expect(renderMarkdown(text, [])).toBe('<p>Lu’s “first” call -- <code>"code"</code> (c)</p>\n')
  expect(renderMarkdown('"Ja"', [], 'de-AT')).toBe('<p>„Ja“</p>\n')
})
