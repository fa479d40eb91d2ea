import { NodeSelection, Plugin, type Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'

/**
 * The handle beside a block: it is dragged, or opens a menu of what can be done with the block. It stands beside the
 * block under the pointer, or else the one with the cursor.
 */
export function blockHandle({
  handle,
  menu,
  commands,
}: {
  handle: HTMLButtonElement
  menu: HTMLElement
  commands: Record<string, Command>
}): Plugin {
  const items = [...menu.querySelectorAll<HTMLButtonElement>('[role="menuitem"]')]
  let position: number | null = null
  let waiting = 0

  function standBeside(view: EditorView, at: number | null): void {
    const element = at === null ? null : view.nodeDOM(at)
    if (!(element instanceof HTMLElement)) {
      handle.hidden = true
      position = null
      return
    }
    position = at
    handle.hidden = false
    const frame = handle.offsetParent!.getBoundingClientRect()
    const { top } = element.getBoundingClientRect()
    const lineHeight = parseFloat(getComputedStyle(element).lineHeight) || handle.offsetHeight
    const middle = Math.min(lineHeight, element.offsetHeight) / 2
    handle.style.insetBlockStart = `${top - frame.top + middle - handle.offsetHeight / 2}px`
  }

  function blockOfSelection({ state }: EditorView): number | null {
    const { $from, from } = state.selection
    return $from.depth ? $from.before(1) : from < state.doc.content.size ? from : null
  }

  function blockAt(view: EditorView, y: number): number | null {
    let found: number | null = null
    view.state.doc.forEach((_node, offset) => {
      const element = view.nodeDOM(offset)
      if (found !== null || !(element instanceof HTMLElement)) return
      if (y <= element.getBoundingClientRect().bottom + 4) found = offset
    })
    return found
  }

  function select(view: EditorView): void {
    if (position === null || position >= view.state.doc.content.size) return
    view.dispatch(view.state.tr.setSelection(NodeSelection.create(view.state.doc, position)))
  }

  function openMenu(view: EditorView): void {
    select(view)
    menu.hidden = false
    menu.style.insetBlockStart = `${handle.offsetTop + handle.offsetHeight}px`
    handle.setAttribute('aria-expanded', 'true')
    items[0]!.focus()
  }

  function closeMenu(): void {
    menu.hidden = true
    handle.setAttribute('aria-expanded', 'false')
  }

  return new Plugin({
    view(view) {
      const listeners = new AbortController()
      const { signal } = listeners
      const frame = handle.parentElement!
      frame.addEventListener(
        'mousemove',
        ({ clientY, target }) => {
          if (menu.hidden && target !== handle) standBeside(view, blockAt(view, clientY))
        },
        { signal },
      )
      frame.addEventListener(
        'mouseleave',
        () => menu.hidden && standBeside(view, view.hasFocus() ? blockOfSelection(view) : null),
        { signal },
      )
      handle.addEventListener('click', () => (menu.hidden ? openMenu(view) : closeMenu()), { signal })
      handle.addEventListener(
        'dragstart',
        event => {
          select(view)
          const slice = view.state.selection.content()
          const { dom, text } = view.serializeForClipboard(slice)
          event.dataTransfer!.setData('text/html', dom.innerHTML)
          event.dataTransfer!.setData('text/plain', text)
          event.dataTransfer!.effectAllowed = 'copyMove'
          const block = position === null ? null : view.nodeDOM(position)
          if (block instanceof HTMLElement) event.dataTransfer!.setDragImage(block, 0, 0)
          view.dragging = { slice, move: true }
        },
        { signal },
      )
      menu.addEventListener(
        'click',
        event => {
          const item = (event.target as Element).closest<HTMLElement>('[data-command]')
          if (!item) return
          closeMenu()
          commands[item.dataset.command!]!(view.state, view.dispatch, view)
          view.focus()
        },
        { signal },
      )
      menu.addEventListener(
        'keydown',
        event => {
          const at = items.indexOf(document.activeElement as HTMLButtonElement)
          const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key]
          if (next !== undefined) {
            event.preventDefault()
            items.at(next % items.length)!.focus()
          } else if (event.key === 'Escape' || event.key === 'Tab') {
            closeMenu()
            handle.focus()
          }
        },
        { signal },
      )
      document.addEventListener(
        'mousedown',
        ({ target }) => {
          if (!menu.hidden && !menu.contains(target as Node) && target !== handle) closeMenu()
        },
        { signal },
      )
      return {
        update(current, before) {
          const { state } = current
          if (!menu.hidden || (before.selection === state.selection && before.doc === state.doc)) return
          // Measuring at once would lay the text out twice for each key.
          cancelAnimationFrame(waiting)
          waiting = requestAnimationFrame(() => standBeside(current, blockOfSelection(current)))
        },
        destroy() {
          cancelAnimationFrame(waiting)
          listeners.abort()
          handle.hidden = true
          closeMenu()
        },
      }
    },
  })
}
