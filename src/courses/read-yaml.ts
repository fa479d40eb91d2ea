import { isMap, isScalar, Lexer, LineCounter, parseDocument, visit, type Document } from 'yaml'
import { z } from 'zod'
import { courseFault, type CourseFault } from './course-fault'

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
  const lines = new LineCounter()
  const lineAt = (offset: number) => lines.linePos(offset).line + firstLine - 1
  const refuse = (...faults: CourseFault[]) => ({ value: undefined, faults })
  let document: Document.Parsed
  let raw: unknown
  let schema: T
  try {
    document = parseDocument(text, {
      schema: 'core',
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'silent',
    })
    const [problem] = [...document.errors, ...document.warnings]
    if (problem) {
      return refuse(
        courseFault(file, lineAt(problem.pos[0]), 'studio:faults.yaml', { reason: problem.message }),
      )
    }
    schema = schemaOf instanceof Function ? schemaOf(document.toJS({ maxAliasCount: 0 })) : schemaOf
    restoreWrittenText(document, typedKeysOf(schema))
    raw = document.toJS({ maxAliasCount: 0 })
  } catch (error) {
    return refuse(courseFault(file, firstLine, 'studio:faults.yaml', { reason: (error as Error).message }))
  }
  if (!isMap(document.contents)) return refuse(courseFault(file, firstLine, 'studio:faults.notFields'))
  const read = schema.safeParse(raw, { reportInput: true })
  if (read.success) return { value: read.data, faults: [] }
  return refuse(
    ...read.error.issues.slice(0, maxFaults).map(issue => {
      const { key, values } = describe(issue)
      return courseFault(file, lineOf(document, issue, lineAt, firstLine), key, values)
    }),
  )
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

/** Splits a Markdown file into its `---` front matter and the text after it. Returns null without front matter. */
export function splitFrontMatter(source: string): { head: string; body: string; bodyLine: number } | null {
  if (!source.startsWith('---\n')) return null
  const end = source.indexOf('\n---\n', 3)
  const headEnd = end === -1 && source.endsWith('\n---') ? source.length - 4 : end
  if (headEnd === -1) return null
  const head = source.slice(4, headEnd + 1)
  return { head, body: source.slice(headEnd + 5), bodyLine: head.split('\n').length + 2 }
}

const typedKeys = new WeakMap<z.ZodType, Set<string>>()

/** Returns the keys that a schema gives a number or a boolean. */
function typedKeysOf(schema: z.ZodType): Set<string> {
  const known = typedKeys.get(schema)
  if (known) return known
  const keys = new Set<string>()
  const visitNode = (node: z.core.JSONSchema._JSONSchema, key: string | null) => {
    if (typeof node !== 'object') return
    const { type, properties = {}, items = [], anyOf = [] } = node
    if (key !== null && (type === 'number' || type === 'integer' || type === 'boolean')) keys.add(key)
    for (const [name, child] of Object.entries(properties)) visitNode(child, name)
    for (const child of anyOf) visitNode(child, key)
    for (const child of [items].flat()) visitNode(child, null)
  }
  visitNode(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), null)
  typedKeys.set(schema, keys)
  return keys
}

/** Any other value that looks like a number or a boolean (`title: 2026`) is text as written. */
function restoreWrittenText(document: Document.Parsed, typedKeys: Set<string>): void {
  visit(document, {
    Scalar(key, node, path) {
      if (key === 'key' || typeof node.value === 'string' || node.value === null) return
      const pair = path.findLast(parent => 'key' in parent) as { key: unknown } | undefined
      const name = isScalar(pair?.key) ? String(pair.key.value) : ''
      if (!typedKeys.has(name)) node.value = node.source ?? String(node.value)
    },
  })
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

function describe(issue: z.core.$ZodIssue): Pick<CourseFault, 'key' | 'values'> {
  const field = issue.path.join('.')
  switch (issue.code) {
    case 'unrecognized_keys':
      return {
        key: 'studio:faults.unknownField',
        values: { field: [...issue.path, issue.keys[0]!].join('.') },
      }
    case 'invalid_type':
      return issue.input === undefined
        ? { key: 'studio:faults.missing', values: { field } }
        : { key: 'studio:faults.wrongType', values: { field, expected: issue.expected } }
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
        values: { field, minimum: Number(issue.minimum) },
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
