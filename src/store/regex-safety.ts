/**
 * JavaScript matches regular expressions by backtracking and cannot be interrupted, so what could take for ever is
 * recognised before it runs. A pattern is exponential when a repeated part can match the same text in two ways, as in
 * `(a+)+`, `(a|a)*` or `(\w+\s?)+`: in the automaton of its positions (Glushkov's), two different paths then lead from
 * a position back to itself with the same text. Weideman et al., "Analyzing Matching Time Behavior of Backtracking
 * Regular Expression Matchers by Using Ambiguity of NFA": https://doi.org/10.1007/978-3-319-40946-7_27
 */
export interface RegexCost {
  isExponential: boolean
  /** The time to match is at most proportional to the length of the text to the power of this. */
  degree: number
  /** What that is multiplied by: the ways to choose among alternatives and in short repetitions. */
  choices: number
}

/** A character, class or escape, which matches one character. */
interface Position {
  matches: boolean[]
  /** The positions that can come next within a repetition. */
  next: Set<Position>
}

interface Part {
  positions: Position[]
  nullable: boolean
  first: Position[]
  last: Position[]
  /** How many unbounded repetitions can follow each other. */
  degree: number
  choices: number
}

/** Repetitions up to this many times are not considered unbounded. */
const fewTimes = 10
/** A pattern with more ways to choose is treated as exponential. */
const maxChoices = 1e6
/** The most positions inside repetitions that are analysed. */
const maxPositions = 150

class Ambiguous extends Error {}

const token = new RegExp(
  [
    /\\u\{[0-9a-fA-F]+\}|\\[pP]\{[^}]*\}|\\x..|\\[^]/u.source,
    /\[(?:\\[^]|[^\]\\])*\]/u.source,
    /\{\d+(?:,\d*)?\}|\(\?(?:<?[=!]|:|<\w+>)|[^]/u.source,
  ].join('|'),
  'gu',
)

/** Returns what a JavaScript pattern costs. `source` is valid, and has the flag `u`. */
export function regexCost(source: string, flags: string): RegexCost {
  const tokens = source.match(token)
  const repeated = new Set<Position>()
  const alphabet = alphabetOf(source)
  const parser = { tokens: tokens ?? [], at: 0, alphabet, flags: flags.replace(/[gy]/g, ''), repeated }
  try {
    const { degree, choices } = alternatives(parser)
    const anchored = source.startsWith('^') && !source.includes('|')
    const isExponential = choices > maxChoices || repeated.size > maxPositions || isAmbiguous([...repeated])
    return { isExponential, degree: degree + (anchored ? 0 : 1), choices }
  } catch (error) {
    if (error instanceof Ambiguous) return { isExponential: true, degree: Infinity, choices: Infinity }
    throw error
  }
}

interface Parser {
  tokens: string[]
  at: number
  alphabet: string[]
  flags: string
  /** The positions inside repetitions. */
  repeated: Set<Position>
}

/** Returns a character for every kind that the pattern tells apart, or more. */
function alphabetOf(source: string): string[] {
  const chars = new Set('aZ0_ \n\t-.@é\u{10000}')
  const escaped = [...source.matchAll(/\\u\{([0-9a-fA-F]+)\}|\\x([0-9a-fA-F]{2})/g)]
  for (const [, long, short] of escaped) chars.add(String.fromCodePoint(parseInt((long ?? short)!, 16)))
  for (const char of [...source].slice(0, 2000)) {
    const code = char.codePointAt(0)!
    for (const near of [code - 1, code, code + 1])
      if (near >= 0 && near <= 0x10ffff && !(near >= 0xd800 && near < 0xe000))
        chars.add(String.fromCodePoint(near))
  }
  return [...chars]
}

const nothing: Part = { positions: [], nullable: true, first: [], last: [], degree: 0, choices: 1 }

function alternatives(parser: Parser): Part {
  const parts = [sequence(parser)]
  while (parser.tokens[parser.at] === '|') {
    parser.at++
    parts.push(sequence(parser))
  }
  return {
    positions: parts.flatMap(({ positions }) => positions),
    nullable: parts.some(({ nullable }) => nullable),
    first: parts.flatMap(({ first }) => first),
    last: parts.flatMap(({ last }) => last),
    degree: Math.max(...parts.map(({ degree }) => degree)),
    choices: parts.reduce((sum, { choices }) => sum + choices, 0),
  }
}

