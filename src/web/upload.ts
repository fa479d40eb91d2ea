import { randomUUID } from 'node:crypto'
import { unlinkSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Request } from 'express'
import multer, { type StorageEngine } from 'multer'
import { HttpError } from '../platform/errors'
import { requireToken } from './csrf'
import type { Handler, RouteRequest } from './handler'
import { bodyReader } from './route'

/** An uploaded file. It is on disk without a name, so it is gone when the response ends, and after a crash too. */
export type Upload = {
  /** As the browser sent it, in UTF-8. */
  name: string
  /** In bytes. */
  size: number
  file: FileHandle
}

const uploads = new WeakMap<object, Upload[]>()

/** Returns the files that a request uploaded. */
export function uploadsOf(request: object): Upload[] {
  return uploads.get(request) ?? []
}

/** Returns the bytes of a file; it can be read again. */
export async function bytesOf({ file, size }: Upload): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size)
  for (let at = 0; at < size;) {
    const { bytesRead } = await file.read(bytes, at, size - at, at)
    if (!bytesRead) throw new Error('An uploaded file is shorter than what was written')
    at += bytesRead
  }
  return bytes
}

/**
 * Returns the step of a route that writes uploaded files to disk as they arrive. A form's token comes before its files;
 * without it, the request is refused at the first file, and nothing is written.
 *
 * @param field the name of the form's field for files.
 * @param limits.megabytes of all files together.
 * @throws HttpError 403 without the token, 413 for more files or bytes than the limits allow.
 */
export function readUploads(
  field: string,
  { files, megabytes }: { files: number; megabytes: number },
): Handler {
  const maxBytes = megabytes * 1024 * 1024
  const tooLarge = () => new HttpError(413, 'web:errors.uploadTooLarge', { megabytes })
  return bodyReader((request, response, next) => {
    // The boundaries and the other fields add a few kilobytes.
    if (Number(request.get('content-length')) > maxBytes + 100_000) return next(tooLarge())
    const stored: Upload[] = []
    uploads.set(request, stored)
    response.once('close', () => void Promise.allSettled(stored.map(({ file }) => file.close())))
    let total = 0
    const storage: StorageEngine = {
      _handleFile: (_request, { stream, originalname }, done) => {
        const store = async () => {
          const file = await openUnnamed()
          const upload = { name: Buffer.from(originalname, 'latin1').toString('utf8'), size: 0, file }
          stored.push(upload)
          // The browser has left in the meantime.
          if (response.closed) await file.close()
          for await (const chunk of stream as AsyncIterable<Buffer>) {
            total += chunk.length
            if (total > maxBytes) throw tooLarge()
            await file.writeFile(chunk)
            upload.size += chunk.length
          }
        }
        store().then(
          () => done(null, {}),
          (error: unknown) => refuse(error, done),
        )
      },
      _removeFile: (_request, _file, done) => done(null),
    }
    // multer reports an error when the whole body has arrived; the browser gets its response at once.
    const refuse = (error: unknown, done: (error: Error) => void) => {
      next(error)
      done(error as Error)
    }
    const read = multer({
      storage,
      limits: { files, fields: 5, fieldSize: 1000, fieldNameSize: 100, parts: files + 5 },
      fileFilter: (_request, { fieldname }, done) => {
        try {
          requireToken(request as Request as RouteRequest, response, null)
          if (fieldname !== field) throw new HttpError(400, 'web:errors.badRequest')
          done(null, true)
        } catch (error) {
          refuse(error, done)
        }
      },
    })
    read.any()(request, response, error => {
      next(isTooMany(error) ? new HttpError(413, 'web:errors.tooManyFiles', { maximum: files }) : error)
    })
  })
}

const isTooMany = (error: unknown) => (error as { code?: unknown } | undefined)?.code === 'LIMIT_FILE_COUNT'

/** Opens a new file and removes its name: the system frees its space when it is closed or the process ends. */
async function openUnnamed(): Promise<FileHandle> {
  const path = join(tmpdir(), `lyceum-upload-${randomUUID()}`)
  const file = await open(path, 'wx+', 0o600)
  unlinkSync(path)
  return file
}
