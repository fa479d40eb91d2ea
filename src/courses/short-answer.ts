import type { QuestionOf } from './question'

type TextAnswer = QuestionOf<'text'>['answers'][number]
type NumberAnswer = QuestionOf<'number'>['answers'][number]

/**
 * Returns which of the listed answers a typed text is, or undefined. Capitals, hyphens, quotation marks and punctuation
 * at the end of a word don't matter, and neither does one slip of the finger in a text of five letters or more. `*` in
 * an answer stands for any characters, `\*` for an asterisk.
 *
 * @param isExact compares letter by letter instead.
 */
export function textAnswer<Answer extends Pick<TextAnswer, 'content'>>(
  answers: readonly Answer[],
  typed: string,
  isExact = false,
): Answer | undefined {
  const read = isExact ? (text: string) => text.normalize('NFC').trim() : plainText
  const text = read(typed)
  if (!text) return undefined
  const exact = answers.find(({ content }) => matchesPattern(content, text, read))
  if (exact || isExact) return exact
  return answers.find(({ content }) => isOneSlip(read(content), text))
}

function plainText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’‘‚"“”„«»]/g, '')
    .replace(/[\p{Pd}_\s]+/gu, ' ')
    .replace(/[.,;:!?]+(?= |$)/g, '')
    .trim()
}

/** Whether a text is an answer that may have asterisks. Takes time in proportion to the text. */
function matchesPattern(pattern: string, text: string, read: (text: string) => string): boolean {
  const [first = '', ...rest] = pattern.split(/(?<!\\)\*/).map(part => read(part.replaceAll('\\*', '*')))
  if (!rest.length) return text === first
  if (!text.startsWith(first)) return false
  const last = rest.pop()!
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

/** Whether one letter was left out, added, replaced, or swapped with the next one. Digits have to be right. */
function isOneSlip(meant: string, typed: string): boolean {
  if (meant.length < 5 || /\d/.test(meant + typed) || Math.abs(meant.length - typed.length) > 1) return false
  let start = 0
  while (start < meant.length && meant[start] === typed[start]) start++
  let end = 0
  while (
    end < Math.min(meant.length, typed.length) - start &&
    meant[meant.length - 1 - end] === typed[typed.length - 1 - end]
  )
    end++
  const [was, is] = [meant.slice(start, meant.length - end), typed.slice(start, typed.length - end)]
  if (was.length <= 1 && is.length <= 1) return true
  return was.length === 2 && is.length === 2 && was[0] === is[1] && was[1] === is[0]
}

/**
 * Returns which of the listed answers a typed number is: the one that is worth most of those within their tolerance, or
 * undefined. `4.6`, `4,6`, `4.60` and `4.6 mm/s` are the same number, and `1,000` may be one or a thousand.
 *
 * @param unit may follow the number.
 */
export function numberAnswer<Answer extends Pick<NumberAnswer, 'value' | 'tolerance' | 'credit'>>(
  answers: readonly Answer[],
  typed: string,
  unit = '',
): Answer | undefined {
  const read = numbersIn(typed, unit)
  return answers
    .filter(answer => read.some(number => isWithin(answer, number)))
    .sort((a, b) => (b.credit ?? 100) - (a.credit ?? 100))[0]
}

/** 0.1 + 0.2 isn't 0.3 to a computer, and is to everyone else. */
const rounding = 1e-9

function isWithin(
  { value, tolerance = 0 }: Pick<NumberAnswer, 'value' | 'tolerance'>,
  number: number,
): boolean {
  return Math.abs(number - value) <= tolerance + rounding * Math.max(1, Math.abs(value))
}

/** Returns the numbers that a text may stand for; none for anything else. */
export function numbersIn(typed: string, unit = ''): number[] {
  const withUnit = typed
    .normalize('NFKC')
    .replace(/[٠-٩۰-۹]/g, digit => String(digit.charCodeAt(0) & 0xf))
    .replace(/٫/g, '.')
    .replace(/−/g, '-')
    .replace(/[\s'’٬]/g, '')
    .toLowerCase()
  const end = unit.normalize('NFKC').replace(/\s/g, '').toLowerCase()
  const text = end && withUnit.endsWith(end) ? withUnit.slice(0, -end.length) : withUnit
  const readings: string[] = []
  if (/^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d{1,3})?$/.test(text)) readings.push(text.replace(',', '.'))
  if (/^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text)) readings.push(text.replaceAll(',', ''))
  if (/^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?$/.test(text))
    readings.push(text.replaceAll('.', '').replace(',', '.'))
  return [...new Set(readings.map(Number))].filter(Number.isFinite)
}