function sequence(parser: Parser): Part {
  let all = nothing
  for (let token = parser.tokens[parser.at]; token !== undefined && token !== '|' && token !== ')';) {
    const part = quantified(parser)
    connect(all.last, part.first)
    all = {
      positions: [...all.positions, ...part.positions],
      nullable: all.nullable && part.nullable,
      first: all.nullable ? [...all.first, ...part.first] : all.first,
      last: part.nullable ? [...all.last, ...part.last] : part.last,
      degree: all.degree + part.degree,
      choices: all.choices * part.choices,
    }
    token = parser.tokens[parser.at]
  }
  return all
}

/** Connects positions. Two connections of the same two are two ways to match the same. */
function connect(from: Position[], to: Position[]): void {
  for (const one of from)
    for (const other of to) {
      if (one.next.has(other)) throw new Ambiguous()
      one.next.add(other)
    }
}

function quantified(parser: Parser): Part {
  const part = atom(parser)
  let token = parser.tokens[parser.at] ?? ''
  let { nullable, degree, choices } = part
  while (/^[*+?]$|^\{\d/.test(token)) {
    const counts = /^\{(\d+)(,?)(\d*)\}$/.exec(token)
    const [min, max] = counts
      ? [Number(counts[1]), counts[2] ? Number(counts[3] || Infinity) : Number(counts[1])]
      : [token === '+' ? 1 : 0, token === '?' ? 1 : Infinity]
    nullable ||= min === 0
    if (max > fewTimes) {
      connect(part.last, part.first)
      for (const position of part.positions) parser.repeated.add(position)
      degree = Math.max(1, degree)
    } else choices = choices ** max * (max - min + 1)
    parser.at++
    // A lazy quantifier tries the same matches in another order.
    if (parser.tokens[parser.at] === '?') parser.at++
    token = parser.tokens[parser.at] ?? ''
  }
  return { ...part, nullable, degree, choices }
}

function atom(parser: Parser): Part {
  const token = parser.tokens[parser.at++]!
  if (token.startsWith('(')) {
    const group = alternatives(parser)
    parser.at++
    // What looks ahead or behind matches no text itself.
    return /^\(\?<?[=!]/.test(token) ? { ...nothing, degree: group.degree, choices: group.choices } : group
  }
  if (token === '^' || token === '$' || /^\\[bB]$/.test(token)) return nothing
  const single = new RegExp(`^(?:${token})$`, parser.flags)
  const position = { matches: parser.alphabet.map(char => single.test(char)), next: new Set<Position>() }
  return {
    positions: [position],
    nullable: false,
    first: [position],
    last: [position],
    degree: 0,
    choices: 1,
  }
}

/** The most steps of the analysis. A pattern that needs more is treated as exponential. */
const maxSteps = 300_000

/** Returns true when two different paths lead from a position to itself with the same text. */
function isAmbiguous(positions: Position[]): boolean {
  const count = positions.length
  const number = new Map(positions.map((position, i) => [position, i]))
  const overlap = positions.map(one =>
    positions.map(other => one.matches.some((matches, i) => matches && other.matches[i])),
  )
  const next = positions.map(({ next }) =>
    [...next].map(position => number.get(position)).filter(i => i !== undefined),
  )
  // Where the next character always decides which way to go, there is only one.
  if (next.every(list => list.every((c, i) => list.every((d, j) => i === j || !overlap[c]![d])))) return false
  let steps = 0
  const isMixed = (pair: number) => Math.floor(pair / count) !== pair % count
  const reach = (start: number, edges: (pair: number) => number[]) => {
    const seen = new Set([start])
    for (const pair of seen)
      for (const other of edges(pair)) {
        if (++steps > maxSteps) throw new Ambiguous()
        seen.add(other)
      }
    return seen
  }
  /** The pairs that follow a pair of positions when both read the same character. */
  const following = (pair: number) =>
    next[Math.floor(pair / count)]!.flatMap(c =>
      next[pair % count]!.filter(d => overlap[c]![d]).map(d => c * count + d),
    )
  return positions.some((_, i) => {
    const start = i * count + i
    const ahead = reach(start, following)
    if (![...ahead].some(isMixed)) return false
    const before = new Map<number, number[]>()
    for (const pair of ahead)
      for (const other of following(pair)) {
        const known = before.get(other)
        if (known) known.push(pair)
        else before.set(other, [pair])
      }
    return [...reach(start, pair => before.get(pair) ?? [])].some(isMixed)
  })
}
