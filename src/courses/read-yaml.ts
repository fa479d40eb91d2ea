import {
  isAlias,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type YAMLError,
} from 'yaml'
import { z } from 'zod'
import { courseFault, type CourseFault } from './course-fault'
import { lineWithoutSpace, quotedItem, withPlainSigns, yamlFault } from './yaml-problem'

/**
 * Limits of a YAML text, checked before it is parsed: the parser's time grows with the square of the number of keys,
 * and it calls itself for each level. `tokens` are keys, values, brackets, commas, comments and line ends; a long text
 * is one token.
 */
const yamlCaps = { characters: 60_000, tokens: 4000, depth: 20 }

/** The most faults that are reported for one file. */
const maxFaults = 20

/**
 * Reads YAML 1.2 (core schema, without aliases and tags) and validates it with a zod schema. A text that exceeds
 * `yamlCaps`, or has more than `maxTokens`, is refused unread.
 *
 * @param schemaOf the schema, or a function that chooses it by the value.
 * @param file the file's path, for the faults.
 * @param firstLine the line of the file where the text begins, for the faults.
 */
export function readYaml<T extends z.ZodType>(
  schemaOf: T | ((value: unknown) => T),
  text: string,
  file: string,
  firstLine = 1,
  maxTokens = yamlCaps.tokens,
): { value: z.output<T>; faults: [] } | { value: undefined; faults: CourseFault[] } {
  const excess = yamlExcess(text, maxTokens)
  if (excess) {
    const fault = courseFault(file, firstLine + excess.line - 1, excess.key, { maximum: excess.maximum })
    return { value: undefined, faults: [fault] }
  }
  const refuse = (...faults: CourseFault[]) => ({ value: undefined, faults })
  const { document, lines, problem } = parse(text)
  const lineAt = (offset: number) => lines.linePos(offset).line + firstLine - 1
  if (problem) return refuse(yamlFault(problem, text, lines.linePos(problem.pos[0]).line, file, firstLine))
  if (!isMap(document.contents)) {
    const tight = lineWithoutSpace(text.split('\n'), 1)
    return refuse(
      tight
        ? courseFault(file, firstLine, 'studio:faults.yaml.space', tight.values)
        : courseFault(file, firstLine, 'studio:faults.notFields'),
    )
  }
  dropEmptyItems(document)
  const schema = schemaOf instanceof Function ? schemaOf(document.toJS(noAliases)) : schemaOf
  readAsTyped(document, typedKeysOf(schema))
  const validate = () => schema.safeParse(document.toJS(noAliases), { reportInput: true })
  let read = validate()
  if (!read.success && restoreWrittenNulls(document, read.error.issues)) read = validate()
  if (read.success) return { value: read.data, faults: [] }
  const texts = text.split('\n')
  return refuse(
    ...read.error.issues.slice(0, maxFaults).map(issue => {
      const line = lineOf(document, issue, lineAt, firstLine)
      const { key, values } = unquotedColon(issue, texts[line - firstLine]) ?? describe(issue)
      return courseFault(file, line, key, values)
    }),
  )
}

const noAliases = { maxAliasCount: 0 }
const maxRepairs = 5

/** Parses a text. Lines that YAML refuses are read as their author means them, where that is clear. */
function parse(text: string): {
  document: Document.Parsed
  lines: LineCounter
  problem: Pick<YAMLError, 'code' | 'message' | 'pos'> | undefined
} {
  const first = parseOnce(text)
  let { problems, lines } = first
  const repaired = text.split('\n')
  for (let n = 0; n < maxRepairs && problems.length; n++) {
    for (const { pos } of problems) {
      const at = lines.linePos(pos[0]).line - 1
      repaired[at] = withPlainSigns(repaired[at] ?? '')
    }
    const again = parseOnce(repaired.join('\n'))
    if (!again.problems.length) return { ...again, problem: undefined }
    ;({ problems, lines } = again)
  }
  return { ...first, problem: first.problems[0] }
}

function parseOnce(text: string) {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    schema: 'core',
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const problems: Pick<YAMLError, 'code' | 'message' | 'pos'>[] = [...document.errors, ...document.warnings]
  visit(document, {
    Node(_key, node) {
      // `title: *bold*` and `title: &co` are names for values to YAML, which course files don't have.
      if (!isAlias(node) && !node.anchor) return
      const start = node.range?.[0] ?? 0
      problems.push({ code: 'BAD_ALIAS', message: '', pos: [start, start] })
    },
  })
  return { document, lines, problems }
}

