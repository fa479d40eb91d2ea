import type { Response } from 'express'
import { isObjectIdOrHexString, Types } from 'mongoose'
import { z } from 'zod'
import { changeGroup, withShelfItem, withShelfMoved } from '../community/change-group'
import { groupCaps, membershipsOf, shelfKey, type CommunityGroup, type ShelfItem } from '../community/group'
import { shownCourse } from '../courses/shown-courses'
import { changePlaylist, ownPlaylist } from '../learning/playlist'
import type { Person } from '../people/person'
import { now } from '../platform/clock'
import { forbidden, HttpError, notFound } from '../platform/errors'
import { sessionsOf } from '../sessions/shown-sessions'
import { setFlash } from '../web/flash'
import { optionalField, readForm, refuseForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'
import { groupContextOf, groupPath, isCurator, shownGroups } from './group-context'
import { foundItems } from './shelf-items'

const name = z.string().max(200).optional()
const asked = z.object({ course: name, lesson: name, thread: name, session: name, playlist: name })

type Subject = Pick<ShelfItem, 'kind' | 'of' | 'lesson'> & { title: string; href: string }

/** Returns the course, lesson, question, session or own playlist that a request names. @throws 404 unless seen */
async function askedSubject(values: unknown, response: Response, person: Person): Promise<Subject> {
  const { brand } = response.locals
  const { data = {} } = asked.safeParse(values)
  if (data.playlist) {
    const { _id, title } = await ownPlaylist(person._id, data.playlist)
    return { kind: 'playlist', of: _id, lesson: null, title, href: `/playlists/${String(_id)}` }
  }
  const item = await itemOf(data, response, person)
  const found = item && (await foundItems([item], brand, person)).get(shelfKey(item))
  if (!found) throw notFound()
  return { ...item, title: found.title, href: found.href }
}

async function itemOf(
  { course, lesson, thread, session }: z.output<typeof asked>,
  response: Response,
  person: Person,
): Promise<Pick<ShelfItem, 'kind' | 'of' | 'lesson'> | null> {
  const { brand } = response.locals
  if (course) {
    const found = await shownCourse(brand, course, person)
    return found ? { kind: lesson ? 'lesson' : 'course', of: found.course, lesson: lesson || null } : null
  }
  if (session) {
    const found = (await sessionsOf(brand, person)).find(({ slug }) => slug === session)
    return found ? { kind: 'session', of: found._id, lesson: null } : null
  }
  return isObjectIdOrHexString(thread)
    ? { kind: 'thread', of: new Types.ObjectId(thread), lesson: null }
    : null
}

/** The groups whose shelves a person can add to: those they curate; members share own playlists with theirs. */
async function shelvesFor(
  response: Response,
  person: Person,
  kind: ShelfItem['kind'],
): Promise<CommunityGroup[]> {
  const [shown, joined] = await Promise.all([
    shownGroups(response.locals.brand, person),
    kind === 'playlist' ? membershipsOf(person._id) : [],
  ])
  const own = new Set(joined.map(({ group }) => String(group)))
  return shown.flatMap(({ group }) => (isCurator(person, group) || own.has(String(group._id)) ? [group] : []))
}

/** `GET /community/shelves/add?course=&lesson=&thread=&session=&playlist=`: chooses the group, and says why. */
export const chooseShelf: MemberHandler = async (request, response, person) => {
  if (!Object.keys(request.query).length) return response.redirect(303, '/community/groups')
  const subject = await askedSubject(request.query, response, person)
  response.render('academy/community/shelf-add', await choosePage(request.query, response, person, subject))
}

async function choosePage(values: unknown, response: Response, person: Person, subject: Subject) {
  const { t } = textsOf(response)
  const groups = await shelvesFor(response, person, subject.kind)
  const title = t('academy:groups.addTitle', { title: subject.title })
  const { data = {} } = asked.safeParse(values)
  return {
    head: { title, noindex: true },
    nav: 'community',
    title,
    hidden: Object.entries(data).filter((each): each is [string, string] => Boolean(each[1])),
    isSession: subject.kind === 'session',
    sharing: subject.kind === 'playlist' ? t('academy:groups.sharesPlaylist') : null,
    back: subject.href,
    none: groups.length ? null : t('academy:groups.noShelves'),
    fields: [
      {
        name: 'group',
        kind: 'radios',
        label: t('academy:groups.group'),
        options: groups.map(({ slug, name: text }) => ({ value: slug, text })),
        ...(groups.length === 1 && { value: groups[0]!.slug }),
      },
      {
        name: 'note',
        label: t('academy:groups.note'),
        hint: t('academy:groups.noteHint'),
        maxlength: groupCaps.note,
        optional: true,
      },
    ],
  }
}

const addition = z.object({
  group: z.string({ error: 'academy:errors.groups.group' }).max(200),
  note: optionalField(groupCaps.note),
  as: z.enum(['shelf', 'hours']).catch('shelf'),
})

/** `POST /community/shelves/items`: puts something on a group's shelf, or makes a session its office hours. */
export const putOnShelf: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const subject = await askedSubject(request.body, response, person)
  const { data, form } = readForm(addition, request, response)
  if (form) {
    const page = await choosePage(request.body, response, person, subject)
    return refuseForm(response, 'academy/community/shelf-add', form, page)
  }
  const group = (await shelvesFor(response, person, subject.kind)).find(({ slug }) => slug === data.group)
  if (!group) throw notFound()
  const { kind, of, lesson } = subject
  const isHours = kind === 'session' && data.as === 'hours'
  if (isHours) await addOfficeHours(group, of, person)
  else {
    const item = { kind, of, lesson, note: data.note ?? '', by: person._id, at: now() }
    await changeGroup(group._id, ({ shelf }) => ({ shelf: withShelfItem(shelf, item) }), person._id)
  }
  if (kind === 'playlist') {
    const audience = group.kind === 'company' ? 'company' : 'link'
    await changePlaylist(person._id, String(of), playlist => ({
      audience: playlist.audience === 'link' ? 'link' : audience,
    }))
  }
  setFlash(response, {
    kind: 'done',
    bold: t(`academy:groups.${isHours ? 'hoursAdded' : 'added'}`, { name: group.name }),
    link: { href: groupPath(group), text: t('academy:groups.open') },
  })
  response.redirect(303, subject.href)
}

