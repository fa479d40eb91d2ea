/** A calculation that a text prints: `(75 − 22) / 0.5 = 106`. */
export type Calculation = { text: string; result: number; stated: number; decimals: number }

/**
 * Two operands at least, the result after an equals sign, and its unit if that changes the number. Doesn't begin in the
 * middle of a longer calculation, nor end before the last of several equals signs.
 */
const printed = new RegExp(
  [
    String.raw`(?<![\w£.,²³)(√/×+−]|[/×+−√(] )`,
    String.raw`([\d(√][\d.,()×/+−√²³ ]*[×/+−√²³][\d.,()×/+−√²³ ]*?) [=≈] `,
    String.raw`[*£−]*(\d[\d,]*(?:\.\d+)?)(?![.,]?\d| [×/+−])\*{0,2}([ \u00a0]?(?:%|k[A-Z]))?`,
  ].join(''),
  'g',
)

/** Returns the calculations of a text, in its order. Those with words or units between their numbers are left out. */
export function calculationsIn(text: string): Calculation[] {
  return [...text.matchAll(printed)].flatMap(([whole, expression, stated, unit]) => {
    const result = valueOf(expression!.trim())
    if (result === null) return []
    const decimals = stated!.split('.')[1]?.length ?? 0
    const printedResult = numberOf(stated!)
    return [
      {
        text: whole,
        result: inUnit(Math.abs(result), unit ?? '', printedResult),
        stated: printedResult,
        decimals,
      },
    ]
  })
}

/** Percent and thousands are printed with their unit: `1 / 2 = 50%`, and what gives watts as kilowatts. */
function inUnit(result: number, unit: string, stated: number): number {
  if (unit.includes('%')) return result * 100
  return unit.includes('k') && result > 100 * stated ? result / 1000 : result
}

const numberOf = (words: string) => Number(words.replaceAll(',', ''))

/** Evaluates sums, products, quotients, brackets, squares, cubes and square roots; null when it can't be read. */
function valueOf(expression: string): number | null {
  const tokens = expression.match(/\d[\d,]*(?:\.\d+)?|[()×/+−√²³]/g) ?? []
  let at = 0
  const next = (...wanted: string[]) => wanted.includes(tokens[at] ?? '') && tokens[at++]
  const sum = (): number => {
    let value = product()
    for (let sign = next('+', '−'); sign; sign = next('+', '−')) value += (sign === '+' ? 1 : -1) * product()
    return value
  }
  const product = (): number => {
    let value = power()
    for (let sign = next('×', '/'); sign; sign = next('×', '/')) {
      const factor = power()
      value = sign === '×' ? value * factor : value / factor
    }
    return value
  }
  const power = (): number => {
    if (next('√')) return Math.sqrt(power())
    let value: number
    if (next('(')) {
      value = sum()
      next(')')
    } else value = numberOf(tokens[at++] ?? '')
    for (let sign = next('²', '³'); sign; sign = next('²', '³')) value **= sign === '²' ? 2 : 3
    return value
  }
  const value = sum()
  return at === tokens.length && Number.isFinite(value) ? value : null
}
