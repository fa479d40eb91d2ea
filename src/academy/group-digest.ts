import { brandOf, type ShownBrand } from '../brand/brand'
import type { CommunityDigest } from '../community/digest-queue'
import { findThreads, type ListedThread } from '../community/find-threads'
import { membershipsOf, shelfKey } from '../community/group'
import type { Thread } from '../community/thread'
import { threadPath } from '../community/thread-path'
import type { QueryFilter, Types } from 'mongoose'
import { queueEmail } from '../mail/queue-email'
import { firstNameOf } from '../people/first-name'
import type { Person } from '../people/person'
import { unsubscribeToken } from '../people/unsubscribe-token'
import { days, later, now } from '../platform/clock'
import { secretRoutes, secretUrl } from '../platform/secret-routes'
import { formattersFor } from '../web/formatters'
import { renderEmail } from '../web/render-email'
import { languagesOf, textsOfBrand } from '../web/shown-brand'
import { groupPath, questionsOfGroup, shownGroups, type ShownGroup } from './group-context'
import { sessionPath } from './session-row'
import { foundItems, nextOfficeHours } from './shelf-items'

/** Lines of a kind for each group, latest questions that they are chosen from, and votes that make a question good. */
const [maxLines, maxRead, goodVotes] = [3, 100, 2]

type Line = { text: string; href: string; note: string }
type Section = { title: string; lines: Line[] }
type GroupNews = { name: string; href: string; sections: Section[]; people: Types.ObjectId[] }

/**
 * Emails a person what is new in their groups, as they see it at this moment, once for each week. Nothing is sent when
 * nothing is new.
 */
export async function emailCommunityDigest(person: Person, { week, since }: CommunityDigest): Promise<void> {
  const brand = await brandOf(person.brand)
  const [shown, joined] = await Promise.all([shownGroups(brand, person), membershipsOf(person._id)])
  const own = shown.filter(({ group }) => joined.some(each => each.group.equals(group._id)))
  const news: GroupNews[] = []
  for (const each of own) {
    const found = await newsOf(each, brand, person, since)
    if (found.sections.length) news.push(found)
  }
  if (!news.length) return
  const stop = `${secretUrl(brand.baseUrl, secretRoutes.unsubscribe, unsubscribeToken(person._id))}?what=groups`
  const values = {
    name: firstNameOf(person.name),
    groups: news,
    count: news.length,
    group: news[0]!.name,
    href: `${brand.baseUrl}/community/groups`,
    stopGroups: stop,
  }
  await queueEmail({
    _id: `communityDigest:${String(person._id)}:${week.toISOString().slice(0, 10)}`,
    ...{ person: person._id, to: person.email, kind: 'service', listUnsubscribe: stop },
    // Their erasure finds it by the people whose words are in it.
    aboutEach: news.flatMap(({ people }) => people),
    ...renderEmail('communityDigest', values, brand),
  })
}

async function newsOf(shown: ShownGroup, brand: ShownBrand, person: Person, since: Date): Promise<GroupNews> {
  const { group, courses } = shown
  const language = languagesOf(brand)[0]!
  const { t } = textsOfBrand(brand, language)
  const { date } = formattersFor(language)
  const fresh = group.shelf.filter(({ at }) => at > since)
  const filter: QueryFilter<Thread> = { $and: [await questionsOfGroup(shown), { activeAt: { $gt: since } }] }
  const [threads, found, hours] = await Promise.all([
    findThreads(filter).sort({ activeAt: -1, _id: -1 }).limit(maxRead),
    foundItems(fresh, brand, person),
    nextOfficeHours(group, brand, person),
  ])
  const slugs = new Map(courses.map(({ course, slug }) => [String(course), slug]))
  const lineOf = (thread: ListedThread): Line => ({
    text: thread.title,
    href: `${brand.baseUrl}${threadPath(slugs.get(String(thread.course))!, thread)}`,
    note: t('academy:community.answers', { count: thread.answers }),
  })
  // A question is good when the votes or its asker say so; one's own is no news.
  const others = threads.filter(each => each.title && !each.person.equals(person._id))
  const good = others
    .filter(each => each.answers > 0 && (each.accepted || each.votes >= goodVotes))
    .sort((a, b) => Number(b.accepted !== null) - Number(a.accepted !== null) || b.votes - a.votes)
    .slice(0, maxLines)
  const waiting = others
    .filter(each => each.answers === 0 && each.askedAt > since)
    .sort((a, b) => b.votes - a.votes)
    .slice(0, maxLines)
  const shelf = fresh.flatMap(item => {
    const seen = found.get(shelfKey(item))
    return seen ? [{ text: seen.title, href: absolute(brand, seen.href), note: item.note, by: item.by }] : []
  })
  const isSoon = hours && hours.startsAt > now() && hours.startsAt < later(now(), days(7))
  const sections = [
    { title: t('mail:communityDigest.good'), lines: good.map(lineOf) },
    { title: t('mail:communityDigest.waiting'), lines: waiting.map(lineOf) },
    { title: group.shelfTitle || t('academy:groups.shelfTitle'), lines: shelf.slice(0, maxLines) },
    {
      title: t('academy:groups.hours'),
      lines: isSoon
        ? [
            {
              text: hours.title,
              href: absolute(brand, sessionPath(hours)),
              note: `${date(hours.startsAt, 'weekday')}, ${date(hours.startsAt, 'time')} UTC`,
            },
          ]
        : [],
    },
  ].filter(({ lines }) => lines.length)
  const people = [...[...good, ...waiting].map(each => each.person), ...shelf.map(({ by }) => by)]
  return { name: group.name, href: absolute(brand, groupPath(group)), sections, people }
}

const absolute = ({ baseUrl }: ShownBrand, path: string) => new URL(path, baseUrl).href
