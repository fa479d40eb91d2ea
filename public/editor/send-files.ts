import { Upload, type DetailedError } from 'tus-js-client'

/**
 * A file of the course, as the server describes it (fileView of studio/media-view.ts). `href` is its page, `thumbnail`
 * a small picture or a moment of a video, and `alt` what the library says of a picture.
 */
export type CourseFile = {
  path: string
  url: string
  type: string
  href: string
  thumbnail: string | null
  alt?: string
}

/** Where files are sent, and what is said when they don't arrive. */
export type Destination = { url: string; uploadsUrl: string; token: string; failed: string }

/** What is told while files are sent, and a signal that stops them. */
export type Sending = { progress: (share: number) => void; signal?: AbortSignal }

/** In bytes. Smaller files are sent again as a whole after a cut connection. */
const resumableFrom = 4 * 1024 * 1024
/** In bytes: each part arrives within the time that proxies wait. */
const partSize = 8 * 1024 * 1024
const retryDelays = [0, 1000, 3000, 5000, 10_000, 20_000]

/** Sends files to a course: large ones in parts, so that they go on after a cut connection, all others at once. */
export async function sendFiles(
  destination: Destination,
  files: File[],
  { progress, signal }: Sending,
): Promise<CourseFile[]> {
  if (files.every(({ size }) => size < resumableFrom))
    return sendForm(destination, files, { progress, signal })
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const added: CourseFile[] = []
  let sent = 0
  for (const file of files) {
    const ofFile = (share: number) => progress((sent + share * file.size) / total)
    added.push(await sendResumable(destination, file, { progress: ofFile, signal }))
    sent += file.size
  }
  return added
}

/** Sends files as the form of the media page does. `fetch` doesn't report the progress of an upload. */
function sendForm(
  { url, token, failed }: Destination,
  files: File[],
  { progress, signal }: Sending,
): Promise<CourseFile[]> {
  const body = new FormData()
  body.append('_csrf', token)
  for (const file of files) body.append('files', file, file.name)
  const request = new XMLHttpRequest()
  request.open('POST', url)
  request.setRequestHeader('accept', 'application/json')
  request.responseType = 'json'
  request.upload.addEventListener('progress', ({ loaded, total }) => progress(loaded / total))
  return new Promise((resolve, reject) => {
    request.addEventListener('load', () => {
      const answer = (request.response ?? {}) as Answer
      if (answer.files) resolve(answer.files)
      else reject(new Error(problemOf(answer) ?? failed))
    })
    request.addEventListener('error', () => reject(new Error(failed)))
    signal?.addEventListener('abort', () => {
      request.abort()
      reject(new Cancelled())
    })
    request.send(body)
  })
}

/** An upload that its author has stopped. */
export class Cancelled extends Error {}

type Answer = { files?: CourseFile[]; problem?: string; error?: { message: string } }

const problemOf = ({ problem, error }: Answer) => problem ?? error?.message

/** Sends a file in parts (tus). One that was begun in this browser before goes on where it was. */
async function sendResumable(
  { uploadsUrl, token, failed }: Destination,
  file: File,
  { progress, signal }: Sending,
): Promise<CourseFile> {
  const headers = { accept: 'application/json', 'x-csrf-token': token }
  const uploadUrl = await new Promise<string>((resolve, reject) => {
    const upload = new Upload(file, {
      endpoint: uploadsUrl,
      chunkSize: partSize,
      retryDelays,
      headers,
      metadata: { filename: file.name },
      overridePatchMethod: true,
      removeFingerprintOnSuccess: true,
      onProgress: (sent, total) => progress(sent / total),
      onSuccess: () => resolve(upload.url!),
      onError: error => reject(new Error(messageOf(error) ?? failed)),
    })
    signal?.addEventListener('abort', () => {
      void upload.abort()
      if (upload.url) {
        const forget = { ...headers, 'tus-resumable': '1.0.0', 'x-http-method-override': 'DELETE' }
        void fetch(upload.url, { method: 'POST', headers: forget })
      }
      reject(new Cancelled())
    })
    void upload.findPreviousUploads().then(([before]) => {
      if (before) upload.resumeFromPreviousUpload(before)
      upload.start()
    })
  })
  const response = await fetch(`${uploadUrl}/completion`, { method: 'POST', headers }).catch(() => null)
  const answer = ((await response?.json().catch(() => null)) ?? {}) as Answer
  const [added] = answer.files ?? []
  if (!added) throw new Error(problemOf(answer) ?? failed)
  return added
}

/** Returns what the server says of an upload that it refuses. */
function messageOf(error: Error | DetailedError): string | undefined {
  if (!('originalResponse' in error)) return undefined
  try {
    return problemOf(JSON.parse(error.originalResponse?.getBody() ?? '{}') as Answer)
  } catch {
    return undefined
  }
}
