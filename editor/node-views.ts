import type { Node } from 'prosemirror-model'
import { TextSelection } from 'prosemirror-state'
import type { EditorView, NodeView, NodeViewConstructor } from 'prosemirror-view'
import { make } from './make'
import { questionView, type QuestionTexts } from './question-view'
import type { SourceKind } from './schema'

/** What the views of nodes say, in the reader's language. */
export type NodeTexts = {
  alt: string
  altHint: string
  noPicture: string
  replace: string
  remove: string
  language: string
  done: string
  source: Record<SourceKind, string>
  question: QuestionTexts
}

type Place = () => number | undefined

/** What the views need from the page: its texts, where files are, and how a picture is replaced. */
type Surroundings = {
  texts: NodeTexts
  urlOf: (path: string) => string | null
  replacePicture: (view: EditorView, position: number) => void
}

let lastId = 0

/** Returns the views of pictures, code, sources and tasks: what of them is edited beside their text. */
export function nodeViews({
  texts,
  urlOf,
  replacePicture,
}: Surroundings): Record<string, NodeViewConstructor> {
  return {
    image: (node, view, place) => imageView(node, view, place, { texts, urlOf, replacePicture }),
    code_block: (node, view, place) => codeView(node, view, place, texts),
    source_block: node => sourceView(node, texts),
    question: (node, view, place) => questionView(node, view, place, texts.question),
    list_item: (node, view, place) => itemView(node, view, place, texts),
  }
}

function setAttribute(view: EditorView, place: Place, name: string, value: unknown): void {
  const position = place()
  if (position !== undefined) view.dispatch(view.state.tr.setNodeAttribute(position, name, value))
}

/** A picture with its description below, which is asked for while it is missing. */
function imageView(
  node: Node,
  view: EditorView,
  place: Place,
  { texts, urlOf, replacePicture }: Surroundings,
): NodeView {
  const id = `alt-${++lastId}`
  const picture = make('img', { alt: '', draggable: true })
  const missing = make('span', { className: 'picture-missing' })
  const field = make('input', {
    id,
    className: 'input',
    type: 'text',
    maxLength: 500,
    dir: 'auto',
    autocomplete: 'off',
  })
  const label = make('label', { htmlFor: id, className: 'field-label' }, texts.alt)
  const hint = make('span', { id: `${id}-hint`, className: 'meta' }, texts.altHint)
  field.setAttribute('aria-describedby', hint.id)
  const replace = make('button', { type: 'button', className: 'button button-small' }, texts.replace)
  const remove = make('button', { type: 'button', className: 'button button-small' }, texts.remove)
  const tools = make('span', { className: 'picture-tools' }, replace, remove)
  const alt = make('span', { className: 'picture-alt' }, label, hint, field)
  const dom = make('span', { className: 'picture', contentEditable: 'false' }, picture, missing, tools, alt)

  function show({ attrs }: Node): void {
    const url = urlOf(String(attrs.src))
    picture.hidden = !url
    if (url && picture.getAttribute('src') !== url) picture.src = url
    missing.hidden = Boolean(url)
    missing.textContent = `${texts.noPicture} ${String(attrs.src)}`
    if (document.activeElement !== field) field.value = String(attrs.alt)
    dom.classList.toggle('needs-alt', !String(attrs.alt).trim())
  }
  field.addEventListener('input', () => setAttribute(view, place, 'alt', field.value))
  field.addEventListener('keydown', event => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return
    event.preventDefault()
    const position = place()
    if (position === undefined) return
    const after = view.state.doc.resolve(position + 1)
    view.dispatch(view.state.tr.setSelection(TextSelection.near(after)))
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
  return {
    dom,
    update(next) {
      if (next.type !== node.type) return false
      show(next)
      return true
    },
    selectNode: () => dom.classList.add('is-chosen'),
    deselectNode: () => dom.classList.remove('is-chosen'),
    stopEvent: ({ target }) => target instanceof Element && target.closest('input, button, label') !== null,
    ignoreMutation: () => true,
  }
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
