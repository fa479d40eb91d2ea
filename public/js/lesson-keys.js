import { isForElsewhere, keySwitch } from './key-switch.js'

/** Whether the keys of a lesson are in use. */
export const { areOff: areKeysOff, turn: switchKeys } = keySwitch('lesson-keys-off')

/** Whether a key may be a shortcut of the page: not while typing, in a dialog, or with Ctrl, Alt or the Windows key. */
export function isShortcut(event) {
  return !isForElsewhere(event) && !areKeysOff() && !document.querySelector('dialog:modal')
}
