import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { Fragment, type Node } from 'prosemirror-model'
import { openLesson, writeLesson, type OpenLesson } from '../../public/editor/lesson-text'
import { schema } from '../../public/editor/schema'
import { writeBlock } from '../../public/editor/write-markdown'
import { unzip } from '../../src/courses/unzip'
import { withPlainLineEnds } from '../../src/courses/content'
import { demoFolders } from '../courses/files'
import { awkwardTexts, generatedText } from './lesson-texts'

type Named = { name: string; text: string }

const root = resolve(__dirname, '../..')
const othersFolder = resolve(root, '../shared/data/reported')

/** Returns what follows the front matter of a lesson's file. */
const bodyOf = (file: string) => withPlainLineEnds(file).replace(/^---\n[\s\S]*?\n---\n/, '')

const demoTexts = demoFolders.flatMap(folder =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => ({
      name: relative(root, join(folder, name)),
      text: bodyOf(readFileSync(join(folder, name), 'utf8')),
    })),
)
const awkward = awkwardTexts.map((text, n) => ({ name: `awkward text ${n + 1}`, text }))
const generated = Array.from({ length: 300 }, (_, n) => ({
  name: `seed ${n + 1}`,
  text: generatedText(n + 1),
}))

async function textsOfZips(folder: string): Promise<Named[]> {
  const zips = readdirSync(folder).filter(name => name.endsWith('.zip'))
  const files = await Promise.all(zips.map(async name => unzip(readFileSync(join(folder, name)))))
  return files.flatMap((all, n) =>
    all
      .filter(({ path }) => path.endsWith('.md'))
      .map(({ path, bytes }) => ({ name: `${zips[n]}: ${path}`, text: bodyOf(bytes.toString('utf8')) })),
  )
}

/** Returns the names of texts that opening and saving changes. */
function changedBySaving(texts: Named[]): string[] {
  return texts.filter(({ text }) => save(openLesson(text)) !== text).map(({ name }) => name)
}

const save = (lesson: OpenLesson, doc = lesson.doc) => writeLesson(lesson, doc).text

/** Types a word at the end of the first paragraph and one in the middle, and returns what else that changes. */
function changedElsewhere({ name, text }: Named): string[] {
  const lesson = openLesson(text)
  const paragraphs = [...lesson.originals.entries()].filter(([, { node }]) => node.type.name === 'paragraph')
  const some = new Set([paragraphs[0], paragraphs[paragraphs.length >> 1]])
  return [...some].flatMap(each => {
    if (!each) return []
    const [n, { node, from, to }] = each
    const edited = withWord(node)
    const saved = save(lesson, lesson.doc.copy(lesson.doc.content.replaceChild(n, edited)))
    const expected = text.slice(0, from) + writeBlock(edited) + text.slice(to)
    const again = openLesson(saved).doc.maybeChild(n)
    if (saved === expected && again?.textContent.endsWith(' typed')) return []
    return [`${name}, block ${n + 1}: ${JSON.stringify(saved.slice(Math.max(0, from - 30), to + 60))}`]
  })
}

const withWord = (textblock: Node) => textblock.copy(textblock.content.addToEnd(schema.text(' typed')))

describe('a lesson that is opened and saved keeps every byte', () => {
  test(`in the ${demoTexts.length} texts of the demo's courses`, () => {
    expect(demoTexts.length).toBeGreaterThan(80)
    expect(changedBySaving(demoTexts)).toEqual([])
  })

  test('in texts with what the editor has no form for', () => {
    expect(changedBySaving(awkward)).toEqual([])
  })

  test('in 300 texts of a generator', () => {
    expect(changedBySaving(generated)).toEqual([])
  })

  test('in courses that authors reported', async () => {
    const texts = await textsOfZips(join(root, 'test/courses/reported'))
    expect(texts.length).toBeGreaterThan(10)
    expect(changedBySaving(texts)).toEqual([])
  })

  const others = existsSync(othersFolder) ? test : test.skip
  others('in the courses of ../shared/data, which is beside the project on some machines', async () => {
    expect(changedBySaving(await textsOfZips(othersFolder))).toEqual([])
  })
})

describe('editing a paragraph changes that paragraph only', () => {
  test('in the demo courses', () => {
    expect(demoTexts.flatMap(changedElsewhere)).toEqual([])
  })

  test('in texts with what the editor has no form for', () => {
    expect(awkward.flatMap(changedElsewhere)).toEqual([])
  })

  test('in texts of a generator', () => {
    expect(generated.flatMap(changedElsewhere)).toEqual([])
  })
})

