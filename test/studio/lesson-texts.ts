/** Texts in which an editor that only knows CommonMark would lose something. */
export const awkwardTexts = [
  '',
  '\n\n',
  'No line break at the end',
  '\n\nEmpty lines before and after.\n\n\n',
  'Setext heading\n===\n\nText  \nwith a break of two spaces.\n',
  '* one\n* two\n\n\n+ another list\n',
  '1) one\n2) two\n7) three\n',
  '- [ ] to do\n- [x] done\n- no task\n',
  '<details open><summary>Why?</summary>\nBecause.\n</details>\n',
  '<details>\n\n<summary>A *title*</summary>\n\n1. one\n2. two\n\n</details>\nText after it.\n',
  '<details>\n<summary>No end</summary>\n\nText.\n',
  'Press <kbd><kbd>Ctrl</kbd> + <kbd>C</kbd></kbd> or <kbd>F1</kbd>.\n',
  '<img src="assets/line.png" alt="">\n\n<img alt="A line" src=assets/line.png>\n',
  '![A film](https://vimeo.com/76979871 "Title")\n',
  '```tour\ntitle:  "Wake it"\nimage: assets/a.png\n```\n- item\n',
  '<!-- for authors -->\nText after a comment.\n',
  'Text <!-- within --> a line.\n',
  '- item\n  <!-- hidden in a list -->\n- item\n\nText\n',
  '[link][target] and [another].\n\n[target]: https://example.com "Title"\n[another]: assets/plan.pdf\n',
  'HTML <kbd>Ctrl</kbd> and <sub>2</sub>, <b>bold</b>, <span class="x">unknown</span><br>next line.\n',
  '<details><summary>More</summary>\n\nHidden text\n\n</details>\n',
  '<style>p { color: red }</style>\n\nText.\n',
  '| a | b |\n|:--|--:|\n| `x|y` | 1 \\| 2 |\n| short |\n\nText\n',
  '    indented code\n\n~~~sh title="x"\nls\n~~~\n\nText\n',
  '> quote\ncontinued lazily\n\n> - list in quote\n>   more\n\nText\n',
  '- a\n\n  second paragraph\n\n  ```\n  code\n  ```\n- b\n    - deep\n        1. deeper\n\nText\n',
  '![picture](assets/Plan (1).png) and ![](assets/x.png "Title")\n',
  '<https://example.com> and <me@example.com>\n',
  '==marked== and a==b and ~~gone~~\n',
  '***both*** **a*b*c** __x__ _y_\n',
  'He said \\*no\\* and 5 * 3 * 2, snake_case_name, a[0][1] & b &amp; c.\n',
  '# Heading #\n\n## Another ##\ntext directly below\n',
  '```quiz\nid: a\nkind: single\nprompt: What?\n```\n\n---\n\n***\n\nText\n',
  'Arabic: مرحبا بالعالم\n\nعنوان\n---\n\nنص\n',
  '> [!NOTE]\n> From another tool.\n\n:::tip\nBox\n:::\n',
  'One\nline after\nanother\n\n\tindented by a tab\n\nText\twith tabs\n',
  'Unclosed `code and **bold and [link](\n\nText\n',
  '\u00a0\n\nText after a line that only has a space that does not break.\n\n\u00a0\n\nText\u00a0\n\u00a0\n',
  '\u00a0\nHeading\n===\n\u3000\n\n\n<!-- not closed\n',
]

/** Returns numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Returns a lesson's text of 3 to 20 blocks, each in one of the styles in which authors write it. */
export function generatedText(seed: number): string {
  const random = randomOf(seed)
  const below = (n: number) => Math.floor(random() * n)
  const oneOf = <T>(list: readonly T[]): T => list[below(list.length)]!
  const times = <T>(n: number, make: () => T): T[] => Array.from({ length: n }, make)

  const word = () =>
    oneOf([
      'pump',
      'seal',
      'the',
      'a',
      '5',
      'flow-rate',
      'snake_case',
      'ab*c',
      'x < y',
      'R&D',
      'naïve',
      'مضخة',
      '3.',
      '[1]',
      'C#',
    ])
  const words = () => times(1 + below(6), word).join(' ')
  const span = () =>
    oneOf([
      words,
      words,
      words,
      () => `**${words()}**`,
      () => `__${words()}__`,
      () => `*${words()}*`,
      () => `_${words()}_`,
      () => `~~${words()}~~`,
      () => `==${oneOf(['marked', 'two words'])}==`,
      () => `\`${words()}\``,
      () => '`` a ` b ``',
      () =>
        `[${words()}](${oneOf(['https://example.com/a_b', '02-next.md', 'assets/Plan (1).png', '#part'])})`,
      () => `[${words()}](<https://example.com/a b> "Title")`,
      () => `![${words()}](assets/x.png)`,
      () => `<kbd>${oneOf(['Ctrl', 'Esc'])}</kbd>`,
      () => '<span>tag</span>',
      () => '<!-- note -->',
      () => '<https://example.com>',
      () => '&nbsp;&copy;',
      () => '\\*escaped\\*',
    ])()
  const line = () => times(1 + below(4), span).join(' ')
  const lines = () => times(1 + below(3), line).join(oneOf(['\n', '  \n', '\\\n', '<br>']))
  const item = (indent: string) => `${line()}${random() < 0.2 ? `\n\n${indent}${line()}` : ''}`
  const list = (): string => {
    const isLoose = random() < 0.3
    const [first, indent] = oneOf([
      ['- ', '  '],
      ['* ', '  '],
      ['+   ', '    '],
      ['1. ', '   '],
      ['3) ', '   '],
      ['- [ ] ', '  '],
    ] as const)
    const items = times(1 + below(4), () => {
      const nested = random() < 0.25 ? `\n${indent}${oneOf(['- ', '1. '])}${line()}` : ''
      return `${first}${item(indent)}${nested}`
    })
    return items.join(isLoose ? '\n\n' : '\n')
  }
  const table = () => {
    const columns = 1 + below(3)
    const row = () => `| ${times(columns, words).join(' | ')} |`
    const ruler = `|${times(columns, () => oneOf(['---', ':--', '--:', ':-:'])).join('|')}|`
    return [row(), ruler, ...times(below(4), row)].join('\n')
  }
  const block = () =>
    oneOf([
      lines,
      lines,
      lines,
      () => `${'#'.repeat(1 + below(6))} ${line()}${oneOf(['', ' ##'])}`,
      () => `${words()}\n${oneOf(['===', '---'])}`,
      list,
      list,
      table,
      () => lines().replace(/^/gm, oneOf(['> ', '>'])),
      () =>
        `${oneOf(['```', '````', '~~~'])}`.replace(
          /^(.*)$/,
          (_all, fence: string) => `${fence}sh\n${words()}\n\n  ${words()}\n${fence}`,
        ),
      () => `    ${words()}\n    ${words()}`,
      () => oneOf(['---', '***', '_ _ _']),
      () => `<!-- ${words()}\n${words()} -->`,
      () => `[${oneOf(['a', 'b'])}]: https://example.com`,
      () => '```quiz\nkind: single\nprompt: What?\n```',
      () => ':::note\nBox\n:::',
    ])()
  return times(3 + below(18), () => block() + oneOf(['\n', '\n\n', '\n\n', '\n\n', '\n\n\n'])).join('')
}