async function addOfficeHours(
  { _id }: CommunityGroup,
  session: Types.ObjectId,
  person: Person,
): Promise<void> {
  const change = ({ officeHours }: CommunityGroup) => {
    const others = officeHours.filter(each => !each.equals(session))
    // The oldest are over.
    return { officeHours: [...others, session].slice(-groupCaps.officeHours) }
  }
  await changeGroup(_id, change, person._id)
}

const keyField = z.string().max(300)

/** `POST …/shelf/order`: moves a thing on the shelf one place. */
export const move: MemberHandler = async (request, response, person) => {
  const { group } = groupContextOf(response)
  const { data } = z.object({ item: keyField, direction: z.enum(['up', 'down']) }).safeParse(request.body)
  if (!data) throw new HttpError(422, 'web:errors.chooseOne')
  const change = ({ shelf }: CommunityGroup) => ({ shelf: withShelfMoved(shelf, data.item, data.direction) })
  await changeGroup(group._id, change, person._id)
  response.redirect(303, `${groupPath(group)}#shelf`)
}

/** `POST …/shelf/note`: changes the curator's sentence about it. */
export const changeShelfNote: MemberHandler = async (request, response, person) => {
  const { group } = groupContextOf(response)
  const { data } = z.object({ item: keyField, note: optionalField(groupCaps.note) }).safeParse(request.body)
  if (!data) throw new HttpError(422, 'academy:errors.groups.note', { maximum: groupCaps.note })
  const noted = (item: ShelfItem) =>
    shelfKey(item) === data.item ? { ...item, note: data.note ?? '', by: person._id } : item
  await changeGroup(group._id, ({ shelf }) => ({ shelf: shelf.map(noted) }), person._id)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('academy:groups.saved') })
  response.redirect(303, `${groupPath(group)}#shelf`)
}

/** `POST …/shelf/removal`: takes something off the shelf; members take off what they shared. */
export const takeOff: MemberHandler = async (request, response, person) => {
  const { group, canCurate } = groupContextOf(response)
  const { data: key } = keyField.safeParse((request.body as { item?: unknown } | undefined)?.item)
  const item = group.shelf.find(each => shelfKey(each) === key)
  if (item && !canCurate && !item.by.equals(person._id)) throw forbidden()
  const change = ({ shelf }: CommunityGroup) => ({ shelf: shelf.filter(each => shelfKey(each) !== key) })
  await changeGroup(group._id, change, person._id)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('academy:groups.takenOff') })
  response.redirect(303, `${groupPath(group)}#shelf`)
}
