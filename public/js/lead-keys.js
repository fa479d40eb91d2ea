// The page of a lead by keyboard: the same keys as in the queue.
import { areKeysOff, useKeys } from './answer-keys.js'

document.querySelector('.lead').classList.toggle('keys-off', areKeysOff())
useKeys({
  u: () => document.querySelector('.flash form button')?.click(),
  n: () => document.querySelector('#note')?.focus(),
  '/': () => (location.href = '/sales/leads'),
})
