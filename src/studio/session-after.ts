import { randomUUID } from 'node:crypto'
import type { Response } from 'express'
import { z } from 'zod'
import type { Person } from '../people/person'
import { now } from '../platform/clock'
import { conflict, HttpError } from '../platform/errors'
import { SessionBookings } from '../sessions/booking'
import { sessionCaps, type LiveSession } from '../sessions/live-session'
import { saveMaterials } from '../sessions/materials'
import { emptyForm, lineField, optionalField, readForm, type Form } from '../web/form'
import { rowsView, rowValues, typedRows, type RowList } from '../web/form-rows'
import type { MemberHandler } from '../web/handler'
import { textsOf, type Texts } from '../web/texts'
import { setDoneFlash } from './course-page'
import { httpsField } from './session-typed'
import { sessionOf } from './session-guard'
import { fileFields } from './session-file-fields'
import { sessionPage, sessionUrl } from './session-page'
import { peopleLists, type PeopleList } from './session-people'

/** `GET /studio/sessions/:id/afterwards`: how many came, what they get, and what is written to them. */
export const show: MemberHandler = async (request, response, person) => {
  await renderAfter(await sessionOf(request), response, person)
}

/** The address of an uploaded file, shown in the row's link field. */
const fileAddress = ({ slug }: LiveSession, id: string, baseUrl: string) =>
  `${baseUrl}/sessions/${slug}/materials/${id}`

/** A row of a file keeps the file for as long as its link is the file's. */
function materialRow(session: LiveSession, baseUrl: string) {
  const fileOf = ({ id, url }: { id: string; url: string }) =>
    session.materials.find(each => each.id === id && url === fileAddress(session, id, baseUrl))?.file
  return z
    .object({
      id: z.string().max(40),
      kind: z.enum(['', 'slides', 'link']),
      title: lineField('studio:sessions.errors.materialTitle', 160),
      url: z.string().trim().max(2000, { error: 'web:errors.tooLong' }),
      shown: z.enum(['', 'public']),
    })
    .check(({ value, issues }) => {
      const link = fileOf(value) ? null : httpsField.safeParse(value.url)
      if (!link || (link.success && link.data)) return
      const message = `studio:sessions.errors.${value.url ? 'https' : 'materialUrl'}`
      issues.push({ code: 'custom', input: value.url, path: ['url'], message })
    })
    .transform(({ id, kind, title, url, shown }) => {
      const file = fileOf({ id, url })
      return {
        id: id || randomUUID().slice(0, 8),
        kind: kind || ('recording' as const),
        ...{ title, url: file ? '' : url, isPublic: shown === 'public' },
        ...(file && { file }),
      }
    })
}

const schemaFor = (session: LiveSession, baseUrl: string) =>
  z.object({
    base: z.coerce.number({ error: 'web:errors.badRequest' }).int({ error: 'web:errors.badRequest' }),
    materials: z
      .array(materialRow(session, baseUrl))
      .max(sessionCaps.materials, { error: 'studio:sessions.errors.tooMany' }),
    attended: optionalField(4000).transform(text => text ?? ''),
    missed: optionalField(4000).transform(text => text ?? ''),
  })

/** `POST /studio/sessions/:id/afterwards`: saves what people get, and the words to those who came and who didn't. */
export const update: MemberHandler = async (request, response, person) => {
  const session = await sessionOf(request)
  const { t } = textsOf(response)
  const body = (request.body ?? {}) as Record<string, unknown>
  const list = materialList(textsOf(response))
  const materials = typedRows(body, list)
  const single = Object.fromEntries(Object.entries(body).filter(([name]) => !name.startsWith('materials.')))
  const values = { ...single, ...rowValues('materials', materials) }
  if (typeof body.change === 'string') return renderAfter(session, response, person, { values, errors: {} })
  const { data, form } = readForm(
    schemaFor(session, response.locals.baseUrl),
    { body: { ...single, materials } },
    response,
  )
  if (form) return renderAfter(session, response.status(422), person, { values, errors: form.errors })
  const { base, attended, missed } = data
  try {
    const fields = { materials: data.materials, messages: { attended, missed } }
    await saveMaterials(session, fields, { base, by: person._id })
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 409)) throw error
    const current = await sessionOf(request)
    const errors = { form: t(error.key, error.values) }
    const again = { ...values, base: current.changes }
    return renderAfter(current, response.status(409), person, { values: again, errors })
  }
  setDoneFlash(response, t('studio:sessions.flash.materials'))
  response.redirect(303, `${sessionUrl(session)}/afterwards`)
}

