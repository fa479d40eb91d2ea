import type { Types } from 'mongoose'
import { memoized } from '../platform/cached'
import { hmacOf } from '../platform/hmac'

/**
 * Returns what stands for a person in their browser, or `none` for nobody: lessons that are kept there belong to one
 * reader, and are removed when another one, or nobody, is signed in.
 */
export function readerKey(person: { _id: Types.ObjectId } | null | undefined): string {
  return person ? keyOf(String(person._id)) : 'none'
}

const keyOf = memoized((id: string) => hmacOf('reader', id).slice(0, 22))

/** The header with it, which every page has. */
export const readerHeader = 'x-reader'
