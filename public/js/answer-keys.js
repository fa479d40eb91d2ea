// The keys that answer a lead, in the queue and on its page. They can be switched off in this browser.
const offKey = 'queue-keys-off'

export function areKeysOff() {
  try {
    return localStorage.getItem(offKey) !== null
  } catch {
    return false
  }
}

export function switchKeys(areOn) {
  try {
    if (areOn) localStorage.removeItem(offKey)
    else localStorage.setItem(offKey, 'true')
  } catch {
    // The browser keeps nothing.
  }
}

/** Presses what a key stands for; a menu opens, with the focus on its first choice. False when it isn't there. */
function press(key) {
  const target = document.querySelector(`[data-key="${key}"]`)
  if (!target) return false
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

/** Makes keys work: those of `byKey`, and those of the buttons on the page. */
export function useKeys(byKey) {
  addEventListener('keydown', event => {
    const { target, key } = event
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    if (key === 'Escape') return closeMenus(target)
    const isTyping = target.matches?.('textarea, select, input:not([type="checkbox"], [type="radio"])')
    const dialog = document.querySelector('dialog:modal')
    if (dialog && !isTyping && /^[1-9]$/.test(key) && pickReason(dialog, key)) event.preventDefault()
    if (dialog || isTyping || areKeysOff()) return
    const isPressed = target.matches?.('a:not(.queue-row), button, summary') && /^(Enter| )$/.test(key)
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
