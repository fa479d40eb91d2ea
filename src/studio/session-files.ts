import { randomUUID } from 'node:crypto'
import { basename, extname } from 'node:path'
import type { Response } from 'express'
import { storeFile } from '../courses/add-files'
import { requireRoom } from '../courses/storage'
import type { Person } from '../people/person'
import { conflict, HttpError } from '../platform/errors'
import { normaliseLine } from '../platform/text'
import type { LiveSession } from '../sessions/live-session'
import { addMaterials } from '../sessions/materials'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'
import { bytesOf, readUploads, uploadsOf, type Upload } from '../web/upload'
import { setDoneFlash } from './course-page'
import { problemText } from './faults-view'
import { readingFiles } from './reading-files'
import { renderAfter } from './session-after'
import { sessionUploads } from './session-file-fields'
import { sessionOf } from './session-guard'
import { sessionUrl } from './session-page'

export const readFiles = readUploads('files', sessionUploads)

type Material = LiveSession['materials'][number]

/**
 * `POST /studio/sessions/:id/files`: adds uploaded files to the materials of a session, for those who booked or for
 * everyone. Its page again with 422 when one of them can't be taken: then none is.
 */
export const create: MemberHandler = async (request, response, person) => {
  const session = await sessionOf(request)
  if (session.state === 'draft') throw conflict('studio:sessions.errors.notPublished')
  const { shown } = request.body as { shown?: unknown }
  const uploads = uploadsOf(request).filter(({ size }) => size > 0)
  const { t } = textsOf(response)
  if (!uploads.length) return refuse(session, response, person, t('studio:faults.noFile'))
  await requireRoom(uploads.reduce((sum, { size }) => sum + size, 0))
  const materials: Material[] = []
  for (const upload of uploads) {
    const { material, problem } = await readingFiles(() => materialOf(upload, shown === 'public', response))
    if (problem !== undefined) return refuse(session, response, person, problem)
    materials.push(material)
  }
  try {
    await addMaterials(session, materials, person._id)
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 422)) throw error
    return refuse(session, response, person, t(error.key, error.values))
  }
  setDoneFlash(response, t('studio:sessions.files.added', { count: materials.length }))
  response.redirect(303, `${sessionUrl(session)}/afterwards`)
}

const refuse = (session: LiveSession, response: Response, person: Person, error: string) =>
  renderAfter(session, response.status(422), person, undefined, { values: {}, errors: { files: error } })

/** Stores a file. It is called by its name until a host gives it a title. */
async function materialOf(
  upload: Upload,
  isPublic: boolean,
  response: Response,
): Promise<{ material: Material; problem?: undefined } | { material?: undefined; problem: string }> {
  const { file, fault } = await storeFile(upload.name, await bytesOf(upload))
  if (fault) return { problem: problemText([fault], textsOf(response)) }
  const { hash, path, size, type } = file.asset
  const name = basename(path)
  const title = normaliseLine(basename(upload.name, extname(upload.name))).slice(0, 160) || name
  return {
    material: {
      id: randomUUID().slice(0, 8),
      kind: /^(?:video|audio)\//.test(type) ? 'recording' : 'slides',
      ...{ title, url: '', file: { hash, name, size }, isPublic },
    },
  }
}
