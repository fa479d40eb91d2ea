import type { Command } from 'prosemirror-state'
import { isInTable } from 'prosemirror-tables'
import type { EditorView } from 'prosemirror-view'
import { hasMark, listAround, surroundings } from './commands'

/** The marks that buttons put on and take off. */
const markOf: Record<string, string> = {
  bold: 'strong',
  italic: 'em',
  strike: 'strike',
  highlight: 'highlight',
  inlineCode: 'code',
  link: 'link',
}

/** Makes the toolbar work: one tab stop, arrows between its controls, and what is pressed follows the selection. */
export function startToolbar(
  bar: HTMLElement,
  tableTools: HTMLElement,
  commands: Record<string, Command>,
  viewOf: () => EditorView | null,
) {
  const choice = bar.querySelector<HTMLSelectElement>('[data-block-choice]')!
  const buttons = [...bar.querySelectorAll<HTMLButtonElement>('button[data-command]')]
  const controls = () =>
    [...bar.querySelectorAll<HTMLElement>('button, select')].filter(control => control.offsetParent !== null)
  let current: HTMLElement = choice

  function run(name: string): void {
    const view = viewOf()
    if (!view) return
    commands[name]!(view.state, view.dispatch, view)
    if (!document.querySelector('dialog[open]')) view.focus()
  }

  function makeCurrent(control: HTMLElement): void {
    current.tabIndex = -1
    current = control
    current.tabIndex = 0
  }

  for (const control of bar.querySelectorAll<HTMLElement>('button, select')) control.tabIndex = -1
  makeCurrent(choice)
  bar.addEventListener('focusin', ({ target }) => makeCurrent(target as HTMLElement))
  bar.addEventListener('keydown', event => {
    const all = controls()
    const at = all.indexOf(current)
    const forward = getComputedStyle(bar).direction === 'rtl' ? -1 : 1
    const step = { ArrowRight: forward, ArrowLeft: -forward }[event.key]
    const next = step ? (at + step + all.length) % all.length : { Home: 0, End: all.length - 1 }[event.key]
    if (event.key === 'Escape') viewOf()?.focus()
    if (next === undefined) return
    event.preventDefault()
    all[next]!.focus()
  })
  bar.addEventListener('mousedown', event => {
    // The selection stays in the text.
    if ((event.target as Element).closest('button')) event.preventDefault()
  })
  bar.addEventListener('click', event => {
    const button = (event.target as Element).closest<HTMLElement>('button[data-command]')
    if (button) run(button.dataset.command!)
  })
  choice.addEventListener('change', () => {
    const view = viewOf()
    const { block } = view ? surroundings(view.state) : {}
    if (choice.value !== nameOf(block)) run(choice.value)
  })

  return {
    focus: () => current.focus(),
    /** Shows what the selection is in. */
    update(): void {
      const view = viewOf()
      if (!view) return
      const { state } = view
      const { block, ancestors } = surroundings(state)
      const list = listAround(state)
      const isTask = list?.firstChild?.attrs.checked != null
      const listName = list?.type.name === 'ordered_list' ? 'numbers' : list && (isTask ? 'tasks' : 'list')
      const around = new Set([listName, ancestors.some(({ type }) => type.name === 'blockquote') && 'quote'])
      choice.value = nameOf(block) ?? 'text'
      for (const button of buttons) {
        const name = button.dataset.command!
        if (name === 'undo' || name === 'redo') {
          button.setAttribute('aria-disabled', String(!commands[name]!(state)))
        } else if (button.hasAttribute('aria-pressed')) {
          const isOn = name in markOf ? hasMark(state, markOf[name]!) : around.has(name)
          button.setAttribute('aria-pressed', String(isOn))
        }
      }
      tableTools.hidden = !isInTable(state)
    },
  }
}

function nameOf(block: ReturnType<typeof surroundings>['block'] | undefined): string | undefined {
  if (block?.type.name === 'heading') return `h${block.attrs.level}`
  return block?.type.name === 'code_block' ? 'code' : 'text'
}
