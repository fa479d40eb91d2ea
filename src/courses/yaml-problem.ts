import type { ErrorCode, YAMLError } from 'yaml'
import { courseFault, type CourseFault } from './course-fault'

/** What is wrong with a line of YAML, in a sentence for people who don't know YAML. */
type Problem = { line: number; name: Sentence; values?: Record<string, string> }

/** The sentences, `studio:faults.yaml.*`. */
type Sentence =
  | 'colon'
  | 'quotes'
  | 'space'
  | 'tab'
  | 'twice'
  | 'openQuote'
  | 'openBracket'
  | 'backslash'
  | 'indent'
  | 'notField'
  | 'unreadable'

/** Errors of the YAML library that a line of the text doesn't explain better. */
const sentences: Record<ErrorCode, Sentence> = {
  ALIAS_PROPS: 'unreadable',
  BAD_ALIAS: 'quotes',
  BAD_COLLECTION_TYPE: 'unreadable',
  BAD_DIRECTIVE: 'notField',
  BAD_DQ_ESCAPE: 'backslash',
  BAD_INDENT: 'indent',
  BAD_PROP_ORDER: 'unreadable',
  BAD_SCALAR_START: 'quotes',
  BLOCK_AS_IMPLICIT_KEY: 'indent',
  BLOCK_IN_FLOW: 'openBracket',
  DUPLICATE_KEY: 'twice',
  IMPOSSIBLE: 'unreadable',
  KEY_OVER_1024_CHARS: 'unreadable',
  MISSING_CHAR: 'unreadable',
  MULTILINE_IMPLICIT_KEY: 'notField',
  MULTIPLE_ANCHORS: 'unreadable',
  MULTIPLE_DOCS: 'unreadable',
  MULTIPLE_TAGS: 'unreadable',
  NON_STRING_KEY: 'notField',
  RESOURCE_EXHAUSTION: 'unreadable',
  TAB_AS_INDENT: 'tab',
  TAG_RESOLVE_FAILED: 'quotes',
  UNEXPECTED_TOKEN: 'unreadable',
}

/** A field with a value, or an item of a list: the part before the value, and the value. */
const field = /^(\s*(?:- +)*(?:[\w-]+:[ \t]+|- +))(\S.*?)\s*$/

/**
 * Returns a fault that says in plain words what is wrong with a line of YAML, and how to write it.
 *
 * @param line the error's line in `text`, counted from 1.
 * @param firstLine the line of the file where `text` begins.
 */
export function yamlFault(
  { code, message }: Pick<YAMLError, 'code' | 'message'>,
  text: string,
  line: number,
  file: string,
  firstLine: number,
): CourseFault {
  const problem = problemOf(code, message, text.split('\n'), line)
  const key = `studio:faults.yaml.${problem.name}`
  return courseFault(file, problem.line + firstLine - 1, key, problem.values)
}

function problemOf(code: ErrorCode, message: string, lines: string[], line: number): Problem {
  const text = lines[line - 1] ?? ''
  if (code === 'TAB_AS_INDENT' || code === 'BAD_DQ_ESCAPE') return { line, name: sentences[code] }
  if (code === 'DUPLICATE_KEY') {
    return {
      line,
      name: 'twice',
      values: { field: /^[\s-]*([^:]+):/.exec(text)?.[1]?.trim() ?? text.trim() },
    }
  }
  if (code === 'MISSING_CHAR' && /quote/.test(message)) {
    return { line: lineOfOpenQuote(lines) ?? line, name: 'openQuote' }
  }
  if (/^Flow |flow (?:map|sequence)/i.test(message)) {
    const open = lines.slice(0, line).findLastIndex(each => /[:-]\s+[[{]/.test(each))
    return { line: open === -1 ? line : open + 1, name: 'openBracket' }
  }
  const value = field.exec(text)?.[2] ?? ''
  const example = quotedExample(text)
  if (example && hasColon.test(value)) return { line, name: 'colon', values: { example } }
  if (example && /^["'[\]{}>|@`*&!%,?-]/.test(value)) return { line, name: 'quotes', values: { example } }
  const tight = lineWithoutSpace(lines, line)
  if (tight) return tight
  const next = lines.findIndex((each, n) => n >= line && each.trim())
  if (code === 'BLOCK_AS_IMPLICIT_KEY' && next !== -1) return { line: next + 1, name: 'indent' }
  const previous = lines.slice(0, line - 1).findLast(each => each.trim())
  if (code === 'UNEXPECTED_TOKEN' && previous && indentOf(previous) > indentOf(text))
    return { line, name: 'indent' }
  if (text.trim() && !/:|^\s*-/.test(text)) return { line, name: 'notField' }
  // Only a line with a value can be quoted.
  const name = sentences[code] === 'quotes' ? 'unreadable' : sentences[code]
  return { line, name: /without - indicator/.test(message) ? 'indent' : name }
}

/** Returns the problem of a `title:Seals` in this line or the one before, or null. */
export function lineWithoutSpace(lines: string[], line: number): Problem | null {
  for (const at of [line, line - 1]) {
    const [, start, name, value] =
      /^(\s*(?:- +)*)([\w-]+):(?!\/\/)(\S.*?)\s*$/.exec(lines[at - 1] ?? '') ?? []
    if (name && value)
      return { line: at, name: 'space', values: { example: `${start!.trim()} ${name}: ${value}`.trim() } }
  }
  return null
}

const hasColon = /^[^"'[{].*?:(?:\s|$)/

/** Returns an item of a list that is one text with a colon, in quotation marks; null for any other line. */
export function quotedItem(line: string): string | null {
  const value = /^\s*- +(\S.*?)\s*$/.exec(line)?.[1]
  return value && hasColon.test(value) ? `- ${quoted(value)}` : null
}

/** Returns a line with its value in quotation marks; null when it has no value. */
function quotedExample(line: string): string | null {
  const [, start, value] = field.exec(line) ?? []
  return start && value ? `${start.trim()} ${quoted(value)}` : null
}

function lineOfOpenQuote(lines: string[]): number | null {
  const at = lines.findIndex(text => {
    const value = field.exec(text)?.[2] ?? ''
    return (value.startsWith('"') || value.startsWith("'")) && !value.slice(1).includes(value[0]!)
  })
  return at === -1 ? null : at + 1
}

/** Returns a value in the quotation marks with which YAML reads it as written. */
function quoted(value: string): string {
  const inner = /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value
  if (!/["\\]/.test(inner)) return `"${inner}"`
  return inner.includes("'") ? JSON.stringify(inner) : `'${inner}'`
}

const indentOf = (text: string) => /^\s*/.exec(text)![0].length

/**
 * Returns a line that YAML refuses as its author means it: with spaces instead of tabs and non-breaking spaces, and
 * with straight quotation marks around the value instead of the curly ones of a word processor.
 */
export function withPlainSigns(line: string): string {
  const [, start, rest] = /^([\s-]*)(.*)$/su.exec(line)!
  const [, name = '', value] = /^([\w-]+:\s+)?(.*)$/su.exec(rest!)!
  const curly = /^[“”„«](.*)[“”»]\s*$/su.exec(value!)?.[1]
  const text = curly === undefined ? value! : quoted(curly)
  return start!.replace(/\t/g, '  ').replace(/\s/g, ' ') + name.replace(/\s+$/u, ' ') + text
}
