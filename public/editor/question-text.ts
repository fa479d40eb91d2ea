import { isMap, isScalar, isSeq, parseDocument, type Document, type YAMLMap } from 'yaml'

/** The kinds that have a form within the lesson; the others have one of their own. */
export const formKinds = ['single', 'multiple', 'true-false'] as const
type FormKind = (typeof formKinds)[number]
type Answer = { content: string; isCorrect: boolean; explanation: string }

/** What the form of a practice question shows. Its other fields stay in its source. */
export type QuestionForm = { kind: FormKind; prompt: string; answers: Answer[] }

/** Returns what a block says by itself, in any kind of question; null when it isn't YAML. */
export function questionHead(source: string): { id: string; kind: string; prompt: string } | null {
  const document = documentOf(source)
  const [id, kind, prompt] = ['id', 'kind', 'prompt'].map(key => (document ? textAt(document, key) : ''))
  return document && { id: id!, kind: kind || 'single', prompt: prompt! }
}

/** Gives a question an id of its own, so that its answers aren't those of the question that it was copied from. */
export function withNewId(source: string): string {
  const document = documentOf(source)
  if (!document) return source
  const [part] = crypto.getRandomValues(new Uint32Array(1))
  const id = `q-${part!.toString(16).padStart(8, '0')}`
  if (document.has('id')) document.set('id', id)
  else (document.contents as YAMLMap).items.unshift(document.createPair('id', id) as never)
  const { open, close } = partsOf(source)!
  return `${open}\n${document.toString({ lineWidth: 0 }).trimEnd()}\n${close}`
}

/** Returns the parts of a quiz block: the line that opens it, its YAML, and the line that closes it. */
function partsOf(source: string): { open: string; yaml: string; close: string } | null {
  const [open, ...lines] = source.trimEnd().split('\n')
  const close = lines.pop()
  if (close === undefined || !/^ {0,3}(?:`{3,}|~{3,})\s*$/.test(close)) return null
  return { open: open!, yaml: lines.join('\n'), close }
}

/** Reads a quiz block for its form; null when its YAML has faults, or is something that the form can't show. */
export function readQuestion(source: string): QuestionForm | null {
  const document = documentOf(source)
  if (!document) return null
  const kind = textAt(document, 'kind') || 'single'
  const choices = document.get('choices') ?? null
  const isKnown = (formKinds as readonly string[]).includes(kind)
  if (!isKnown || !(choices === null || isSeq(choices))) return null
  const items = choices?.items ?? []
  if (!items.every(item => isMap(item))) return null
  return {
    kind: kind as FormKind,
    prompt: textAt(document, 'prompt'),
    answers: items.map(item => ({
      content: textAt(item, 'content'),
      isCorrect: /^(?:true|yes|on)$/i.test(textAt(item, 'isCorrect')),
      explanation: textAt(item, 'explanation'),
    })),
  }
}

/** Writes what has changed in the form into a quiz block; its other fields, comments and order stay. */
export function writeQuestion(source: string, { kind, prompt, answers }: QuestionForm): string {
  const document = documentOf(source)
  const before = readQuestion(source)
  if (!document || !before) return source
  if (kind !== before.kind || !document.has('kind')) document.set('kind', kind)
  if (prompt !== before.prompt || !document.has('prompt')) setText(document, 'prompt', prompt)
  if (!isSeq(document.get('choices'))) document.set('choices', document.createNode([]))
  const choices = document.get('choices') as { items: YAMLMap[]; flow?: boolean }
  const old = choices.items
  const unused = new Map(old.map((item, n) => [item, before.answers[n]!]))
  choices.items = answers.map((answer, n) => {
    const [kept] = [...unused].find(([, { content }]) => content === answer.content) ?? []
    const item =
      kept ?? (answers.length === old.length ? old[n]! : (document.createNode({ content: '' }) as YAMLMap))
    unused.delete(item)
    return withAnswer(item, answer)
  })
  const yaml = document.toString({ lineWidth: 0 }).trimEnd()
  const { open, close } = partsOf(source)!
  const fence = /[`~]+/.exec(open)![0]
  // A fence within an answer would end the block.
  const longer = yaml.includes(fence) ? fence[0]!.repeat(20) : fence
  return `${open.replace(fence, longer)}\n${yaml}\n${longer === fence ? close : longer}`
}

function withAnswer(item: YAMLMap, { content, isCorrect, explanation }: Answer): YAMLMap {
  if (textAt(item, 'content') !== content) setText(item, 'content', content)
  const wasCorrect = /^(?:true|yes|on)$/i.test(textAt(item, 'isCorrect'))
  if (isCorrect !== wasCorrect) {
    if (isCorrect || item.has('isCorrect')) item.set('isCorrect', isCorrect)
  }
  if (textAt(item, 'explanation') === explanation) return item
  if (explanation) setText(item, 'explanation', explanation)
  else item.delete('explanation')
  return item
}

/** Sets a text with the quotation marks that it needs now, and keeps the comments around it. */
function setText(map: Document | YAMLMap, key: string, text: string): void {
  const node = map.get(key, true)
  if (!isScalar(node)) return void map.set(key, text)
  node.value = text
  delete node.type
}

function documentOf(source: string): Document | null {
  const parts = partsOf(source)
  if (!parts) return null
  const document = parseDocument(parts.yaml)
  return document.errors.length || !isMap(document.contents) ? null : (document as unknown as Document)
}

function textAt(map: { get(key: string): unknown }, key: string): string {
  const value = map.get(key)
  return value === null || value === undefined ? '' : String(value)
}
