import type { Response } from 'express'
import { z } from 'zod'
import { noteContactRequest } from '../learning/note-contact-request'
import type { Person } from '../people/person'
import { raiseHand } from '../sessions/attendance'
import type { LiveSession } from '../sessions/live-session'
import { requestContact } from '../signals/request-contact'
import { setFlash } from '../web/flash'
import { optionalField, refuseForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { occasionOf } from '../web/occasion'
import { textsOf } from '../web/texts'
import { consentBoxes, consentFields, giveMissingConsents, readConsentedForm } from './contact-consents'
import { openRoom, pathsOf } from './room-context'

const schema = z.object({ ...consentBoxes, text: optionalField(1000) })

/** `GET /sessions/:slug/contact-request`: "I'd like to talk to someone", during a session. */
export const show: MemberHandler = (_request, response, person) => {
  response.render('academy/session/contact-request', contactPage(response, openRoom(response), person))
}

/** `POST /sessions/:slug/contact-request`: a contact request, with the consents that it needs; the hosts see it too. */
export const create: MemberHandler = async (request, response, person) => {
  const session = openRoom(response)
  const { data, refused } = readConsentedForm(schema, request, response, person)
  if (!data || refused) {
    const page = contactPage(response, session, person)
    return refuseForm(response, 'academy/session/contact-request', refused!, page)
  }
  await giveMissingConsents(request, response, person)
  const about = { course: session.course, content: { title: session.title } }
  const [text, occasion] = [data.text ?? '', occasionOf(request)]
  const wanted = { person: person._id, published: about, kind: 'contact' as const, text, occasion }
  await noteContactRequest(await requestContact(wanted))
  await raiseHand(session, person._id)
  const { t } = textsOf(response)
  setFlash(response, {
    kind: 'done',
    bold: t('academy:liveSession.hand.done'),
    text: t('academy:liveSession.hand.doneText'),
  })
  response.redirect(303, pathsOf(session).room)
}

function contactPage(response: Response, session: LiveSession, person: Person) {
  const { t } = textsOf(response)
  const { page, room } = pathsOf(session)
  return {
    head: { title: t('academy:liveSession.hand.title'), noindex: true },
    nav: 'sessions',
    title: t('academy:liveSession.hand.title'),
    lede: t('academy:liveSession.hand.lede'),
    back: { href: room, text: session.title },
    action: `${page}/contact-request`,
    field: {
      name: 'text',
      kind: 'textarea',
      rows: 4,
      maxlength: 1000,
      label: t('academy:contactRequest.message'),
      optional: true,
    },
    ...consentFields(response, person),
  }
}
