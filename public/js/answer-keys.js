// The keys that answer a lead, in the queue and on its page. They can be switched off in this browser.
import { isForElsewhere, keySwitch } from './key-switch.js'

const { areOff, turn: switchKeys } = keySwitch('queue-keys-off')
export const areKeysOff = areOff

/**
 * Presses what a key stands for; a menu opens, with the focus on its first choice. False when it isn't there, or
 * belongs to a lead that is being answered.
 */
function press(key) {
  const target = document.querySelector(`[data-key="${key}"]`)
  if (!target || target.closest('[inert]')) return false
  const menu = target.closest('details')
  if (!menu) return (target.click(), true)
  menu.open = true
  menu.querySelector('select, button, input:not([type="hidden"])')?.focus()
  return true
}

function pickReason(dialog, key) {
  const reason = dialog.querySelectorAll('[name="reason"]')[key - 1]
  reason?.click()
  reason?.focus()
  return !!reason
}

function closeMenus(target) {
  for (const menu of document.querySelectorAll('.answer-menu[open]')) {
    menu.open = false
    if (menu.contains(target)) menu.querySelector('summary').focus()
  }
}

/**
 * Shows what each key does, as a template says, and lets them be switched off.
 *
 * @param {string} id of the template; its heading has the same id with `-title`
 * @param {() => void} onSwitch
 */
export function showKeys(id, onSwitch) {
  const dialog = document.createElement('dialog')
  dialog.append(document.getElementById(id).content.cloneNode(true))
  dialog.setAttribute('aria-labelledby', `${id}-title`)
  const box = dialog.querySelector('[data-keys-on]')
  box.checked = !areKeysOff()
  box.addEventListener('change', () => {
    switchKeys(!box.checked)
    onSwitch()
  })
  dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close())
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}

/** Makes keys work: those of `byKey`, and those of the buttons on the page. */
export function useKeys(byKey) {
  addEventListener('keydown', event => {
    const { target, key } = event
    if (key === 'Escape' && !event.defaultPrevented) return closeMenus(target)
    if (isForElsewhere(event)) return
    const dialog = document.querySelector('dialog:modal')
    if (dialog && /^[1-9]$/.test(key) && pickReason(dialog, key)) event.preventDefault()
    if (dialog || areKeysOff()) return
    const isPressed =
      (target.matches?.('a:not(.queue-row), button, summary') && key === 'Enter') ||
      (target.matches?.('button, summary, input') && key === ' ')
    const isArrowElsewhere = key.startsWith('Arrow') && !target.closest?.('.queue-list')
    if (isPressed || isArrowElsewhere) return
    const act = byKey[key] ?? byKey[key.toLowerCase()]
    if (act) {
      event.preventDefault()
      act()
    } else if (/^[a-z]$/i.test(key) && press(key.toLowerCase())) event.preventDefault()
  })
  addEventListener('click', event => {
    for (const menu of document.querySelectorAll('.answer-menu[open]'))
      if (!menu.contains(event.target)) menu.open = false
  })
}