/**
 * Returns which cap a text exceeds, and in which line. The lexer reads each character once, and stops at the excess.
 */
function yamlExcess(
  text: string,
  maxTokens: number,
): { key: string; maximum: number; line: number } | undefined {
  const { characters, depth: maxDepth } = yamlCaps
  if (text.length > characters) return { key: 'studio:faults.tooMuchYaml', maximum: characters, line: 1 }
  let [tokens, line, brackets, marks] = [0, 1, 0, 0]
  for (const token of new Lexer().lex(text)) {
    if (token.startsWith(' ') || token.startsWith('\t')) continue
    if (++tokens > maxTokens) return { key: 'studio:faults.yamlTokens', maximum: maxTokens, line }
    if (token === '[' || token === '{') brackets++
    else if (token === ']' || token === '}') brackets = Math.max(0, brackets - 1)
    // `- - - a` and `? ? ? a` nest within a line. Other nesting is by indentation, which characters limit.
    else if (token === '-' || token === '?') marks++
    if (brackets > maxDepth || marks > maxDepth)
      return { key: 'studio:faults.yamlDepth', maximum: maxDepth, line }
    if (!token.includes('\n')) continue
    marks = 0
    line += token.split('\n').length - 1
  }
  return undefined
}

/**
 * Splits a Markdown file into its front matter and the text after it. The front matter begins with `---`, after blank
 * lines at most, and ends with `---` or `...`; spaces may follow these. Returns null without front matter, and
 * `isOpen` when its end is missing.
 */
export function splitFrontMatter(
  source: string,
): { head: string; headLine: number; body: string; bodyLine: number; isOpen: boolean } | null {
  const start = /^(?:[^\S\n]*\n)*---[^\S\n]*(?:\n|$)/.exec(source)?.[0]
  if (start === undefined) return null
  const rest = source.slice(start.length)
  const end = /^(?:---|\.\.\.)[^\S\n]*(?:\n|$)/m.exec(rest)
  const head = end ? rest.slice(0, end.index) : rest
  const headLine = start.split('\n').length
  return {
    head,
    headLine,
    body: end ? rest.slice(end.index + end[0].length) : '',
    bodyLine: headLine + head.split('\n').length,
    isOpen: !end,
  }
}

type TypedKeys = ReadonlyMap<string, 'number' | 'boolean'>
const typedKeys = new WeakMap<z.ZodType, TypedKeys>()

/** Returns the keys that a schema gives a number or a boolean. */
function typedKeysOf(schema: z.ZodType): TypedKeys {
  const known = typedKeys.get(schema)
  if (known) return known
  const keys = new Map<string, 'number' | 'boolean'>()
  const visitNode = (node: z.core.JSONSchema._JSONSchema, key: string | null) => {
    if (typeof node !== 'object') return
    const { type, properties = {}, items = [], anyOf = [] } = node
    if (key !== null && (type === 'number' || type === 'integer')) keys.set(key, 'number')
    if (key !== null && type === 'boolean') keys.set(key, 'boolean')
    for (const [name, child] of Object.entries(properties)) visitNode(child, name)
    for (const child of anyOf) visitNode(child, key)
    for (const child of [items].flat()) visitNode(child, null)
  }
  visitNode(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), null)
  typedKeys.set(schema, keys)
  return keys
}

/**
 * Reads values as their key asks for them: a number or a boolean may be in quotation marks, and a boolean may be `yes`
 * or `no`. Any other value that looks like a number or a boolean (`title: 2026`) is text as written.
 */
function readAsTyped(document: Document.Parsed, typed: TypedKeys): void {
  visit(document, {
    Scalar(key, node, path) {
      if (key === 'key' || node.value === null) return
      const pair = path.findLast(parent => 'key' in parent) as { key: unknown } | undefined
      const type = typed.get(isScalar(pair?.key) ? String(pair.key.value) : '')
      if (typeof node.value !== 'string') {
        if (!type) node.value = node.source ?? String(node.value)
        return
      }
      const word = node.value.trim().replace(/^[“”„«»‘’](.*)[“”«»‘’]$/, '$1')
      if (type === 'boolean') node.value = booleans.get(word.toLowerCase()) ?? node.value
      if (type === 'number' && /^-?\d+(?:\.\d+)?$/.test(word)) node.value = Number(word)
    },
  })
}

