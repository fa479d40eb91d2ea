import { refusal } from './errors'

const cache = new Map<string, RegExp>()

/**
 * A PCRE pattern as a JavaScript one. What both understand alike passes; possessive quantifiers, atomic groups,
 * recursion, POSIX classes and options inside the pattern other than a leading one are refused.
 * https://www.mongodb.com/docs/manual/reference/operator/query/regex/
 */
export function compileRegex(pattern: string, options: string, flags = ''): RegExp {
  const key = `${flags}/${options}/${pattern}`
  const known = cache.get(key)
  if (known) return known
  for (const option of options)
    if (!'imsxu'.includes(option)) throw refusal(51108, `invalid flag in regex options: ${option}`)
  if (pattern.includes('\0')) throw refusal(51109, 'Regular expression cannot contain an embedded null byte')
  const made = translate(pattern, options, flags)
  if (cache.size > 500) cache.clear()
  cache.set(key, made)
  return made
}

function translate(pattern: string, options: string, flags: string): RegExp {
  let source = pattern.replace(/^(\(\*(UTF8?|UCP)\))+/, '')
  let wanted = options
  const inline = /^\(\?([imsx]+)\)/.exec(source)
  if (inline) {
    source = source.slice(inline[0].length)
    wanted += inline[1]!
  }
  if (
    /\(\?[>|&R+\d]|\(\?[a-z]*-?[a-z]*[):]|\[\[:|[*+?}]\+|\\[GKRXQEHhNCVAZz]|\(\*[A-Z]/.test(
      source.replace(/\(\?:/g, '('),
    )
  )
    source = rewrite(source)
  if (wanted.includes('x'))
    source = source.replace(/\\.|\[(?:\\.|[^\]])*\]|\s+|#.*$/gm, part => (/^[\s#]/.test(part) ? '' : part))
  source = source.replace(/\(\?P?<(?![=!])/g, '(?<')
  const set = new Set([
    ...flags,
    'u',
    ...(wanted.includes('i') ? 'i' : ''),
    ...(wanted.includes('s') ? 's' : ''),
  ])
  if (wanted.includes('m')) set.add('m')
  else
    source = source.replace(/\\.|\[(?:\\.|[^\]])*\]|\$/gs, part => (part === '$' ? '(?=\\n?$(?!\\n))' : part))
  try {
    return new RegExp(source, [...set].join(''))
  } catch {
    // The u flag refuses escapes that PCRE takes literally, such as \- or \@.
    try {
      return new RegExp(loosen(source), [...set].join(''))
    } catch (error) {
      throw refusal(51091, `Regular expression is invalid: ${(error as Error).message}`)
    }
  }
}

function rewrite(source: string): string {
  const replaced = source
    .replace(/\\A/g, '^')
    .replace(/\\Z/g, '$')
    .replace(/\\z/g, '$(?!\\n)')
    .replace(/\\h/g, '[ \\t]')
    .replace(
      /\[:(alpha|digit|alnum|upper|lower|space|punct|word|xdigit):\]/g,
      (_, name: string) => posix[name]!,
    )
  if (
    /\(\?[>|&R+\d]|[*+?}]\+|\\[GKRXQEHNCV]|\(\*[A-Z]|\(\?[a-z]+-?[a-z]*[):]|\[\[:/.test(
      replaced.replace(/\\[\\*+?}]/g, ''),
    )
  )
    throw refusal(51091, `Regular expression is invalid: ${source} is not supported by the embedded store`)
  return replaced
}

const posix: Record<string, string> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  punct: '!-\\/:-@\\[-`{-~',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
}

function loosen(source: string): string {
  return source
    .replace(/\\([^\w\s^$\\.*+?()[\]{}|/-])/gu, '$1')
    .replace(/\[(?:\\.|[^\]])*\]|\\-/g, part => (part === '\\-' ? '-' : part))
    .replace(/\\([\s\S])|\{(?!\d+(,\d*)?\})|\]/gu, (part, _escaped, _range, at: number) =>
      part === '{' ? '\\{' : part === ']' && !opened(source, at) ? '\\]' : part,
    )
}

function opened(source: string, at: number): boolean {
  return source.lastIndexOf('[', at) > source.lastIndexOf(']', at - 1)
}

/** The literal text that every match begins with, for a range on an index; undefined when there is none. */
export function prefixOf(pattern: string, options: string): string | undefined {
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
