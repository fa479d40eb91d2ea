import { openings } from './openings'
import { renderMarkdown } from '../../src/courses/render'

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
  expect(renderMarkdown('# One\n\n## Two\n', [])).toBe('<h2 id="one">One</h2>\n<h3 id="two">Two</h3>\n')
  expect(renderMarkdown('### One\n\n#### Two\n', [])).toBe('<h2 id="one">One</h2>\n<h3 id="two">Two</h3>\n')
  expect(renderMarkdown('## One\n', [], 'en', 3)).toBe('<h3 id="one">One</h3>\n')
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

test('an image whose name has spaces is shown, as Markdown or as HTML', () => {
  const image = `<img src="/assets/${'a'.repeat(64)}/two%20openings.png" alt="Two"`
  expect(renderMarkdown('![Two](assets/two openings.png)', [openings])).toContain(image)
  expect(renderMarkdown('![Two](assets/two openings.png "Title")', [openings])).toContain('title="Title"')
  expect(renderMarkdown('<img width="300" alt="Two" src="assets/two openings.png">', [openings])).toContain(
    image,
  )
  expect(renderMarkdown('`![Two](assets/two openings.png)`', [])).toContain('(assets/two openings.png)')
})

test('a comment is for authors, and a few tags work; the others disappear', () => {
  const text =
    'Ask <kbd>Ctrl</kbd>.<!-- not this -->\n\n<!-- for authors:\n\ndo not show this -->\n\nA<br>b, H<sub>2</sub>O, <font color="red">red</font>\n'
  expect(renderMarkdown(text, [])).toBe(
    '<p>Ask <kbd>Ctrl</kbd>.</p>\n<p>A<br />\nb, H<sub>2</sub>O, red</p>\n',
  )
  expect(renderMarkdown('<!-- a --> Text.', [])).toBe('<p> Text.</p>\n')
  expect(renderMarkdown('<!-- never ends\n\nText.', [])).toBe('')
  expect(renderMarkdown('Type <your name> or List<String>, 1 < 2', [])).toBe(
    '<p>Type &lt;your name&gt; or List&lt;String&gt;, 1 &lt; 2</p>\n',
  )
  expect(renderMarkdown('`<!-- code -->`\n\n    <!-- code -->\n', [])).toContain(
    '<code>&lt;!-- code --&gt;\n</code>',
  )
})

test('a task list shows what is done', () => {
  const html = renderMarkdown('- [ ] to do\n- [x] **done**\n- [link](#x)\n', [])
  expect(html).toContain('<li class="task"><input type="checkbox" disabled /> to do</li>')
  expect(html).toContain(
    '<li class="task"><input type="checkbox" disabled checked /> <strong>done</strong></li>',
  )
  expect(html).toContain('<li>link</li>')
})

test('headings have ids of their own, and links lead to them and to lessons', () => {
  const links = {
    lessons: [{ slug: 'third', body: '## Größe & Form\n' }],
    hrefOf: (slug: string) => `/courses/pumps/lessons/${slug}`,
  }
  const text =
    '## Setup\n\n## Setup\n\n## Ask\n\n[a](#setup-1) [b](../02-more/01-third.md#größe--form) [c](lessons/second)'
  const html = renderMarkdown(text, [], 'en', 2, links)
  expect(html).toContain(
    '<h2 id="setup">Setup</h2>\n<h2 id="setup-1">Setup</h2>\n<h2 id="section-ask">Ask</h2>',
  )
  expect(html).toContain('<a href="#setup-1">a</a>')
  expect(html).toContain(
    `<a href="/courses/pumps/lessons/third#${encodeURIComponent('größe--form')}">b</a> c</p>`,
  )
  expect(renderMarkdown('[b](01-third.md)', [])).toBe('<p>b</p>\n')
})

test('a telephone number, an address without a scheme and one of the academy open', () => {
  const html = renderMarkdown('[call](tel:+15550100) [site](www.example.com) [us](/pricing)', [])
  expect(html).toContain('<a href="tel:+15550100">call</a>')
  expect(html).toContain('<a href="https://www.example.com" rel="noopener noreferrer">site</a>')
  expect(html).toContain('<a href="/pricing">us</a>')
})

test('the page keeps its own ids', () => {
  const html = renderMarkdown('# Text\n\n# Transcript\n\n# About\n', [])
  expect(html.match(/id="[^"]+"/g)).toEqual([
    'id="section-text"',
    'id="section-transcript"',
    'id="section-about"',
  ])
})

test.each([
  ['assets/Bild 1 (kopi).png', '![A plan](assets/Bild 1 (kopi).png)'],
  ['assets/Plan (1) (2).png', '![A plan](../assets/Plan (1) (2).png "Title")'],
  ['assets/Plan(1).png', '![A plan](assets/Plan(1).png)'],
])('a learner sees %s, however its name is written', (path, text) => {
  const image = { path, hash: 'a'.repeat(64), size: 1, type: 'image/png', width: 40, height: 30 }
  expect(renderMarkdown(text, [image])).toContain(`<img src="/assets/${image.hash}/`)
})

test('a recording in a text is played, with the captions beside it', () => {
  const video = { path: 'assets/tour.mp4', hash: 'b'.repeat(64), size: 1, type: 'video/mp4' }
  const captions = { path: 'assets/tour.srt', hash: 'c'.repeat(64), size: 1, type: 'application/x-subrip' }
  const html = renderMarkdown('![A "short" tour](assets/tour.mp4)', [video, captions], 'de')
  expect(html).toContain(`<video src="/assets/${video.hash}/tour.mp4" controls preload="metadata"`)
  expect(html).toContain('aria-label="A &quot;short&quot; tour"')
  expect(html).toContain(
    `<track kind="captions" src="/assets/${captions.hash}/tour.vtt" srclang="de" default`,
  )
  expect(renderMarkdown('![Sound](assets/tour.mp4)', [video])).not.toContain('<track')
  expect(
    renderMarkdown('![Sound](assets/a.mp3)', [{ ...video, path: 'assets/a.mp3', type: 'audio/mpeg' }]),
  ).toContain('<audio src=')
})
