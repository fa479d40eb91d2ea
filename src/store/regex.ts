import { notImplemented, serverError, type ServerError } from './errors'
import { regexCost } from './regex-safety'

/** A compiled regular expression. */
export interface SafeRegex {
  /** @throws 51156 for a text that is too long for the pattern */
  test(text: string): boolean
  /** @throws 51156 for a text that is too long for the pattern */
  exec(text: string): RegExpExecArray | null
  /** Where a global expression continues. */
  lastIndex: number
}

const cache = new Map<string, SafeRegex>()
/**
 * The most steps that a match may take, if the text is as bad as it can be. They take up to 2.5 s: a match can't be
 * interrupted, and the watchdog ends a thread that does nothing else for 4 s.
 */
const maxSteps = 1e9

/** Error codes for the patterns of filters. Expressions have their own. */
const ofFilters = { nul: 2, invalid: 51091 }

/**
 * Translates a PCRE pattern to a JavaScript one with the same meaning. MongoDB manual, "$regex":
 * https://www.mongodb.com/docs/manual/reference/operator/query/regex/
 *
 * @throws 238 for what JavaScript cannot express (possessive quantifiers, atomic groups, recursion, back
 *   references, options anywhere but at the start) and for patterns that could take exponential time, 51108
 *   for an unknown option, and `codes` for invalid patterns
 */
export function compileRegex(pattern: string, options: string, flags = '', codes = ofFilters): SafeRegex {
  const key = `${flags}/${options}/${pattern}`
  const known = cache.get(key)
  if (known) return known
  for (const option of options)
    if (!'imsxu'.includes(option)) throw serverError(51108, `invalid flag in regex options: ${option}`)
  if (pattern.includes('\0'))
    throw serverError(codes.nul, 'Regular expression cannot contain an embedded null byte')
  const translated = translate(pattern, options, flags, reason =>
    serverError(codes.invalid, `Regular expression is invalid: ${reason}`),
  )
  const made = boundTime(translated, pattern)
  if (cache.size > 500) cache.clear()
  cache.set(key, made)
  return made
}

/** Returns an expression that refuses what would take too long. */
function boundTime(expression: RegExp, pattern: string): SafeRegex {
  const { isExponential, degree, choices } = regexCost(expression.source, expression.flags)
  if (isExponential)
    throw notImplemented(
      `The regular expression '${pattern.slice(0, 100)}', which could take exponential time,`,
    )
  const maxLength = degree === 0 ? Infinity : (maxSteps / choices) ** (1 / degree)
  const checked = (text: string) => {
    if (text.length <= maxLength) return text
    throw serverError(
      51156,
      `The regular expression '${pattern.slice(0, 100)}' could take too long on a string of ${text.length} characters`,
    )
  }
  return {
    test: text => expression.test(checked(text)),
    exec: text => expression.exec(checked(text)),
    get lastIndex() {
      return expression.lastIndex
    },
    set lastIndex(at) {
      expression.lastIndex = at
    },
  }
}

interface Scan {
  chars: string[]
  at: number
  /** Between \Q and \E. */
  quoted: boolean
  invalid(reason: string): ServerError
}

function translate(pattern: string, options: string, flags: string, invalid: Scan['invalid']): RegExp {
  const leading = /^(?:\(\*(?:UTF8?|UCP)\))*(?:\(\?([imsx]+)\))?/.exec(pattern)!
  const wanted = options + (leading[1] ?? '')
  const has = (option: string) => wanted.includes(option)
  const scan: Scan = { chars: [...pattern.slice(leading[0].length)], at: 0, quoted: false, invalid }
  const { chars } = scan
  let source = ''
  while (scan.at < chars.length) {
    const char = chars[scan.at]!
    if (scan.quoted || char === '\\') source += escape(scan, false).text
    else if (has('x') && /[\t-\r ]/.test(char)) scan.at++
    else if (has('x') && char === '#') while (scan.at < chars.length && chars[scan.at++] !== '\n');
    else if (char === '[') source += charClass(scan)
    else if (char === '(') source += group(scan)
    else {
      scan.at++
      if (char === '.') source += has('s') ? '[^]' : '[^\\n]'
      else if (char === '^') source += has('m') ? '(?:^|(?<=\\n)(?!$))' : '^'
      else if (char === '$') source += has('m') ? '(?=\\n|$)' : atEnd
      else if ('*+?'.includes(char)) source += char + possessive(scan)
      else if (char === '{') source += braces(scan)
      else source += ')|'.includes(char) ? char : literal(char)
    }
  }
  try {
    return new RegExp(source, `u${has('i') ? 'i' : ''}${flags}`)
  } catch (error) {
    throw invalid((error as Error).message)
  }
}

