import type { Request, Response } from 'express'
import { addFiles, storeFile } from '../courses/add-files'
import { faultOfName } from '../courses/media'
import { requireRoom } from '../courses/storage'
import {
  appendToUpload,
  beginUpload,
  closeUpload,
  discardUpload,
  uploadedBytes,
  uploadNamed,
  type UnfinishedUpload,
} from '../courses/unfinished-upload'
import { audit } from '../events/audit'
import type { Person } from '../people/person'
import { HttpError, notFound } from '../platform/errors'
import { textsOf } from '../web/texts'
import { fileView } from './media-view'
import { courseOf } from './course-page'
import { problemText } from './faults-view'
import { readingFiles } from './reading-files'
import { urlOf } from './urls'

// Resumable uploads, as tus 1.0.0 describes them (https://tus.io/protocols/resumable-upload): core, creation,
// termination and expiration. PATCH and DELETE come as POST with `X-HTTP-Method-Override`, which every proxy lets
// through and which the guards of forms check. Nothing of an upload can be read back.

const version = '1.0.0'
const contentType = 'application/offset+octet-stream'

type UploadRequest = Request<{ upload: string }>

/** `POST /studio/courses/:slug/uploads`: begins an upload of `Upload-Length` bytes. Its name is in the metadata. */
export async function begin(request: Request, response: Response, person: Person): Promise<void> {
  requireVersion(request, response)
  const course = courseOf(response)
  const length = request.get('upload-length') ?? ''
  const name = nameIn(request.get('upload-metadata') ?? '')
  if (!/^\d{1,12}$/.test(length) || !name) throw new HttpError(400, 'web:errors.badRequest')
  const size = Number(length)
  const fault = faultOfName(name, size)
  if (fault) {
    return void response.status(422).json({ problem: problemText([fault], textsOf(response)) })
  }
  const taken = course.draft.assets.reduce((sum, asset) => sum + asset.size, 0)
  const upload = await beginUpload({ person: person._id, course: course._id, name, size }, taken)
  response.set({
    location: `${urlOf(course)}/uploads/${upload._id}`,
    'upload-expires': upload.expiresAt.toUTCString(),
    'upload-offset': '0',
  })
  response.status(201).end()
}

/** `HEAD …/uploads/:upload`: says in `Upload-Offset` how much has arrived. A GET gets the same headers. */
export async function status(request: UploadRequest, response: Response, person: Person): Promise<void> {
  const { offset, size, expiresAt } = await ownUpload(request, response, person)
  response.set({
    'tus-resumable': version,
    'upload-offset': String(offset),
    'upload-length': String(size),
    'upload-expires': expiresAt.toUTCString(),
  })
  response.status(200).end()
}

/** `PATCH …/uploads/:upload` adds the bytes from `Upload-Offset` on, and `DELETE` forgets the upload. */
export async function continueUpload(
  request: UploadRequest,
  response: Response,
  person: Person,
): Promise<void> {
  requireVersion(request, response)
  const upload = await ownUpload(request, response, person)
  const method = request.get('x-http-method-override')?.toUpperCase()
  if (method === 'DELETE') {
    await discardUpload(upload)
    return void response.status(204).end()
  }
  const offset = request.get('upload-offset') ?? ''
  if (method !== 'PATCH' || !/^\d{1,12}$/.test(offset)) throw new HttpError(400, 'web:errors.badRequest')
  if (request.get('content-type') !== contentType) throw new HttpError(415, 'web:errors.badRequest')
  const arrived = await appendToUpload(upload, Number(offset), request)
  response.set({
    'upload-offset': String(arrived),
    'upload-expires': upload.expiresAt.toUTCString(),
  })
  response.status(204).end()
}

/** `POST …/uploads/:upload/completion`: adds a file that has arrived to the draft. Asking again gives the same file. */
export async function completeUpload(
  request: UploadRequest,
  response: Response,
  person: Person,
): Promise<void> {
  const course = courseOf(response)
  const upload = await ownUpload(request, response, person)
  const known = course.draft.assets.find(({ path }) => path === upload.path)
  if (upload.path !== undefined && !known) throw notFound()
  if (known) return void response.json({ files: [fileView(course, known)] })
  // What others have stored since it was begun counts too.
  await requireRoom(upload.size)
  const { file, fault } = await readingFiles(async () => storeFile(upload.name, await uploadedBytes(upload)))
  if (fault) {
    await discardUpload(upload)
    return void response.status(422).json({ problem: problemText([fault], textsOf(response)) })
  }
  const { placed } = await addFiles(course._id, [file], false, person._id)
  const { asset } = placed[0]!
  await closeUpload(upload, asset.path)
  await audit({
    actor: person._id,
    action: 'files.added',
    subject: course.slug,
    detail: { files: [asset.path] },
  })
  response.json({ files: [fileView(course, asset)] })
}

function ownUpload(
  { params }: UploadRequest,
  response: Response,
  { _id: person }: Person,
): Promise<UnfinishedUpload> {
  return uploadNamed(params.upload, { person, course: courseOf(response)._id })
}

function requireVersion(request: Request, response: Response): void {
  response.set({ 'tus-resumable': version })
  if (request.get('tus-resumable') === version) return
  response.set({ 'tus-version': version })
  throw new HttpError(412, 'web:errors.badRequest')
}

/** Returns the name in `filename aGVsbG8ucG5n,filetype …`; empty without one. */
function nameIn(metadata: string): string {
  const [, encoded = ''] = /(?:^|,)\s*filename ([A-Za-z0-9+/=]+)/.exec(metadata) ?? []
  return Buffer.from(encoded, 'base64').toString('utf8').slice(0, 300)
}
