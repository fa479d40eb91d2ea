import { checkCourse } from '../../src/courses/check-course'
import { withNewNames } from '../../src/courses/lesson-names'
import { renderMarkdown } from '../../src/courses/render'
import { courseContent } from '../kit/make'
import { demoFolders } from './files'
import { readCourse } from '../../src/courses/read-course'
import { readCourseFolder } from '../../src/courses/import-course'

/* What authors' other tools write: it works, or it is a finding with its line. Never in code. */

const today = new Date('2026-11-23T09:00:00Z')
const findingsOf = (body: string, more: Partial<Parameters<typeof courseContent>[0]> = {}) =>
  checkCourse(courseContent({ lessons: 1, lesson: () => ({ body, minutes: 1 }), ...more }), today)
    .filter(({ key }) => key.startsWith('studio:checks.unsupported'))
    .map(({ key, line, level }) => `${level} ${key.replace('studio:checks.unsupported.', '')} ${line}`)

const tools: [string, string, string][] = [
  ['front matter in a lesson', '---\ntitle: Part two\nminutes: 3\n---\n\nText.', 'error frontMatter 4'],
  ['a shortcode of Hugo', 'See {{< figure src="a.png" >}}.', 'error template 3'],
  ['a Markdown shortcode of Hugo', '{{% notice tip %}}\nText.\n{{% /notice %}}', 'error template 3'],
  ['a tag of Liquid', '{% include note.html %}', 'error template 3'],
  ['a variable of Jinja', 'Dear {{ user.name }},', 'error template 3'],
  ['a box of Docusaurus', ':::note\nText.\n:::', 'error container 3'],
  ['a box with a title', '::: warning Careful\nText.\n:::', 'error container 3'],
  ['a box of MkDocs', '!!! note "Read this"', 'error container 3'],
  ['a directive', '.. note:: Read this', 'error container 3'],
  ['a wiki link', 'Read [[Seals and rings|seals]].', 'error wikiLink 3'],
  ['an embed of Obsidian', '![[pump.png]]', 'error wikiLink 3'],
  ['a comment of Obsidian', 'Text %%for me%% text.', 'error comment 3'],
  ['a formula', 'Thus\n\n$$\nE = mc^2\n$$', 'error math 5'],
  ['a formula in a line', 'Then $\\frac{a}{b}$ litres.', 'error math 3'],
  ['a table of contents', '[TOC]', 'error contents 3'],
  ['a table of contents of a wiki', '[[_TOC_]]', 'error contents 3'],
  ['an import of MDX', "import Tabs from '@theme/Tabs'", 'error module 3'],
  ['an export of MDX', 'export const size = 3', 'error module 3'],
  ['a component', '<Player src="a.mp4" autoplay={true} />', 'error component 3'],
  ['a component around text', '<Tabs>\nText\n</Tabs>', 'error component 5'],
  ['attributes of kramdown', 'Text\n{: .note }', 'error attributes 4'],
  ['an id of a heading', '## Seals {#seals}', 'error attributes 3'],
  ['a tag of Word', 'Text<o:p></o:p> text', 'error word 3'],
  ['a condition of Word', '<![if !supportLists]>1.<![endif]>', 'error word 3'],
  ['a style of Word', '<style>p { mso-style-name: x }</style>', 'warning script 3'],
  ['a GitHub alert', '> [!NOTE]\n> Text', 'error callout 3'],
  ['a footnote', 'Text.[^1]\n\n[^1]: Note.', 'error footnote 3'],
  ['a code of WordPress', '[caption id="a"]Text[/caption]', 'error shortcode 3'],
  ['a code of a forum', 'Some [b]bold[/b] text', 'error shortcode 3'],
  ['a macro of Confluence', '{info}Text{info}', 'error shortcode 3'],
  ['a merge conflict', '<<<<<<< HEAD\nmine', 'error conflict 3'],
  ['a link with a space', 'See [the list](my list.pdf).', 'error link 3'],
  ['a link with a space and brackets', 'See [the list](my list (2).pdf).', 'error link 3'],
  ['a link without its target', 'See [the list][list].', 'error link 3'],
  ['an entity of an entity', 'Q&amp;amp;A', 'warning entity 3'],
  ['a code for an emoji', 'Well done :tada:', 'warning emoji 3'],
  ['bold that is not closed', 'This is **important.', 'warning emphasis 3'],
  ['bold next to a sign', '**注意：**文', 'warning emphasis 3'],
  ['subscript', 'H~2~O', 'warning subscript 3'],
]

test.each(tools)('an author is told about %s, with its line', (_name, text, finding) => {
  expect(findingsOf(`First.\n\n${text}\n`)).toContain(finding)
})

