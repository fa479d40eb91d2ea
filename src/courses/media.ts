import { isWebVtt, readCaptions } from './captions'
import type { Asset } from './asset'
import { courseFault, type CourseFault } from './course-fault'
import { isText, startsWith, type FileType } from './file-type'
import { kinds } from './kinds/kinds'
import { cleanPhoto } from './photo'

/** The largest accepted width or height of an image; pages show images 680 pixels wide. */
const maxPixels = 8000
const megabyte = 1024 * 1024
/** Text that the academy itself reads: captions and transcripts of ten hours have less. */
const maxTextBytes = 2 * megabyte
const maxImageBytes = 20 * megabyte

/** Browsers play both as WebVTT. The bytes of SubRip are stored as they are, and converted when a player asks. */
const captions: FileType[] = (['vtt', 'srt'] as const).map(ending => ({
  type: 'text/vtt',
  endings: [ending],
  is: () => true,
  maxBytes: maxTextBytes,
  isShown: true,
  measure: bytes => {
    const refuse = (line: number | null, rule: string) => ({
      seconds: null,
      fault: courseFault('', line, `studio:faults.${rule}`),
    })
    if (!isText(bytes)) return refuse(null, 'notUtf8')
    const text = bytes.toString()
    if (isWebVtt(text) !== (ending === 'vtt')) return refuse(1, `captions.not.${ending}`)
    const { cues, fault } = readCaptions(text)
    return { seconds: cues.reduce((last, { end }) => Math.max(last, end), 0), fault }
  },
}))

/** The file types allowed in `assets/`. SVG and HTML aren't: they can run scripts in the reader's browser. */
const fileTypes: FileType[] = [
  imageType('image/png', ['png'], startsWith('\x89PNG\r\n\x1a\n')),
  imageType('image/jpeg', ['jpg', 'jpeg'], startsWith('\xff\xd8\xff')),
  imageType('image/gif', ['gif'], bytes => /^GIF8[79]a/.test(bytes.toString('latin1', 0, 6))),
  imageType('image/webp', ['webp'], bytes => startsWith('RIFF')(bytes) && startsWith('WEBP', 8)(bytes)),
  ...Object.values(kinds).flatMap(kind => kind.fileTypes),
  ...captions,
  { type: 'application/pdf', endings: ['pdf'], is: startsWith('%PDF-'), isShown: false },
  { type: 'text/csv', endings: ['csv'], is: isText, isShown: false },
  { type: 'text/plain', endings: ['txt'], is: isText, maxBytes: maxTextBytes, isShown: false },
  { type: 'text/markdown', endings: ['md'], is: isText, maxBytes: maxTextBytes, isShown: false },
  {
    type: 'application/json',
    endings: ['json'],
    is: bytes => isText(bytes) && isJson(bytes.toString()),
    maxBytes: maxTextBytes,
    isShown: false,
  },
]

/** File extensions that a course may contain. */
export const assetEndings = fileTypes.flatMap(({ endings }) => endings)

/** Whether a browser may show or play files of a media type. All others, especially SVG and HTML, are downloaded. */
export function isShown(type: string): boolean {
  return fileTypes.some(each => each.type === type && each.isShown)
}

/** Returns which of the types of a file its name says it is; the first one when the name says nothing. */
export function typeOfName(name: string, types: string[]): string {
  const ending = endingOf(name)
  const named = fileTypes.filter(({ endings }) => endings.includes(ending)).map(({ type }) => type)
  return types.find(type => named.includes(type)) ?? types[0]!
}

const endingOf = (path: string) => /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''

type NoMedia = { asset?: undefined; bytes?: undefined; fault: CourseFault }