test('nearly everything in the demo is edited as it looks, not as its Markdown', () => {
  const blocks = demoTexts.flatMap(({ text }) => openLesson(text).originals)
  const asMarkdown = blocks.filter(
    ({ node }) => node.type.name === 'source_block' && node.attrs.kind === 'other',
  )
  expect(asMarkdown.map(({ text }) => text)).toEqual([])
})

test.each([
  ['emphasis within emphasis', '_a*b c*d_'],
  ['a comment within a list', '- item\n  <!-- hidden -->\n- item'],
  ['the target of a link within a quotation', '> [a]\n>\n> [a]: https://example.com'],
  ['a program', '<script>run()</script>'],
])('what the editor could not write again is edited as its Markdown: %s', (_what, text) => {
  const [first, ...rest] = openLesson(text).doc.children
  expect(first!.type.name).toBe('source_block')
  expect(first!.textContent).toBe(text)
  expect(rest).toEqual([])
})

/** Opens a text, changes the document, and returns what is saved. */
function edited(text: string, change: (blocks: Node[]) => Node[]): string {
  const lesson = openLesson(text)
  return save(lesson, schema.node('doc', null, change([...lesson.doc.children])))
}

const paragraph = (text: string) => schema.node('paragraph', null, [schema.text(text)])
/** Puts plain text behind one of the texts of a block. */
const appended = (block: Node, n: number, text: string) =>
  block.copy(Fragment.from(block.children.toSpliced(n + 1, 0, schema.text(text))))
const replaceAt = (blocks: Node[], n: number, block: Node) => blocks.with(n, block)

