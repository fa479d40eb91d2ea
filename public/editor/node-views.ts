import type { Node } from 'prosemirror-model'
import { TextSelection, type EditorState, type Transaction } from 'prosemirror-state'
import type { EditorView, NodeView, NodeViewConstructor } from 'prosemirror-view'
import { make } from './make'
import { questionView, type QuestionSurroundings } from './question-view'
import { emptyEmbed, isEmbed, type SourceKind } from './schema'
import type { CourseFile } from './send-files'

/** What the views of nodes say, in the reader's language. */
export type NodeTexts = {
  alt: string
  altHint: string
  noPicture: string
  replace: string
  remove: string
  language: string
  recordingAlt: string
  recordingHint: string
  captions: string
  noCaptions: string
  addCaptions: string
  editCaptions: string
  writeCaptions: string
  done: string
  source: Record<SourceKind, string>
  step: string
  editSteps: string
  decorative: string
  embed: string
  embedAddress: string
  embedHint: string
  embedTitle: string
  question: QuestionSurroundings['texts']
}

type Place = () => number | undefined

/** What the views need from the page: its texts, where files are, and how a picture is replaced. */
type Surroundings = {
  texts: NodeTexts
  fileOf: (path: string) => CourseFile | null
  replacePicture: (view: EditorView, position: number) => void
  /** Asks for the captions of a recording and uploads them under this name; calls `done` when they are there. */
  addCaptions: (name: string, done: () => void) => void
  cardOf: QuestionSurroundings['cardOf']
  questionsUrl: string
  stepsUrl: string
  /** The page on which captions are edited. */
  captionsUrl: string
}

let lastId = 0

/** Returns the views of pictures, code, sources and tasks: what of them is edited beside their text. */
export function nodeViews(surroundings: Surroundings): Record<string, NodeViewConstructor> {
  const { texts, cardOf, questionsUrl, stepsUrl } = surroundings
  return {
    image: (node, view, place) => imageView(node, view, place, surroundings),
    code_block: (node, view, place) => codeView(node, view, place, texts),
    source_block: node => sourceView(node, texts),
    question: (node, view, place) =>
      questionView(node, view, place, { texts: texts.question, cardOf, questionsUrl }),
    step: node => stepView(node, texts, stepsUrl),
    list_item: (node, view, place) => itemView(node, view, place, texts),
  }
}

function setAttribute(view: EditorView, place: Place, name: string, value: unknown): void {
  const position = place()
  if (position !== undefined) view.dispatch(view.state.tr.setNodeAttribute(position, name, value))
}

/** Moves the cursor behind a picture: into the next block, a new paragraph if there is none to write in. */
export function behindImage({ doc, schema, tr }: EditorState, position: number): Transaction {
  const after = doc.resolve(position + 1)
  const holder = after.node(-1)
  const index = after.indexAfter(-1)
  const paragraph = schema.nodes.paragraph!
  const isAtEnd = after.parentOffset === after.parent.content.size
  if (!isAtEnd || !holder.canReplaceWith(index, index, paragraph))
    return tr.setSelection(TextSelection.near(after))
  const behind = after.after()
  if (!doc.nodeAt(behind)?.isTextblock) tr.insert(behind, paragraph.create())
  return tr.setSelection(TextSelection.create(tr.doc, behind + 1))
}

/**
 * A picture or a recording with its description below, which is asked for while it is missing, and so are the captions
 * of a recording.
 */
