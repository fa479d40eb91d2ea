/** Code of a text, which is left alone. Repetitions are bounded, so that the time grows with the text's length. */
const code =
  '^ {0,3}(?<fence>`{3,}|~{3,}).*?(?:^ {0,3}\\k<fence>[`~]*[^\\S\\n]*$|(?![\\s\\S]))|' +
  '(?<!`)(?<tick>`{1,3})(?!`)[^`](?:.{0,400}?[^`])?\\k<tick>(?!`)'

/**
 * Returns a function that changes where the links, pictures and `<img>` tags of a Markdown text lead, and no other
 * byte.
 *
 * @param plain the source of a pattern of the targets that aren't in angle brackets. Its repetitions must be bounded.
 */
export function targetChanger(
  plain: string,
): (text: string, change: (target: string) => string | null) => string {
  const before = '\\]\\(\\s*|^ {0,3}\\[[^\\]\\n]+\\]:[^\\S\\n]*|<img\\b[^<>\\n]{0,400}?\\ssrc=["\']?'
  const targets = new RegExp(
    `(?<code>${code})|(?<before>${before})(?<target><[^>\\n]{1,400}>|${plain})`,
    'gims',
  )
  return (text, change) =>
    text.replace(targets, (whole: string, ...rest: unknown[]) => {
      const { code, before, target } = rest.at(-1) as Record<string, string | undefined>
      if (code !== undefined || target === undefined) return whole
      const changed = change(target)
      return changed === null ? whole : before + changed
    })
}