/** Returns what is wrong with a file whose name and size are known before its bytes; null if nothing is. */
export function faultOfName(path: string, size: number): CourseFault | null {
  const ending = endingOf(path)
  const advice = adviceOn(ending, Buffer.alloc(0))
  if (advice) return courseFault(path, null, `studio:faults.convert.${advice}`, { ending })
  const fileType = fileTypes.find(({ endings }) => endings.includes(ending))
  if (!fileType)
    return courseFault(path, null, 'studio:faults.kindOfFile', { endings: assetEndings.join(', ') })
  if (!size) return courseFault(path, null, 'studio:faults.emptyFile')
  if (size <= (fileType.maxBytes ?? Infinity)) return null
  const maximum = fileType.maxBytes! / megabyte
  return courseFault(path, null, 'studio:faults.fileTooLarge', { ending, maximum })
}

/**
 * Detects the type of a file from its bytes, and its size in pixels or its length in seconds.
 *
 * @returns the asset and the bytes to store, which for a photo are without what the camera wrote into it; or a fault
 * when the type isn't allowed or doesn't match the file's name.
 */
export async function inspectMedia(
  path: string,
  bytes: Buffer,
): Promise<{ asset: Omit<Asset, 'hash'>; bytes: Buffer; fault?: undefined } | NoMedia> {
  const ending = endingOf(path)
  const advice = adviceOn(ending, bytes)
  if (advice) return { fault: courseFault(path, null, `studio:faults.convert.${advice}`, { ending }) }
  const fault = faultOfName(path, bytes.length)
  if (fault) return { fault }
  const fileType = fileTypes.find(({ endings }) => endings.includes(ending))!
  if (!fileType.is(bytes))
    return { fault: courseFault(path, null, 'studio:faults.notWhatItSays', { ending }) }
  const measured = fileType.measure?.(bytes)
  if (measured?.fault) return { fault: { ...measured.fault, file: path } }
  const asset: Omit<Asset, 'hash'> = { path, size: bytes.length, type: fileType.type }
  if (fileType.type.startsWith('image/')) {
    const size = await pixelsOf(bytes)
    if (!size) return { fault: courseFault(path, null, 'studio:faults.brokenImage') }
    if (Math.max(size.width, size.height) > maxPixels) {
      return { fault: courseFault(path, null, 'studio:faults.hugeImage', { ...size, maximum: maxPixels }) }
    }
    const photo = await cleanPhoto(bytes).catch(() => null)
    const upright = photo && (await pixelsOf(photo))
    if (!upright) return { fault: courseFault(path, null, 'studio:faults.brokenImage') }
    return { asset: { ...asset, size: photo.length, ...upright }, bytes: photo }
  }
  if (measured) return { asset: { ...asset, seconds: measured.seconds }, bytes }
  return { asset, bytes }
}

/** What to do with files that browsers don't show, by their ending: `studio:faults.convert.<advice>`. */
const advices: Record<string, string[]> = {
  heic: ['heic', 'heif', 'hif'],
  // An SVG can run scripts and load files of others, and one turned into pixels here would lose its fonts.
  svg: ['svg', 'svgz'],
  image: ['avif', 'bmp', 'eps', 'ico', 'jp2', 'jxl', 'psd', 'tif', 'tiff'],
  video: ['avi', 'mkv', 'mov', 'mpg', 'wmv'],
  document: ['doc', 'docx', 'key', 'odt', 'pages', 'ppt', 'pptx'],
  table: ['numbers', 'ods', 'xls', 'xlsx'],
}

function adviceOn(ending: string, bytes: Buffer): string | undefined {
  // Phones also give photos in HEIC the ending .jpg (ISO/IEC 23008-12, annex B: the brands of the format).
  if (/^ftyp(?:hei[cmsx]|hev[cmsx]|mif1|msf1)/.test(bytes.toString('latin1', 4, 12))) return 'heic'
  return Object.keys(advices).find(advice => advices[advice]!.includes(ending))
}

function imageType(type: string, endings: string[], is: FileType['is']): FileType {
  return { type, endings, is, maxBytes: maxImageBytes, isShown: true }
}

async function pixelsOf(bytes: Buffer): Promise<{ width: number; height: number } | null> {
  const { default: sharp } = await import('sharp')
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: maxPixels * maxPixels }).metadata()
    return { width, height }
  } catch {
    return null
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
