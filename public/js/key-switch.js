/**
 * Whether the keys of a kind of page are in use: a reader can switch them off in this browser.
 *
 * @param {string} name under which the browser keeps that they are off
 */
export function keySwitch(name) {
  return {
    areOff() {
      try {
        return localStorage.getItem(name) !== null
      } catch {
        return false
      }
    },
    turn(isOff) {
      try {
        if (isOff) localStorage.setItem(name, 'true')
        else localStorage.removeItem(name)
      } catch {
        // The browser keeps nothing.
      }
    },
  }
}

/** Whether a key belongs to the browser, or to the field that someone is typing in. */
export function isForElsewhere(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey)
    return true
  const { target } = event
  return (
    target.isContentEditable ||
    !!target.matches?.('textarea, select, input:not([type="checkbox"], [type="radio"])')
  )
}