function imageView(
  node: Node,
  view: EditorView,
  place: Place,
  { texts, fileOf, replacePicture, addCaptions, captionsUrl }: Surroundings,
): NodeView {
  const id = `alt-${++lastId}`
  const player = make('span', {})
  const missing = make('span', { className: 'picture-missing' })
  const field = make('input', {
    id,
    className: 'input',
    type: 'text',
    maxLength: 500,
    dir: 'auto',
    autocomplete: 'off',
  })
  const label = make('label', { htmlFor: id, className: 'field-label' })
  const hint = make('span', { id: `${id}-hint`, className: 'meta' })
  field.setAttribute('aria-describedby', hint.id)
  const replace = make('button', { type: 'button', className: 'button button-small' }, texts.replace)
  const remove = make('button', { type: 'button', className: 'button button-small' }, texts.remove)
  const tools = make('span', { className: 'picture-tools' }, replace, remove)
  const decorative = make('input', { type: 'checkbox' })
  const decorativeLabel = make(
    'label',
    { className: 'picture-decorative' },
    decorative,
    ` ${texts.decorative}`,
  )
  const address = make('input', {
    className: 'input',
    type: 'url',
    maxLength: 2000,
    dir: 'ltr',
    autocomplete: 'off',
  })
  address.setAttribute('aria-label', texts.embedAddress)
  const alt = make('span', { className: 'picture-alt' }, label, hint, field, decorativeLabel)
  const captions = make('span', { className: 'picture-captions' })
  const dom = make(
    'span',
    { className: 'picture', contentEditable: 'false' },
    player,
    missing,
    address,
    tools,
    alt,
    captions,
  )
  let shown = ''
  let current = node

  function show(next: Node): void {
    current = next
    const { src, alt: text, isDecorative } = next.attrs as { src: string; alt: string; isDecorative: boolean }
    const file = fileOf(src)
    const isRecording = file !== null && /^(?:video|audio)\//.test(file.type)
    const isPage = isEmbed(src)
    missing.hidden = file !== null
    missing.textContent = isPage ? texts.embed : `${texts.noPicture} ${src}`
    address.hidden = !isPage
    if (document.activeElement !== address) address.value = src
    replace.hidden = isPage
    decorativeLabel.hidden = isPage || isRecording
    decorative.checked = isDecorative
    field.disabled = isDecorative
    if (shown !== (file?.url ?? '')) {
      shown = file?.url ?? ''
      player.replaceChildren(...(file ? [playerOf(file)] : []))
    }
    label.textContent = isPage ? texts.embedTitle : isRecording ? texts.recordingAlt : texts.alt
    hint.textContent = isPage ? texts.embedHint : isRecording ? texts.recordingHint : texts.altHint
    if (document.activeElement !== field) field.value = text
    dom.classList.toggle('needs-alt', !text.trim() && !isDecorative)
    dom.classList.toggle('is-page', isPage)
    showCaptions(isRecording ? src : null)
  }

  function showCaptions(src: string | null): void {
    captions.hidden = src === null
    if (src === null) return
    const base = src.replace(/\.[a-z0-9]+$/i, '')
    const found = [`${base}.vtt`, `${base}.srt`].find(name => fileOf(name))
    const link = (text: string, of: Record<string, string>) =>
      make('a', { href: `${captionsUrl}?${new URLSearchParams(of)}`, className: 'text-link' }, text)
    if (found) {
      captions.replaceChildren(`${texts.captions} ${found} `, link(texts.editCaptions, { path: found }))
      return
    }
    const button = make('button', { type: 'button', className: 'button button-small' }, texts.addCaptions)
    button.addEventListener('click', () => addCaptions(base, () => show(current)))
    captions.replaceChildren(`${texts.noCaptions} `, button, link(texts.writeCaptions, { recording: src }))
  }

  field.addEventListener('input', () => setAttribute(view, place, 'alt', field.value))
  decorative.addEventListener('change', () => {
    const position = place()
    if (position === undefined) return
    const { tr } = view.state
    tr.setNodeAttribute(position, 'isDecorative', decorative.checked)
    view.dispatch(tr.setNodeAttribute(position, 'alt', ''))
  })
  address.addEventListener('input', () => {
    const typed = address.value.trim()
    if (isEmbed(typed)) setAttribute(view, place, 'src', typed)
  })
  address.addEventListener('keydown', event => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    field.focus()
  })
  field.addEventListener('keydown', event => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return
    event.preventDefault()
    const position = place()
    if (position === undefined) return
    view.dispatch(behindImage(view.state, position))
    view.focus()
  })
  replace.addEventListener('click', () => {
    const position = place()
    if (position !== undefined) replacePicture(view, position)
  })
  remove.addEventListener('click', () => {
    const position = place()
    if (position !== undefined) view.dispatch(view.state.tr.delete(position, position + 1))
    view.focus()
  })
  show(node)
  if (node.attrs.src === emptyEmbed && view.hasFocus()) setTimeout(() => address.focus())
  return {
    dom,
    update(next) {
      if (next.type !== node.type) return false
      show(next)
      return true
    },
    selectNode: () => dom.classList.add('is-chosen'),
    deselectNode: () => dom.classList.remove('is-chosen'),
    stopEvent: ({ target }) =>
      target instanceof Element && target.closest('input, button, label, a') !== null,
    ignoreMutation: () => true,
  }
}