/** What people write for a boolean; YAML 1.1 read these too (https://yaml.org/type/bool.html). */
const booleans = new Map([
  ...['true', 'yes', 'y', 'on'].map(word => [word, true] as const),
  ...['false', 'no', 'n', 'off'].map(word => [word, false] as const),
])

/** Removes items of lists that have no value: `- ` and nothing after it. */
function dropEmptyItems(document: Document.Parsed): void {
  visit(document, {
    Seq(_key, node) {
      node.items = node.items.filter(item => !(isScalar(item) && item.value === null && !item.source))
    },
  })
}

/**
 * Reads a written `null` or `~` as text where the schema asks for text, such as an answer of a quiz.
 *
 * @returns whether there was one.
 */
function restoreWrittenNulls(document: Document.Parsed, issues: z.core.$ZodIssue[]): boolean {
  let isRestored = false
  for (const issue of issues) {
    if (issue.code !== 'invalid_type' || issue.expected !== 'string' || issue.input !== null) continue
    const node = document.getIn(issue.path, true)
    if (!isScalar(node) || !node.source) continue
    node.value = node.source
    isRestored = true
  }
  return isRestored
}

function lineOf(
  document: Document.Parsed,
  issue: z.core.$ZodIssue,
  lineAt: (offset: number) => number,
  otherwise: number,
): number {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : [...issue.path]
  for (; path.length; path.pop()) {
    const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined
    if (node?.range) return lineAt(node.range[0])
  }
  return otherwise
}

/** Returns what is wrong with `- Pumps: how they work` where a text is expected; null when that isn't the problem. */
function unquotedColon(issue: z.core.$ZodIssue, line = ''): Pick<CourseFault, 'key' | 'values'> | null {
  if (issue.code !== 'invalid_type' || issue.expected !== 'string') return null
  const isItem = typeof issue.path.at(-1) === 'number' && Object.keys(issue.input ?? {}).length === 1
  const example = isItem ? quotedItem(line) : null
  return example === null ? null : { key: 'studio:faults.yaml.colon', values: { example } }
}

/** The types that the schemas of course files have, as the sentences about them are called. */
const typeNames: Partial<Record<string, string>> = {
  string: 'text',
  number: 'number',
  int: 'number',
  boolean: 'boolean',
  array: 'list',
  object: 'fields',
}

/** Returns the path of a field as people count: the first choice is `choices.1`. */
function fieldName(path: readonly PropertyKey[]): string {
  return path.map(part => (typeof part === 'number' ? part + 1 : String(part))).join('.')
}

function describe(issue: z.core.$ZodIssue): Pick<CourseFault, 'key' | 'values'> {
  const field = fieldName(issue.path)
  switch (issue.code) {
    case 'unrecognized_keys':
      return {
        key: 'studio:faults.unknownField',
        values: { field: fieldName([...issue.path, issue.keys[0]!]) },
      }
    case 'invalid_type':
      if (issue.input === undefined) return { key: 'studio:faults.missing', values: { field } }
      if (issue.input === null) return { key: 'studio:faults.empty', values: { field } }
      return { key: `studio:faults.wrongType.${typeNames[issue.expected] ?? 'other'}`, values: { field } }
    case 'invalid_value':
      return { key: 'studio:faults.oneOf', values: { field, options: issue.values.join(', ') } }
    case 'too_big':
      return {
        key: `studio:faults.tooBig.${issue.origin}`,
        values: { field, maximum: Number(issue.maximum) },
      }
    case 'too_small':
      return {
        key: `studio:faults.tooSmall.${issue.origin}`,
        values: { field, count: Number(issue.minimum) },
      }
    case 'custom':
      // A check of our own says what is wrong.
      return {
        key: issue.params?.key ?? 'studio:faults.wrongForm',
        values: { field, ...issue.params?.values },
      }
    default:
      return { key: 'studio:faults.wrongForm', values: { field } }
  }
}
