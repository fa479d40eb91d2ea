/** Whether the keys of a lesson are in use. A reader can switch them off in this browser. */
const offKey = 'lesson-keys-off'

export function areKeysOff() {
  try {
    return localStorage.getItem(offKey) !== null
  } catch {
    return false
  }
}

export function switchKeys(isOff) {
  try {
    if (isOff) localStorage.setItem(offKey, 'true')
    else localStorage.removeItem(offKey)
  } catch {
    // The browser keeps nothing.
  }
}

/** Whether a key may be a shortcut of the page: not while typing, in a dialog, or with Ctrl, Alt or the Windows key. */
export function isShortcut(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey)
    return false
  if (areKeysOff() || document.querySelector('dialog:modal')) return false
  const { target } = event
  return !(
    target.isContentEditable ||
    target.matches('textarea, select, input:not([type="checkbox"], [type="radio"], [type="range"])')
  )
}
