/**
 * The one door for text that people type or import. It removes what a reader can't see and a writer didn't mean:
 * control characters, zero-width characters, bidirectional controls, tags, variation selectors and soft hyphens, which
 * can hide words, reverse them, or make two names look the same. What a script needs to be read stays.
 */

/** Joining scripts, in which a zero-width (non-)joiner between two letters changes how they are written (RFC 5892). */
const joining = String.raw`\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}\u064b-\u0655\u0670`
const indicScripts = [
  ...['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada', 'Malayalam'],
  ...['Sinhala', 'Khmer', 'Myanmar', 'Thai', 'Lao', 'Tibetan', 'Balinese', 'Javanese'],
]
const indic = indicScripts.map(script => String.raw`\p{Script=${script}}`).join('')
/** Signs that silence a vowel. After them, a joiner chooses the form of the letter, even at the end of a word. */
const viramas = '\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u103a\u17d2\u1b44\ua9c0'

/** Joiners and emoji selectors: those with a purpose, or, as the group `stray`, any other. */
const joiners = new RegExp(
  [
    String.raw`(?<=\p{Extended_Pictographic})\ufe0f(?:\u200d(?=\p{Extended_Pictographic}))?`,
    String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}])\u200d(?=\p{Extended_Pictographic})`,
    String.raw`(?<=[0-9#*])\ufe0f(?=\u20e3)`,
    String.raw`(?<=[${viramas}])[\u200c\u200d]`,
    String.raw`(?<=[${indic}])[\u200c\u200d](?=[${indic}])`,
    String.raw`(?<=[${joining}])[\u200c\u200d](?=[${joining}])`,
    String.raw`(?<stray>[\u200c\u200d\ufe0f])`,
  ].join('|'),
  'gu',
)

const lineBreaks = /\r\n?|[\v\f\u0085\u2028\u2029]/g
const invisible =
  /(?![\u200c\u200d\ufe0f\t\n])[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\ufff9-\ufffc]/gu

/** Marks on one letter. Latin, Greek, Cyrillic and Arabic letters have up to 3, other scripts more. */
const longestMarks = /(\p{M}{30})\p{M}+/gu
const marks = /(\p{M}{6})\p{M}+/gu
const sharedMark = String.raw`(?:(?=\p{Script=Inherited})\p{M})`
const sharedMarks = new RegExp(`(${sharedMark}{3})${sharedMark}+`, 'gu')

/**
 * Returns text of several lines in the form in which it is stored: composed (NFC), with `\n` as the only line break,
 * without invisible characters, and with a few accents per letter at most.
 */
export function normaliseText(text: string): string {
  return (
    text
      // Normalising a long run of marks takes time that grows with its square.
      .replace(longestMarks, '$1')
      .replace(lineBreaks, '\n')
      .replace(invisible, '')
      .replace(joiners, (...match) => ((match.at(-1) as { stray?: string }).stray ? '' : String(match[0])))
      .normalize('NFC')
      .replace(sharedMarks, '$1')
      .replace(marks, '$1')
  )
}

/** Returns a name, a title or another single line: like `normaliseText`, trimmed, and with single spaces only. */
export function normaliseLine(text: string): string {
  return normaliseText(text)
    .replace(/[\s\p{Z}\u2800]+/gu, ' ')
    .replace(/^ |(?<=^ ?)\p{M}+| $/gu, '')
    .trim()
}
