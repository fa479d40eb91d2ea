import { Plugin, PluginKey, type Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'

/** What was typed after a slash, and where it stands; null while the menu is closed. */
type Slash = { query: string; from: number; to: number } | null

const key = new PluginKey<{ dismissedAt: number | null }>('slash')

/**
 * The menu that opens with `/` at the beginning of a word, filtered by what follows. The page has its options, with a
 * command and words to search in; the focus stays in the text, as in a combobox.
 */
export function slashMenu(
  list: HTMLElement,
  commands: Record<string, Command>,
  said: (count: number) => void,
): Plugin {
  const options = [...list.querySelectorAll<HTMLElement>('[role="option"]')]
  let slash: Slash = null
  let active = 0
  const shown = () => options.filter(option => !option.hidden)

  function close(view: EditorView): void {
    slash = null
    list.hidden = true
    view.dom.removeAttribute('aria-activedescendant')
    view.dom.removeAttribute('aria-controls')
  }

  function show(view: EditorView, next: NonNullable<Slash>): void {
    const isNew = slash?.query !== next.query || list.hidden
    slash = next
    if (isNew) {
      const words = next.query.toLowerCase()
      const wordsOf = (option: HTMLElement) => option.dataset.words!.toLowerCase()
      for (const option of options) option.hidden = !wordsOf(option).includes(words)
      // `/file` is for the block that is called so, before one whose description has the word.
      const called = shown().findIndex(option => wordsOf(option).startsWith(words))
      active = Math.max(called, 0)
    }
    if (!shown().length) return close(view)
    list.hidden = false
    view.dom.setAttribute('aria-controls', list.id)
    place(view, next.from)
    mark(view)
    if (isNew) said(shown().length)
  }

  function place(view: EditorView, position: number): void {
    const caret = view.coordsAtPos(position)
    const frame = list.offsetParent!.getBoundingClientRect()
    const isRoomBelow = caret.bottom + list.offsetHeight < window.innerHeight || caret.top < list.offsetHeight
    const top = isRoomBelow ? caret.bottom + 6 : caret.top - list.offsetHeight - 6
    list.style.insetBlockStart = `${top - frame.top}px`
    const isRightToLeft = getComputedStyle(list).direction === 'rtl'
    const start = isRightToLeft ? frame.right - caret.right : caret.left - frame.left
    list.style.insetInlineStart = `${Math.max(0, Math.min(start, frame.width - list.offsetWidth))}px`
  }

  function mark(view: EditorView): void {
    for (const [n, option] of shown().entries()) {
      option.setAttribute('aria-selected', String(n === active))
      if (n !== active) continue
      view.dom.setAttribute('aria-activedescendant', option.id)
      option.scrollIntoView({ block: 'nearest' })
    }
  }

  function choose(view: EditorView, option: HTMLElement): void {
    const { from, to } = slash!
    close(view)
    view.dispatch(view.state.tr.delete(from, to))
    view.focus()
    commands[option.dataset.command!]!(view.state, view.dispatch, view)
  }

  return new Plugin({
    key,
    state: {
      init: () => ({ dismissedAt: null }),
      apply: (transaction, value) => (transaction.getMeta(key) as typeof value | undefined) ?? value,
    },
    props: {
      handleKeyDown(view, event) {
        if (!slash) return false
        const all = shown()
        if (event.key === 'Escape') {
          view.dispatch(view.state.tr.setMeta(key, { dismissedAt: slash.from }))
          return true
        }
        if (event.key === 'Enter' || event.key === 'Tab') {
          choose(view, all[active]!)
          return true
        }
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
        if (!step || event.altKey) return false
        active = (active + step + all.length) % all.length
        mark(view)
        return true
      },
      handleDOMEvents: {
        blur: view => {
          close(view)
          return false
        },
      },
    },
    view(view) {
      const onPointer = (event: Event) => {
        // The focus stays in the text.
        event.preventDefault()
        const option = (event.target as Element).closest<HTMLElement>('[role="option"]')
        if (option && slash && event.type === 'click') choose(view, option)
      }
      const onResize = () => slash && place(view, slash.from)
      list.addEventListener('mousedown', onPointer)
      list.addEventListener('click', onPointer)
      window.addEventListener('resize', onResize)
      return {
        update(current) {
          const found = slashBefore(current)
          const { dismissedAt } = key.getState(current.state)!
          if (found && found.from !== dismissedAt && current.hasFocus()) show(current, found)
          else if (slash) close(current)
        },
        destroy() {
          list.hidden = true
          list.removeEventListener('mousedown', onPointer)
          list.removeEventListener('click', onPointer)
          window.removeEventListener('resize', onResize)
        },
      }
    },
  })
}

/** Returns the slash before the cursor, unless it is in code or within a word. */
function slashBefore({ state }: EditorView): Slash {
  const { $from, empty } = state.selection
  if (!empty || !$from.parent.inlineContent || $from.parent.type.spec.code) return null
  const before = $from.parent.textBetween(
    Math.max(0, $from.parentOffset - 40),
    $from.parentOffset,
    null,
    '\ufffc',
  )
  const [, query] = /(?:^|\s)\/([\p{L}\p{N} -]{0,24})$/u.exec(before) ?? []
  if (query === undefined || query.startsWith(' ')) return null
  return { query, from: $from.pos - query.length - 1, to: $from.pos }
}