test.each(tools.filter(([name]) => !/front matter|attributes|id of a/.test(name)))(
  '%s may stand in code',
  (_name, text) => {
    expect(findingsOf(`First.\n\n\`\`\`\n${text}\n\`\`\`\n`)).toEqual([])
    expect(findingsOf(`First.\n\nWrite \`\`${text.split('\n')[0]}\`\` there.\n`)).toEqual([])
  },
)

test.each([
  'It costs $5 to $10, that is 50%, or {5} for a & b.',
  'Press <your name> at 10:30:45, 3 * 4 ** 2, a == b == c, 5 > 3, [sic], [1] (see below).',
  'Import pumps from Italy. Export a list! Wait... Really?! a_b_c, ~5 litres, 2^10, C:\\temp',
  'A - b; x: y. “Quoted”, (brackets) [brackets] {brackets}. https://x.example/a:b:c?d={e}',
  'https://x.example/:id: and 16:9 or 1:2:3.',
  'See [[1]], [[2, 3]], the sources [1][2], or a[0][1]. It matches [^a-z] and [^,].',
  'From $$ to $$$; a $$ is fair, $$$ is dear. Set $HOME\\docs for $5 and $6, and a==b and c==d.',
  'Setup [video, 3 min], [Audio only], {.5} of {#5}, {:ok, 1}, 100%% of 50%%.',
  '!!! Important: read this. ??? is a sign.',
  '---\n\nNote: text after a rule.',
  '- [ ] to do\n- [x] done',
])('plain text is not taken for a code: %s', text => {
  expect(findingsOf(`${text}\n`)).toEqual([])
})

test.each([
  ['a path in brackets', 'Call [/users] first.', 'warning shortcode 1'],
  ['a placeholder', 'Replace {note} in it.', 'warning shortcode 1'],
  ['brackets and a remark', 'Choose [Save](or press Enter).', 'warning link 1'],
])('%s may be meant, so it is only a warning', (_name, text, finding) => {
  expect(findingsOf(`${text}\n`)).toEqual([finding])
})

test('marked text is marked, and its code is not', () => {
  expect(renderMarkdown('A ==marked *word*== and ==this one==, `==x==`, a == b == c.', [])).toContain(
    '<mark>this one</mark>, <code>==x==</code>, a == b == c.',
  )
  expect(renderMarkdown('When a==b and c==d.', [])).toBe('<p>When a==b and c==d.</p>\n')
})

test('a learner never reads the program or the style that was pasted with a text', () => {
  const text = 'A <style>p { color: red }\n.x { y: z }</style> and <script>alert(1)</script>b.'
  expect(renderMarkdown(text, [])).toBe('<p>A \n and b.</p>\n')
})

test('titles and questions are plain text, and an author is told what they would show', () => {
  expect(findingsOf('Text.\n', { title: 'Q&amp;A' })).toEqual(['warning plain null'])
  const fields =
    'kind: single\nprompt: "Is **this** wet?<br>"\nchoices:\n  - {content: "[a](b.md)"}\n  - {content: b}'
  expect(findingsOf(`Text.\n\n\`\`\`quiz\n${fields}\n\`\`\`\n`)).toEqual([
    'warning plain 4',
    'warning plain 4',
    'warning plain 4',
  ])
})

test.each(demoFolders)('the demo’s course has none of it: %s', async folder => {
  const { content, assets } = await readCourse(await readCourseFolder(folder))
  const findings = checkCourse(
    { ...content, assets: assets.map(({ asset }) => ({ ...asset, hash: '' })) },
    today,
  )
  expect(findings.filter(({ key }) => key.includes('unsupported'))).toEqual([])
})

/* What is repeated may come from a stranger's zip, and is read for every learner. */
const pieces = [
  '{{',
  '[[',
  '$$ ',
  '[a',
  '<A ',
  '%%a',
  ':a',
  '**a ',
  '{:',
  '&a',
  '==a ',
  '$\\',
  'import ',
  '[^',
  '*',
]
const more = [
  '[video ',
  '{code:',
  'mso-',
  '[a]',
  '{info}',
  '$$====',
  'http://a',
  '.',
  '](a.md#',
  '../',
  '[x](../',
  ':',
]

test.each([...pieces, ...more])('a text of nothing but “%s” keeps nobody waiting', piece => {
  const text = piece.repeat(70_000 / piece.length)
  for (const each of [`${text} y`, `http://a${text}y`, `[x](${text.slice(0, 2000)}y)`]) {
    const names = { folders: new Map(), lessons: new Map(), renamed: [] }
    const readings = [
      () => findingsOf(each),
      () => renderMarkdown(each, []),
      () => withNewNames(`${each}\n[y](z.md) z`, 'a/b.md', names),
    ]
    for (const read of readings) {
      const before = process.cpuUsage()
      read()
      expect(process.cpuUsage(before).user / 1000).toBeLessThan(3000)
    }
  }
})