describe('what an author changes is written', () => {
  test('a new paragraph stands alone, and its neighbours keep their bytes', () => {
    expect(edited('*a*\n\n__b__\n', ([a, b]) => [a!, paragraph('new'), b!])).toBe('*a*\n\nnew\n\n__b__\n')
  })

  test('a paragraph that follows a heading directly still does when it is edited', () => {
    expect(edited('# A\nb\n', blocks => replaceAt(blocks, 1, paragraph('c')))).toBe('# A\nc\n')
  })

  test('a heading that becomes a paragraph is kept apart from the text below it', () => {
    expect(edited('# A\nb\n', blocks => replaceAt(blocks, 0, paragraph('A')))).toBe('A\n\nb\n')
  })

  test('blocks that move keep their bytes', () => {
    expect(edited('*a*\n\n__b__\n\n+ c\n', ([a, b, c]) => [c!, a!, b!])).toBe('+ c\n\n*a*\n\n__b__\n')
  })

  test('a block that is deleted leaves no gap, and a lesson can be emptied', () => {
    expect(edited('a\n\n\n\nb\n\n\nc\n', ([a, , c]) => [a!, c!])).toBe('a\n\nc\n')
    expect(edited('a\n', () => [schema.node('paragraph')])).toBe('')
  })

  test('an item that is added to a list changes no other item', () => {
    const text = '*   one __bold__\n*   two\n'
    const added = edited(text, ([list]) => [
      list!.copy(list!.content.addToEnd(schema.node('list_item', null, [paragraph('three')]))),
    ])
    expect(added).toBe('*   one __bold__\n*   two\n* three\n')
  })

  test('an item that is removed from a numbered list renumbers those below', () => {
    const text = '1. one __bold__\n2. two\n3. three __bold__\n'
    const removed = edited(text, ([list]) => [
      list!.copy(
        list!.content
          .cut(0, list!.child(0).nodeSize)
          .append(list!.content.cut(list!.child(0).nodeSize + list!.child(1).nodeSize)),
      ),
    ])
    expect(removed).toBe('1. one __bold__\n2. three __bold__\n')
  })

  test('a cell that is edited changes no other row', () => {
    const text = '|  a |b|\n|:--|---|\n|  __1__ |  2|\n|3|4|\n'
    const changed = edited(text, ([table]) => {
      const row = table!.child(2)
      return [
        table!.copy(
          table!.content.replaceChild(2, row.copy(row.content.replaceChild(0, withWord(row.child(0))))),
        ),
      ]
    })
    expect(changed).toBe('|  a |b|\n|:--|---|\n|  __1__ |  2|\n| 3 typed | 4 |\n')
  })

  test('text that looks like Markdown is written so that it stays text, with few backslashes', () => {
    const texts = [
      '5 * 3 * 2',
      'a_b_c',
      '*not bold*',
      '# no heading',
      '1. no list',
      '- no list',
      '<b>',
      '&amp;',
      '==a==',
      '`a`',
      '[a](b)',
      'a[0] and (b)',
      '> no quote',
      '~~a~~',
      'C:\\path\\*',
      '---',
      '| a | b |',
    ]
    const saved = texts.map(text => edited('', () => [paragraph(text)]).trimEnd())
    expect(saved.map(text => openLesson(text).doc.firstChild!.textContent)).toEqual(texts)
    expect(saved.slice(0, 2)).toEqual(['5 * 3 * 2', 'a_b_c'])
    expect(saved[11]).toBe('a[0] and (b)')
  })

  test('a word typed directly after marked text leaves it marked', () => {
    expect(edited('==marked== text\n', ([block]) => [appended(block!, 0, 's')])).toBe(
      '<mark>marked</mark>s text\n',
    )
  })

  test('what is in brackets becomes no link because the lesson has a target of that name', () => {
    const text = 'See \\[1] and [two][1].\n\n[1]: https://x.example\n'
    const saved = edited(text, ([block, target]) => [
      appended(block!, 0, 'also '),
      target!,
      paragraph('As in [1].'),
    ])
    expect(saved).toBe(
      'See \\[1\\] and also [two](https://x.example).\n\n[1]: https://x.example\n\nAs in \\[1\\].\n',
    )
    expect(edited('a\n', ([block]) => [block!, paragraph('As in [1].')])).toBe('a\n\nAs in [1].\n')
  })

  test('a line separator of another program within emphasis loses nothing behind it', () => {
    const pasted = (mark: string) =>
      schema.node('paragraph', null, [schema.text('one \u2028two\u2029 three', [schema.mark(mark)])])
    const saved = ['strong', 'em', 'strike', 'highlight'].map(mark => edited('', () => [pasted(mark)]))
    expect(saved).toEqual(
      ['**one two three**', '*one two three*', '~~one two three~~', '==one two three=='].map(
        text => `${text}\n`,
      ),
    )
  })

  test('spaces at the beginning, some of them bold, make no code of a paragraph', () => {
    const bold = schema.text(' ', [schema.mark('strong')])
    const spaced = schema.node('paragraph', null, [bold, schema.text('    text    '), bold])
    expect(edited('', () => [spaced])).toBe('text\n')
  })

  test('text that a reader opens is written with its title, and what is in it', () => {
    const more = schema.node('details', null, [
      schema.node('summary', null, [schema.text('Why '), schema.text('now', [schema.mark('em')])]),
      paragraph('Because.'),
      schema.node('bullet_list', null, [schema.node('list_item', null, [paragraph('one')])]),
    ])
    const text = '<details>\n<summary>Why *now*</summary>\n\nBecause.\n\n- one\n\n</details>\n'
    expect(edited('', () => [more])).toBe(text)
    expect(openLesson(text).doc.firstChild!.eq(more)).toBe(true)
    const empty = schema.node('details', null, [schema.node('summary'), schema.node('paragraph')])
    expect(openLesson(edited('', () => [empty])).doc.firstChild!.eq(empty)).toBe(true)
  })

  test('a picture that is decorative says so, and one with a description is written as Markdown', () => {
    const picture = (attrs: object) =>
      schema.node('paragraph', null, [schema.node('image', { src: 'assets/a b.png', ...attrs })])
    expect(edited('', () => [picture({ isDecorative: true })])).toBe('<img src="assets/a b.png" alt="">\n')
    expect(edited('', () => [picture({ alt: 'A pump' })])).toBe('![A pump](assets/a%20b.png)\n')
    expect(edited('<img src="assets/a.png" alt=""> text\n', ([block]) => [appended(block!, 1, 's')])).toBe(
      '<img src="assets/a.png" alt=""> texts\n',
    )
  })

  test('a key within keys keeps its tags when the text around it changes', () => {
    const text = 'Press <kbd><kbd>Ctrl</kbd>+<kbd>C</kbd></kbd> now'
    const saved = edited(`${text}\n`, ([block]) => [appended(block!, block!.childCount - 1, '!')])
    expect(saved).toBe(`${text}!\n`)
  })

  test('emphasis that asterisks cannot mark is written with tags', () => {
    const note = schema.node('paragraph', null, [
      schema.text('Note:', [schema.mark('strong')]),
      schema.text('this'),
    ])
    const saved = edited('', () => [note])
    expect(openLesson(saved).doc.firstChild!.eq(note)).toBe(true)
  })
})