function materialList({ t }: Pick<Texts, 't'>): RowList {
  const label = (key: string) => t(`studio:sessions.after.${key}`)
  return {
    ...{ list: 'materials', legend: label('materials'), hint: label('materialsHint') },
    max: sessionCaps.materials,
    fields: [
      { name: 'id', label: '', hidden: true },
      {
        name: 'kind',
        label: label('kind'),
        options: ['', 'slides', 'link'].map(value => ({
          value,
          text: label(`kinds.${value || 'recording'}`),
        })),
      },
      { name: 'title', label: label('materialTitle'), maxlength: 160 },
      { name: 'url', type: 'url', label: label('url'), maxlength: 2000 },
      {
        name: 'shown',
        label: label('shownTo'),
        options: ['', 'public'].map(value => ({ value, text: label(`shown.${value || 'booked'}`) })),
      },
    ],
  }
}

function valuesOf(session: LiveSession, baseUrl: string): Form['values'] {
  const { materials, messages, changes } = session
  return {
    base: changes,
    attended: messages?.attended ?? '',
    missed: messages?.missed ?? '',
    ...rowValues(
      'materials',
      materials.map(({ id, kind, title, url, file, isPublic }) => ({
        ...{ id, kind: kind === 'recording' ? '' : kind, title, shown: isPublic ? 'public' : '' },
        url: file ? fileAddress(session, id, baseUrl) : url,
      })),
    ),
  }
}

/** Shows the page, with what was typed into its form, and what is wrong with files that were uploaded. */
export async function renderAfter(
  session: LiveSession,
  response: Response,
  person: Person,
  typed?: Form,
  files: Form = emptyForm(),
): Promise<void> {
  if (session.state === 'draft') throw conflict('studio:sessions.errors.notPublished')
  const texts = textsOf(response)
  const { t } = texts
  const page = await sessionPage(session, person, response, 'afterwards')
  const { baseUrl } = response.locals
  const form = typed ?? { values: valuesOf(session, baseUrl), errors: {} }
  const message = (name: 'attended' | 'missed') => ({
    ...{ kind: 'textarea', name, label: t(`studio:sessions.after.${name}`), rows: 4, maxlength: 4000 },
    ...{ hint: t(`studio:sessions.after.${name}Hint`), optional: true },
  })
  response.render('studio/session-after', {
    ...page,
    scripts: ['/js/form-rows.js'],
    form,
    canRun: page.permissions.has('run'),
    links: linksOf(session, page.permissions.has('run'), t),
    messagesUrl:
      session.state === 'published' && session.endsAt <= now() ? `${sessionUrl(session)}/messages` : null,
    isCounted: session.finishedAt !== null,
    figures: await figuresOf(session, texts),
    files: { form: files, fields: fileFields(t) },
    list: rowsView(materialList(texts), form.values, t),
    fields: [message('attended'), message('missed')],
  })
}

/** What else a host does about a session that has begun. */
function linksOf(session: LiveSession, canRun: boolean, t: Texts['t']) {
  if (!canRun || session.state !== 'published' || session.startsAt > now()) return []
  const url = sessionUrl(session)
  return [
    { href: `${url}/live`, text: t('studio:sessions.after.questions') },
    session.kind === 'online'
      ? { href: `${url}/attendance`, text: t('studio:sessions.attendance.link') }
      : { href: `${url}/check-in`, text: t('studio:sessions.after.checkIn') },
  ]
}

/** How many booked, came and missed it, each with its list. */
async function figuresOf(session: LiveSession, { t, number }: Texts) {
  const lists: PeopleList[] = session.finishedAt
    ? ['booked', 'attended', 'missed', 'claimed', 'gone']
    : ['booked', 'waiting', 'gone']
  return Promise.all(
    lists.map(async list => ({
      href: `${sessionUrl(session)}/people?show=${list}`,
      label: t(`studio:sessions.people.lists.${list}`),
      value: number(await SessionBookings.count({ session: session._id, ...(peopleLists[list] as object) })),
    })),
  )
}
