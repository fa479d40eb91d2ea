import type { Request, Response } from 'express'
import type { QueryFilter } from 'mongoose'
import { z } from 'zod'
import { findThreads, type ListedThread } from '../community/find-threads'
import {
  groupCaps,
  GroupMembers,
  membershipsOf,
  shelfKey,
  type CommunityGroup,
  type ShelfItem,
} from '../community/group'
import { joinGroup, leaveGroup } from '../community/join-group'
import type { Thread } from '../community/thread'
import { questionsPath } from '../community/thread-path'
import { People, type Person } from '../people/person'
import { checkbox, readForm } from '../web/form'
import { setFlash } from '../web/flash'
import { permissionsOf } from '../web/guard'
import type { MemberHandler } from '../web/handler'
import { pageLinks, readPage, type At } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { pageZone } from '../web/reader-zone'
import { textsOf, type Texts } from '../web/texts'
import { agoText } from './post-view'
import { groupContextOf, groupPath, questionsOfGroup, shownGroups, type ShownGroup } from './group-context'
import { sessionPath, timesIn } from './session-row'
import { foundItems, nextOfficeHours } from './shelf-items'
import { threadRows } from './threads'

/** Questions on a group's page, and members that it names. */
const [pageSize, maxNamed] = [10, 50]

/** `GET /community/groups`: the groups that someone sees, their own first. */
export const index: MemberHandler = async (_request, response, person) => {
  const texts = textsOf(response)
  const { t } = texts
  const [shown, own] = await Promise.all([
    shownGroups(response.locals.brand, person),
    membershipsOf(person._id),
  ])
  const joined = new Set(own.map(({ group }) => String(group)))
  const rows = shown.map(each => groupRow(texts, each, joined))
  response.render('academy/community/groups', {
    head: { title: t('academy:groups.title'), noindex: true },
    nav: 'community',
    lists: (['own', 'others'] as const)
      .map(name => ({
        title: t(`academy:groups.${name}`),
        rows: rows.filter(({ isOwn }) => isOwn === (name === 'own')),
      }))
      .filter(list => list.rows.length),
    create: permissionsOf(person).writeCourses ? '/community/groups/new' : null,
    empty: { title: t('academy:groups.none'), text: t('academy:groups.noneText'), link: null },
  })
}

function groupRow(texts: Texts, shown: ShownGroup, joined: ReadonlySet<string>) {
  const { t } = texts
  const { group } = shown
  return {
    href: groupPath(group),
    name: group.name,
    about: group.about,
    isOwn: joined.has(String(group._id)),
    meta: [
      scopeText(texts, shown),
      t('academy:groups.members', { count: group.members }),
      t('academy:groups.active', { when: agoText(texts, group.activeAt) }),
    ].join(' · '),
  }
}

/** What a group is about, or for whom it is. */
function scopeText({ t, listName }: Texts, { group, courses }: ShownGroup): string {
  if (group.kind === 'company') return t('academy:groups.company', { domain: group.domain })
  if (group.kind === 'topic') return listName('topics', group.topic)
  return courses[0]?.content.title ?? ''
}

/** `GET /community/groups/:slug`: a group with its shelf, questions, office hours and members. */
export const show: MemberHandler = async (request, response, person) => {
  response.render('academy/community/group', await groupModel(request, response, person))
}

