import type { MarkType, ResolvedPos } from 'prosemirror-model'
import type { Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { schema } from './schema'

/** Returns the command that asks where the selected text leads to, or changes the link that the cursor is in. */
export function linkDialog(dialog: HTMLDialogElement): Command {
  const form = dialog.querySelector('form')!
  const address = dialog.querySelector<HTMLInputElement>('[name="href"]')!
  const words = dialog.querySelector<HTMLInputElement>('[name="words"]')!
  const wordsField = dialog.querySelector<HTMLElement>('[data-words]')!
  const remove = dialog.querySelector<HTMLButtonElement>('[data-remove]')!
  const link = schema.marks.link!
  let apply: (href: string) => void = () => {}

  form.addEventListener('submit', event => {
    event.preventDefault()
    const href = address.value.trim()
    dialog.close()
    apply(href)
  })
  remove.addEventListener('click', () => {
    dialog.close()
    apply('')
  })

  return (state, _dispatch, view) => {
    const { $from, from, to, empty } = state.selection
    if (!view || !$from.parent.type.allowsMarkType(link)) return false
    const range = empty ? rangeOf(link, $from) : { from, to }
    const mark = range && link.isInSet(state.doc.resolve(range.from + 1).marks())
    address.value = mark ? String(mark.attrs.href) : ''
    words.value = ''
    wordsField.hidden = Boolean(range)
    remove.hidden = !mark
    apply = href => setLink(view, href, range, words.value.trim())
    dialog.addEventListener('close', () => view.focus(), { once: true })
    dialog.showModal()
    address.focus()
    return true
  }

  function setLink(
    view: EditorView,
    href: string,
    range: { from: number; to: number } | null,
    text: string,
  ): void {
    const { state } = view
    if (!range) {
      const mark = link.create({ href: withProtocol(href) })
      if (href) view.dispatch(state.tr.replaceSelectionWith(schema.text(text || href, [mark]), false))
      return
    }
    const transaction = state.tr.removeMark(range.from, range.to, link)
    if (href) transaction.addMark(range.from, range.to, link.create({ href: withProtocol(href) }))
    view.dispatch(transaction)
  }
}

/** `example.com/page` is an address of the web, and `name@example.com` one of email. */
function withProtocol(href: string): string {
  if (/^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(href)) return `mailto:${href}`
  return /^(?:[a-z0-9-]+\.)+[a-z]{2,}(?:\/|$)/i.test(href) && !/\.(?:md|markdown)$/i.test(href)
    ? `https://${href}`
    : href
}

/** Returns the part of a text block around a place that has a mark. */
function rangeOf(mark: MarkType, $place: ResolvedPos): { from: number; to: number } | null {
  const { parent } = $place
  const start = $place.start()
  let from: number | null = null
  let found: { from: number; to: number } | null = null
  const current = mark.isInSet($place.marks())
  if (!current) return null
  parent.forEach((node, offset) => {
    if (!current.isInSet(node.marks)) return void (from = null)
    from ??= start + offset
    const to = start + offset + node.nodeSize
    if (from <= $place.pos && $place.pos <= to) found = { from, to }
  })
  return found
}
