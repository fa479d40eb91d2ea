import { createHash } from 'node:crypto'
import { findAsset } from '../courses/asset'
import { notFound } from '../platform/errors'
import { hasMaterials, noteOpened } from '../sessions/materials'
import { shownSession } from '../sessions/shown-sessions'
import type { Handler } from '../web/handler'
import { keepForEveryoneInLanguage } from '../web/public-response'
import { allowLoadingElsewhere } from '../web/security'
import { textsOf } from '../web/texts'
import { anonymousPage } from './anonymous-page'
import { sendFile } from './assets'
import { rememberColleague } from './session-colleagues'
import { sessionContextOf } from './session-context'
import { sessionModel } from './session-page'
import { sessionPath, timesIn } from './session-row'
import { sessionImage, sessionImageKey } from './social-image'

/** `GET /sessions/:slug`: a live session; `?via=` is a colleague's link, which shows the same. */
export const show: Handler = async (request, response, person) => {
  const { session } = sessionContextOf(response)
  if (rememberColleague(request, response, session)) return response.redirect(303, sessionPath(session))
  await anonymousPage(request, response, 'academy/session', () => sessionModel(request, response, person))
}

/**
 * `GET /sessions/:slug/cover.png`: the picture for link previews on other sites (Open Graph), 1200 by 630 pixels: of
 * sessions that everyone may see, with the time where the session is hosted.
 *
 * @throws 404 for any other, also to those who see it.
 */
export const showSessionCover: Handler = async (request, response) => {
  const { brand } = response.locals
  const session = await shownSession(brand, request.params.slug, null)
  if (!session) throw notFound()
  const texts = textsOf(response)
  const { timeZone, title, language, startsAt } = session
  const image = {
    ...{ title, language, accent: brand.content.accent },
    academy: texts.t('brand:academyName'),
    leaf: texts.leafIn(startsAt, timeZone),
    facts: `${timesIn(texts, session, timeZone)}, ${texts.zoneName(timeZone, startsAt)}`,
  }
  const etag = createHash('sha256').update(sessionImageKey(image)).digest('base64url').slice(0, 22)
  allowLoadingElsewhere(response)
  keepForEveryoneInLanguage(response, 3600)
  response.set('etag', `"${etag}"`)
  response.type('png').send(await sessionImage(image))
}

/**
 * `GET /sessions/:slug/materials/:id`: sends a file that was uploaded, and leads to any other material. That someone
 * who booked opened one is recorded, the first time.
 *
 * @throws 404 for what there isn't, and for what is only for those who booked.
 */
export const openMaterial: Handler = async (request, response) => {
  const { session, booking } = sessionContextOf(response)
  const material = session.materials.find(({ id }) => id === request.params.id)
  const isTheirs = hasMaterials(session, booking)
  if (!material || !(material.isPublic || isTheirs)) throw notFound()
  if (isTheirs) await noteOpened(session, booking, material.kind)
  const { file } = material
  if (!file) return response.redirect(303, material.url)
  const stored = await findAsset(file.hash)
  if (!stored) throw notFound()
  // Never kept, because it may be for fewer people tomorrow.
  await sendFile(request, response, stored, 'private', file.name)
}