/** Returns what a group's page shows. */
async function groupModel(request: Request, response: Response, person: Person) {
  const texts = textsOf(response)
  const { t } = texts
  const context = groupContextOf(response)
  const { group, courses, membership, canCurate } = context
  const { brand } = response.locals
  const { after, before } = parametersOf(request)
  const path = groupPath(group)
  const filter = await questionsOfGroup(context)
  const [found, hours, page, named, curator] = await Promise.all([
    foundItems(group.shelf, brand, person),
    nextOfficeHours(group, brand, person),
    readPage<ListedThread>(
      beyond => findThreads({ $and: [filter, beyond] as QueryFilter<Thread>[] }),
      { activeAt: -1, _id: -1 },
      { after, before },
      pageSize,
    ),
    namesIn(group),
    group.curator ? People.loadKept(group.curator) : null,
  ])
  const zone = pageZone(request)
  return {
    head: { title: group.name, noindex: true },
    nav: 'community',
    scripts: ['/js/zone.js'],
    path,
    title: group.name,
    about: group.about,
    scope: scopeText(texts, context),
    curator: curator && !curator.erasedAt ? t('academy:groups.curatedBy', { name: curator.name }) : null,
    edit: canCurate ? `${path}/edit` : null,
    membership: {
      isMember: membership !== null,
      count: t('academy:groups.members', { count: group.members }),
      names: named,
      field: {
        name: 'showsName',
        kind: 'checkbox',
        label: t('academy:groups.showsName'),
        checked: membership?.showsName ?? false,
      },
    },
    shelfTitle: group.shelfTitle || t('academy:groups.shelfTitle'),
    shelf: shelfRows(texts, group.shelf, found, person, canCurate),
    shelfEmpty: t(`academy:groups.${canCurate ? 'shelfEmptyCurator' : 'shelfEmpty'}`),
    hours: hours && {
      href: sessionPath(hours),
      title: hours.title,
      when: `${texts.leafIn(hours.startsAt, zone).weekday}, ${texts.date(hours.startsAt)}, ${timesIn(texts, hours, zone)}`,
      zone,
      zoneName: texts.zoneName(zone),
    },
    rows: await threadRows(texts, page.rows, courses, person, group.kind !== 'course'),
    ask: group.kind === 'course' && courses[0] ? questionsPath(courses[0].slug) : '/community',
    pages: { ...pageLinks(page, (at: At) => `${path}?${new URLSearchParams({ ...at })}`), notes: [] },
  }
}

/** The members who agreed that the others read their name, the latest first. */
async function namesIn({ _id }: CommunityGroup): Promise<string[]> {
  const members = await GroupMembers.find({ group: _id, showsName: true }, { person: 1 })
    .sort({ joinedAt: -1 })
    .limit(maxNamed)
  const people = await Promise.all(members.map(({ person }) => People.loadKept(person)))
  return people.flatMap(person => (person && !person.erasedAt && !person.suspendedAt ? [person.name] : []))
}

function shelfRows(
  { t }: Texts,
  shelf: readonly ShelfItem[],
  found: Awaited<ReturnType<typeof foundItems>>,
  { _id }: Person,
  canCurate: boolean,
) {
  return shelf.flatMap((item, n) => {
    const key = shelfKey(item)
    const seen = found.get(key)
    // What a curator doesn't see any more, they can still take away.
    if (!seen && !canCurate) return []
    return [
      {
        key,
        kind: t(`academy:groups.kinds.${item.kind}`),
        title: seen?.title ?? t('academy:groups.goneItem'),
        href: seen?.href ?? null,
        place: seen?.place ?? '',
        note: item.note,
        canCurate,
        canRemove: canCurate || item.by.equals(_id),
        canMoveUp: n > 0,
        canMoveDown: n < shelf.length - 1,
        maxlength: groupCaps.note,
      },
    ]
  })
}

const joining = z.object({ showsName: checkbox })

/** `POST …/membership`: joins, or changes whether the others read one's name. */
export const joinShown: MemberHandler = async (request, response, person) => {
  const { group, membership } = groupContextOf(response)
  const { data } = readForm(joining, request, response)
  await joinGroup(group._id, person._id, data?.showsName ?? false)
  const { t } = textsOf(response)
  setFlash(response, {
    kind: 'done',
    bold: t(`academy:groups.${membership ? 'saved' : 'joined'}`, { name: group.name }),
    ...(!membership && { text: t('academy:groups.joinedText') }),
  })
  response.redirect(303, groupPath(group))
}

/** `POST …/membership/removal`: leaves. */
export const leaveShown: MemberHandler = async (_request, response, person) => {
  const { group } = groupContextOf(response)
  await leaveGroup(group._id, person._id)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('academy:groups.left', { name: group.name }) })
  response.redirect(303, groupPath(group))
}
