import { isUtf8 } from 'node:buffer'
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import {
  fromBuffer,
  fromRandomAccessReader,
  getFileNameLowLevel,
  RandomAccessReader,
  validateFileName,
  type Entry,
  type ZipFile,
} from 'yauzl'
import { CourseFaults, courseFault } from './course-fault'

/** A file of a course: its path with `/` between folders, and its bytes. */
export type CourseFile = { path: string; bytes: Buffer }

/**
 * Limits of a zip. `ratio` is unpacked to packed size and applies to files above `smallBytes`: text packs to a tenth, a
 * zip bomb to a thousandth.
 */
export const zipCaps = {
  entries: 500,
  bytes: 100 * 1024 * 1024,
  ratio: 100,
  smallBytes: 64 * 1024,
  pathLength: 300,
}

/** A zip on disk, and its size in bytes. */
export type ZipOnDisk = { file: FileHandle; size: number }

/**
 * Returns the files of a zip, and stops before it unpacks more than the caps allow.
 *
 * @throws CourseFaults when it isn't a zip, has too many files or bytes, or contains a zip bomb, a file that is larger
 * than declared, a path outside the zip, a link, an encrypted file or the same path twice.
 */
export async function unzip(source: Buffer | ZipOnDisk): Promise<CourseFile[]> {
  const zip = await open(source)
  if (zip.entryCount > zipCaps.entries) refuse('', 'zipEntries', { maximum: zipCaps.entries })
  const files = new Map<string, CourseFile>()
  let total = 0
  try {
    for (let entry = await next(zip); entry; entry = await next(zip)) {
      const name = nameOf(entry)
      if (name.endsWith('/')) continue
      checkEntry(entry, name)
      total += entry.uncompressedSize
      if (total > zipCaps.bytes) refuse(name, 'zipBytes', { maximum: zipCaps.bytes / 1024 / 1024 })
      if (files.size >= zipCaps.entries) refuse('', 'zipEntries', { maximum: zipCaps.entries })
      // macOS takes accents apart in names, so two spellings of a name are the same file there.
      if (files.has(name.normalize())) refuse(name, 'zipTwice')
      files.set(name.normalize(), { path: name, bytes: await read(zip, entry, name) })
    }
  } finally {
    zip.close()
  }
  return [...files.values()]
}

/**
 * Returns the path of an entry, with `/` between folders. It is UTF-8 when the zip says so, and also when only the
 * bytes are, as in zips of macOS. Others are in the code page of an old PC.
 */
function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  const flag = generalPurposeBitFlag | (isUtf8(fileNameRaw) ? utf8Flag : 0)
  const asDeclared = getFileNameLowLevel(flag, fileNameRaw, extraFields, false)
  const isOld = !(flag & utf8Flag) && !extraFields.some(({ id }) => id === unicodePath)
  const name = isOld && cyrillicWord.test(fileNameRaw.toString('latin1')) ? cyrillic(fileNameRaw) : asDeclared
  const problem = validateFileName(name)
  if (problem !== null) throw broken('', 'zipBroken', new Error(problem))
  return name.replace(/^(?:\.\/)+/, '')
}

/** The bit of the general purpose flag, and the extra field, that mark a UTF-8 path (APPNOTE 4.4.4 and 4.6.9). */
const utf8Flag = 0x800
const unicodePath = 0x7075
/** Three letters of code page 866 in a row, as in Russian words. Words of code page 437 have one accent at a time. */
const cyrillicWord = /[\x80-\xaf\xe0-\xf1]{3}/
const cyrillic = (bytes: Buffer) => new TextDecoder('ibm866').decode(bytes).replaceAll('\\', '/')

function checkEntry(entry: Entry, fileName: string): void {
  const { compressedSize, uncompressedSize } = entry
  if (fileName.length > zipCaps.pathLength) {
    refuse(`${fileName.slice(0, 60)}…`, 'zipPath', { maximum: zipCaps.pathLength })
  }
  const mode = entry.externalFileAttributes >>> 16
  if ((mode & 0o170000) === 0o120000) refuse(fileName, 'zipLink')
  if (entry.generalPurposeBitFlag & 1) refuse(fileName, 'zipEncrypted')
  if (uncompressedSize > zipCaps.smallBytes && uncompressedSize > compressedSize * zipCaps.ratio) {
    refuse(fileName, 'zipBomb', { maximum: zipCaps.ratio })
  }
}

function open(source: Buffer | ZipOnDisk): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false }
    const opened = (error: Error | null, zip: ZipFile) =>
      error ? reject(broken('', 'notZip', error)) : resolve(zip)
    if (Buffer.isBuffer(source)) fromBuffer(source, options, opened)
    else fromRandomAccessReader(new DiskReader(source.file), source.size, options, opened)
  })
}

class DiskReader extends RandomAccessReader {
  readonly #file: FileHandle

  constructor(file: FileHandle) {
    super()
    this.#file = file
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(rangeOf(this.#file, start, end), { objectMode: false })
  }
}

async function* rangeOf(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end;) {
    const piece = Buffer.allocUnsafe(Math.min(64 * 1024, end - at))
    const { bytesRead } = await file.read(piece, 0, piece.length, at)
    if (!bytesRead) throw new RangeError('The zip ends too early')
    yield piece.subarray(0, bytesRead)
    at += bytesRead
  }
}

function next(zip: ZipFile): Promise<Entry | null> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => () => {
      zip.off('entry', found).off('end', ended).off('error', failed)
      finish()
    }
    const found = (entry: Entry) => settle(() => resolve(entry))()
    const ended = settle(() => resolve(null))
    const failed = (error: Error) => settle(() => reject(broken('', 'zipBroken', error)))()
    zip.on('entry', found).on('end', ended).on('error', failed)
    zip.readEntry()
  })
}

async function read(zip: ZipFile, entry: Entry, name: string): Promise<Buffer> {
  const stream = await new Promise<Readable>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) =>
      error ? reject(broken(name, 'zipBroken', error)) : resolve(opened),
    )
  })
  const chunks: Buffer[] = []
  try {
    for await (const chunk of stream) chunks.push(chunk as Buffer)
  } catch (error) {
    throw broken(name, 'zipBroken', error as Error)
  }
  return Buffer.concat(chunks)
}

function broken(file: string, key: string, error: Error): CourseFaults {
  return new CourseFaults([courseFault(file, null, `studio:faults.${key}`, { reason: error.message })])
}

function refuse(file: string, key: string, values: Record<string, number> = {}): never {
  throw new CourseFaults([courseFault(file, null, `studio:faults.${key}`, values)])
}