/** The end of the text, or the position before a newline that is its last character. */
const atEnd = '(?=\\n?$)'

function literal(char: string): string {
  return /[\\^$.*+?()[\]{}|/-]/.test(char) && char !== '-' ? `\\${char}` : char
}

function unsupported(what: string): ServerError {
  return notImplemented(`'${what}' in a regular expression`)
}

function possessive({ chars, at }: Scan): string {
  if (chars[at] === '+') throw unsupported('++')
  return ''
}

/** Reads a quantifier in braces. Any other brace is a literal. */
function braces(scan: Scan): string {
  const found = /^(\d+(?:,\d*)?\})/.exec(scan.chars.slice(scan.at, scan.at + 20).join(''))
  if (!found) return '\\{'
  scan.at += found[0].length
  return `{${found[1]}${possessive(scan)}`
}

function group(scan: Scan): string {
  const rest = scan.chars.slice(scan.at, scan.at + 60).join('')
  const named = /^\(\?(?:P?<(\w+)>|'(\w+)')/.exec(rest)
  if (named) {
    scan.at += named[0].length
    return `(?<${named[1] ?? named[2]}>`
  }
  if (rest.startsWith('(?#')) {
    const end = scan.chars.indexOf(')', scan.at)
    if (end < 0) throw scan.invalid('missing ) after (?# comment')
    scan.at = end + 1
    return ''
  }
  const known = /^\((?:\?(?:[:=!]|<[=!]))?/.exec(rest)![0]
  if (known === '(' && /^\([?*]/.test(rest)) throw unsupported(rest.slice(0, 3))
  scan.at += known.length
  return known
}

/** A translated part of the pattern. Only single characters can start or end a range in a character class. */
interface Piece {
  text: string
  single: boolean
}

const spaces = '\\t-\\r '
const horizontal = '\\t \\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000'
const vertical = '\\n-\\r\\u0085\\u2028\\u2029'
const notSpaces = '\\0-\\x08\\x0e-\\x1f!-\\u{10ffff}'
const controls: Record<string, string> = { a: '\\x07', e: '\\x1b', f: '\\f', n: '\\n', r: '\\r', t: '\\t' }

/** Translates an escape sequence, or a character between \Q and \E. */
function escape(scan: Scan, inClass: boolean): Piece {
  const { chars } = scan
  const set = (inside: string): Piece => ({ text: inClass ? inside : `[${inside}]`, single: false })
  const char = (text: string): Piece => ({ text, single: true })
  if (chars[scan.at] === '\\' && chars[scan.at + 1] === 'E') {
    scan.at += 2
    scan.quoted = false
    return { text: '', single: false }
  }
  if (scan.quoted) return char(literal(chars[scan.at++]!))
  const letter = chars[scan.at + 1]
  if (letter === undefined) throw scan.invalid('\\ at end of pattern')
  scan.at += 2
  const follow = (pattern: RegExp) => {
    const found = pattern.exec(chars.slice(scan.at, scan.at + 12).join(''))
    if (found) scan.at += found[0].length
    return found
  }
  if (!/[A-Za-z0-9]/.test(letter)) return char(letter === '-' ? (inClass ? '\\-' : '-') : literal(letter))
  if (controls[letter]) return char(controls[letter])
  switch (letter) {
    case 'd':
    case 'D':
    case 'w':
    case 'W':
      return { text: `\\${letter}`, single: false }
    case 's':
      return set(spaces)
    case 'S':
      return set(notSpaces)
    case 'h':
      return set(horizontal)
    case 'v':
      return set(vertical)
    case 'b':
      return inClass ? char('\\x08') : { text: '\\b', single: false }
    case 'Q':
      scan.quoted = true
      return { text: '', single: false }
    case 'x': {
      const found = follow(/^(?:\{([\da-fA-F]{1,6})\}|([\da-fA-F]{0,2}))/)!
      return char(`\\u{${found[1] || found[2] || '0'}}`)
    }
    case '0':
      return char(`\\u{${parseInt(follow(/^[0-7]{0,2}/)![0] || '0', 8).toString(16)}}`)
    case 'p':
    case 'P': {
      const found = follow(/^(?:\{([A-Z][a-z]?)\}|([A-Z]))/)
      if (!found) throw unsupported(`\\${letter}`)
      return { text: `\\${letter}{${found[1] ?? found[2]}}`, single: false }
    }
    default:
  }
  if (!inClass) {
    const found = { A: '^', Z: atEnd, z: '$', B: '\\B', N: '[^\\n]' }[letter]
    if (found) return { text: found, single: false }
  }
  if (/[A-Zcgko1-9]/.test(letter)) throw unsupported(`\\${letter}`)
  throw scan.invalid(`unrecognized character follows \\: ${letter}`)
}

/** The POSIX character classes, as ASCII ranges. */
const posix: Record<string, string> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\0-\\x7f',
  blank: '\\t ',
  cntrl: '\\0-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: spaces,
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
}

function charClass(scan: Scan): string {
  const { chars } = scan
  scan.at++
  const negated = chars[scan.at] === '^'
  if (negated) scan.at++
  const pieces: Piece[] = []
  for (let first = true; first || scan.quoted || chars[scan.at] !== ']'; first = false) {
    const char = chars[scan.at]
    if (char === undefined) throw scan.invalid('missing terminating ] for character class')
    const name = /^\[:(\^?)(\w+):\]/.exec(chars.slice(scan.at, scan.at + 14).join(''))
    if (scan.quoted || char === '\\') pieces.push(escape(scan, true))
    else if (name) {
      const inside = posix[name[2]!]
      if (inside === undefined) throw scan.invalid('unknown POSIX class name')
      if (name[1] && !['digit', 'word', 'space'].includes(name[2]!)) throw unsupported(name[0])
      const others: Record<string, string> = { digit: '\\D', word: '\\W', space: notSpaces }
      pieces.push({ text: name[1] ? others[name[2]!]! : inside, single: false })
      scan.at += name[0].length
    } else {
      pieces.push({ text: char === '-' ? '-' : literal(char), single: true })
      scan.at++
    }
  }
  scan.at++
  return `[${negated ? '^' : ''}${joinClass(pieces.filter(({ text }) => text !== ''))}]`
}

/**
 * Joins a character class. A hyphen makes a range between two single characters and is a literal elsewhere.
 */
function joinClass(pieces: Piece[]): string {
  let text = ''
  for (let i = 0; i < pieces.length; i++) {
    const [piece, hyphen, end] = [pieces[i]!, pieces[i + 1], pieces[i + 2]]
    const plain = piece.text === '-' ? '\\-' : piece.text
    if (piece.single && hyphen?.text === '-' && end?.single) {
      text += `${plain}-${end.text === '-' ? '\\-' : end.text}`
      i += 2
    } else text += plain
  }
  return text
}

/**
 * Returns the literal text that every match starts with, from which index bounds are made, or undefined if
 * there is none.
 */
export function literalPrefix(pattern: string, options: string): string | undefined {
  if (options.replace(/[su]/g, '') !== '' || !pattern.startsWith('^') || pattern.includes('|'))
    return undefined
  let prefix = ''
  for (let i = 1; i < pattern.length; i++) {
    const char = pattern[i]!
    if (char === '\\' && /[^\w\s]/.test(pattern[i + 1] ?? '')) {
      prefix += pattern[++i]
      continue
    }
    if (/[*?{]/.test(char)) {
      prefix = prefix.slice(0, -1)
      break
    }
    if (/[\\^$.[()+]/.test(char)) break
    prefix += char
  }
  return prefix === '' || /[\ud800-\udfff]/.test(prefix) ? undefined : prefix
}