function playerOf({ type, url }: CourseFile): HTMLElement {
  if (type.startsWith('video/')) return make('video', { src: url, controls: true, preload: 'metadata' })
  if (type.startsWith('audio/')) return make('audio', { src: url, controls: true, preload: 'metadata' })
  return make('img', { src: url, alt: '', draggable: true })
}

/** Code with a field for its language. */
function codeView(node: Node, view: EditorView, place: Place, texts: NodeTexts): NodeView {
  const field = make('input', { className: 'code-language', type: 'text', maxLength: 60, spellcheck: false })
  field.setAttribute('aria-label', texts.language)
  field.placeholder = texts.language
  const contentDOM = make('code', {})
  const dom = make('div', { className: 'code-frame' }, make('pre', { dir: 'ltr' }, contentDOM), field)
  field.contentEditable = 'false'
  field.value = String(node.attrs.info)
  field.addEventListener('input', () =>
    setAttribute(view, place, 'info', field.value.replace(/[`~\n]/g, '').trim()),
  )
  return {
    dom,
    contentDOM,
    update(next) {
      if (next.type !== node.type) return false
      if (document.activeElement !== field) field.value = String(next.attrs.info)
      return true
    },
    stopEvent: ({ target }) => target === field,
    ignoreMutation: mutation => mutation.type !== 'selection' && !contentDOM.contains(mutation.target),
  }
}

/** What the editor has no form for, as its Markdown, under its name. */
function sourceView(node: Node, texts: NodeTexts): NodeView {
  const name = make('span', { className: 'source-name', contentEditable: 'false' })
  const contentDOM = make('pre', { dir: 'auto', spellcheck: false })
  const show = ({ attrs }: Node) => (name.textContent = texts.source[attrs.kind as SourceKind])
  show(node)
  return {
    dom: make('div', { className: 'source-block' }, name, contentDOM),
    contentDOM,
    update(next) {
      if (next.type !== node.type) return false
      show(next)
      return true
    },
    ignoreMutation: mutation => mutation.type !== 'selection' && !contentDOM.contains(mutation.target),
  }
}

/** A step of a tour: its name, and a link to where steps are edited. */
function stepView(node: Node, texts: NodeTexts, stepsUrl: string): NodeView {
  const [, quoted = ''] = /^title:[ \t]*(.*)$/m.exec(String(node.attrs.source)) ?? []
  const title = quoted.replace(/^(["'])(.*)\1$/, '$2')
  const [, id] = /^id:[ \t]*([a-z0-9-]+)[ \t]*$/m.exec(String(node.attrs.source)) ?? []
  const name = make('span', { className: 'source-name' }, texts.step)
  const link = make('a', { href: id ? `${stepsUrl}/${id}` : stepsUrl }, texts.editSteps)
  return {
    dom: make(
      'div',
      { className: 'source-block step-block', contentEditable: 'false' },
      name,
      ` ${title} `,
      link,
    ),
    stopEvent: ({ target }) => target === link,
    ignoreMutation: () => true,
  }
}

/** An item of a list; a task has a box to check. */
function itemView(node: Node, view: EditorView, place: Place, texts: NodeTexts): NodeView {
  if (node.attrs.checked === null) {
    const dom = make('li', {})
    return { dom, contentDOM: dom, update: next => next.type === node.type && next.attrs.checked === null }
  }
  const box = make('input', { type: 'checkbox', contentEditable: 'false' })
  box.setAttribute('aria-label', texts.done)
  box.checked = Boolean(node.attrs.checked)
  box.addEventListener('change', () => setAttribute(view, place, 'checked', box.checked))
  const contentDOM = make('div', {})
  return {
    dom: make('li', { className: 'task' }, box, contentDOM),
    contentDOM,
    update(next) {
      if (next.type !== node.type || next.attrs.checked === null) return false
      box.checked = Boolean(next.attrs.checked)
      return true
    },
    stopEvent: ({ target }) => target === box,
    ignoreMutation: mutation => mutation.type !== 'selection' && !contentDOM.contains(mutation.target),
  }
}
