import { isUtf8 } from 'node:buffer'
import type { CourseFault } from './course-fault'

/** A type of file that a course may contain. */
export type FileType = {
  /** The media type, such as `image/png`. */
  type: string
  /** Extensions of its files, without the dot. */
  endings: string[]
  /** Whether the bytes are of this type, whatever the file is called. */
  is: (bytes: Buffer) => boolean
  /** The most bytes of a file; undefined where only the limit of the course applies. */
  maxBytes?: number
  /** Whether a browser shows or plays it; other files are downloaded. */
  isShown: boolean
  /** Reads a recording or its captions. */
  measure?: (bytes: Buffer) => Measured
}

/** What is inside a recording or its captions. */
type Measured = {
  /** The length of the recording, or the end of its captions, in seconds; null when it can't be read. */
  seconds: number | null
  /** What has to be fixed before the file is accepted. */
  fault: Omit<CourseFault, 'file'> | null
}

/** Returns a function that looks for the bytes (in Latin-1) that mark a type. */
export function startsWith(text: string, at = 0): (bytes: Buffer) => boolean {
  const magic = Buffer.from(text, 'latin1')
  return bytes => bytes.subarray(at, at + magic.length).equals(magic)
}

export function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0)
}
