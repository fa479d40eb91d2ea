import { config } from '../platform/config'
import { HttpError } from '../platform/errors'
import { storedBytes } from './asset'

/** Throws 413 when so many more bytes would exceed what `MEDIA_MEGABYTES` allows for all files together. */
export async function requireRoom(bytes: number): Promise<void> {
  const limit = config.mediaBytes
  if (!limit || (await storedBytes()) + bytes <= limit) return
  throw new HttpError(413, 'studio:errors.storageFull', { megabytes: limit / 1024 / 1024 })
}
