import { isDeepStrictEqual } from 'node:util'
import { Document, isMap, parseDocument, type Scalar, type ToStringOptions } from 'yaml'
import { HttpError } from '../platform/errors'
import { markdownFacts } from './markdown'

// Changes to the fenced blocks of YAML in a lesson's text, such as its questions. All are pure, and change no byte
// outside the blocks that they are about. A block is named by the line of its first content line, counted from 1.

/** The lines of a block from its first to its last fence, counted from 0. */
type Block = { first: number; last: number }

const options: ToStringOptions = { lineWidth: 0 }

/** Returns the YAML of a block. */
export function blockSource(body: string, line: number): string {
  return markdownFacts(body).fences.find(fence => fence.line === line)!.text
}

/**
 * Returns a block's YAML with other fields. What hasn't changed stays as its author wrote it, with its comments.
 *
 * @param source the YAML as it is; empty for a new block.
 * @param before what `source` says; null for a new block.
 * @param order the names of all fields, in the order in which they are written.
 */
export function blockYaml(
  source: string,
  before: Record<string, unknown> | null,
  fields: Record<string, unknown>,
  order: readonly string[],
): string {
  const document = source ? parseDocument(source, { schema: 'core' }) : new Document({})
  const isUsable = before !== null && !document.errors.length && !document.warnings.length
  if (!isUsable) return new Document(fields).toString(options)
  // An id that followed from the other fields is written down, because these may change.
  const isChanged = (name: string) =>
    !isDeepStrictEqual(before[name], fields[name]) || (name === 'id' && !document.has('id'))
  const changed = order.filter(isChanged)
  const lines = linesOfFields(source, document)
  if (lines) return withFields(source, lines, changed, fields)
  for (const name of changed) {
    if (fields[name] === undefined) document.delete(name)
    else document.set(name, document.createNode(fields[name]))
  }
  return document.toString({ ...options, flowCollectionPadding: /[[{] /.test(source) })
}

/** A field, and where its lines begin. */
type FieldLines = { name: string; start: number }

/** Returns where the lines of each field begin; null for YAML whose fields don't each begin a line. */
function linesOfFields(source: string, { contents }: Document): FieldLines[] | null {
  if (!isMap(contents) || contents.flow) return null
  const fields = contents.items.map(({ key }) => {
    const scalar = key as Scalar
    return { name: String(scalar.value), start: scalar.range?.[0] ?? -1 }
  })
  const isWhole = fields.every(({ start }) => start === 0 || source[start - 1] === '\n')
  return isWhole && source.endsWith('\n') ? fields : null
}

/** Writes the lines of the changed fields. New ones come last. */
function withFields(
  source: string,
  lines: FieldLines[],
  changed: readonly string[],
  fields: Record<string, unknown>,
): string {
  const textOf = (name: string) =>
    fields[name] === undefined ? '' : new Document({ [name]: fields[name] }).toString(options)
  const first = lines[0]?.start ?? source.length
  const kept = lines.map(({ name, start }, n) => {
    const text = source.slice(start, lines[n + 1]?.start ?? source.length)
    return changed.includes(name) ? textOf(name) + commentsAfter(text) : text
  })
  const added = changed.filter(name => !lines.some(each => each.name === name)).map(textOf)
  return source.slice(0, first) + kept.join('') + added.join('')
}

/** Returns the comments at the end of a field's lines, which are about the next field. */
function commentsAfter(text: string): string {
  return /(?:^#.*\n)+(?![^])/m.exec(text)?.[0] ?? ''
}

/**
 * Returns the text with another content of a block. What stands before its fence stands before each of its lines.
 */
export function replaceBlock(body: string, line: number, yaml: string): string {
  const lines = body.split('\n')
  const { first, last } = blockOf(body, line)
  const [, before = '', fence = '```', info = ''] = /^(.*?)([`~]{3,})(.*)$/.exec(lines[first]!) ?? []
  const margin = before.replace(/[^>\s]/g, ' ')
  const needed = fenceFor(yaml, fence[0])
  const open = fence.length >= needed.length ? fence : needed
  const content = yaml.trimEnd().split('\n')
  const closing = open === fence && /[`~]{3,}\s*$/.test(lines[last]!) ? lines[last]! : margin + open
  lines.splice(first, last - first + 1, before + open + info, ...content.map(each => margin + each), closing)
  return lines.join('\n')
}

/** Adds a block after another one, or at the end. */
export function addBlock(body: string, language: string, yaml: string, after: number | null): string {
  const fence = fenceFor(yaml)
  const block = [fence + language, ...yaml.trimEnd().split('\n'), fence]
  if (after === null) {
    const text = body.trimEnd()
    return `${text ? `${body.replace(/\n*$/, '')}\n\n` : ''}${block.join('\n')}\n`
  }
  const lines = body.split('\n')
  lines.splice(blockOf(body, after).last + 1, 0, '', ...block)
  return lines.join('\n')
}

/** Removes a block, and the empty line after it. */
export function removeBlock(body: string, line: number): string {
  const { first, last } = blockOf(body, line)
  const lines = body.split('\n')
  const isSpaced = lines[last + 1]?.trim() === '' && (first === 0 || lines[first - 1]!.trim() === '')
  lines.splice(first, last - first + (isSpaced ? 2 : 1))
  return lines.join('\n')
}

/**
 * Moves a block before another one, or behind the last one. The text between blocks stays where it is.
 *
 * @param items what the blocks of the text say, in their order.
 * @throws 404 when there is no such block.
 */
export function moveBlock(
  body: string,
  items: readonly { id: string; line: number }[],
  id: string,
  before: string | null,
): string {
  const from = items.findIndex(item => item.id === id)
  const rest = items.filter(item => item.id !== id)
  const to = before === null ? rest.length : rest.findIndex(item => item.id === before)
  if (from === -1 || to === -1) throw new HttpError(404, 'web:errors.notFound')
  const ordered = rest.toSpliced(to, 0, items[from]!)
  const lines = body.split('\n')
  const blocks = items.map(item => blockOf(body, item.line))
  const texts = new Map(items.map((item, n) => [item.id, lines.slice(blocks[n]!.first, blocks[n]!.last + 1)]))
  const moved = blocks.reduceRight(
    (all, { first, last }, n) => all.toSpliced(first, last - first + 1, ...texts.get(ordered[n]!.id)!),
    lines,
  )
  return moved.join('\n')
}

function blockOf(body: string, line: number): Block {
  const text = blockSource(body, line)
  const first = line - 2
  const lines = body.split('\n')
  const content = text === '' ? 0 : text.replace(/\n$/, '').split('\n').length
  const last = first + 1 + content
  // A block that the text ends in has no closing fence.
  return { first, last: last < lines.length && /[`~]{3,}\s*$/.test(lines[last]!) ? last : last - 1 }
}

/** A fence that is longer than any in the content. */
function fenceFor(yaml: string, mark = '`'): string {
  const runs = yaml.match(mark === '~' ? /~{3,}/g : /`{3,}/g) ?? []
  return mark.repeat(Math.max(3, ...runs.map(run => run.length + 1)))
}
