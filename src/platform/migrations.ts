import { createHash } from 'node:crypto'
import { domainToUnicode } from 'node:url'
import { mongo, type Connection, type Types } from 'mongoose'
import { parse } from 'tldts'
import { now } from './clock'
import { wordsToFind } from './fold'
import { sealOf } from './record-seal'

type Migration = (connection: Connection) => Promise<void>

type Filed = { topic: string; level: string; audience?: string; audiences?: string[] }
type Entry = { id: string; names: Record<string, string>; aliases: string[] }

/** The collections with the content of courses, and the field that it is in. */
const contents = [
  ['courses', 'draft'],
  ['revisions', 'content'],
  ['replaced_drafts', 'content'],
] as const

/**
 * To version 6: topics, audiences and levels became lists of the academy's own, and an audience was free text. The
 * lists get what the courses use; an audience gets the id that its filter had in URLs.
 */
async function fileUnderLists(connection: Connection): Promise<void> {
  const found = { topics: new Set<string>(), audiences: new Map<string, string>(), levels: new Set<string>() }
  for (const [name, field] of contents) {
    const collection = connection.collection<{ draft?: Filed; content?: Filed }>(name)
    for (const document of await collection.find().toArray()) {
      const content = document[field]
      if (!content) continue
      const { topic, level, audience = '' } = content
      const id = audience
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]+/gu, '-')
        .replace(/^-|-$/g, '')
      found.topics.add(topic)
      found.levels.add(level)
      if (id) found.audiences.set(id, found.audiences.get(id) ?? audience)
      if (content.audiences) for (const known of content.audiences) found.audiences.set(known, known)
      else {
        const change = {
          $set: { [`${field}.audiences`]: id ? [id] : [] },
          $unset: { [`${field}.audience`]: '' as const },
        }
        await collection.updateOne({ _id: document._id }, change)
      }
    }
  }
  const levels = ['beginner', 'intermediate', 'advanced']
  const named = (id: string, name = id.charAt(0).toUpperCase() + id.slice(1)): Entry => ({
    id,
    names: { en: name },
    aliases: [],
  })
  const lists = {
    topics: ['learning', 'sales', 'operations', 'privacy']
      .filter(id => found.topics.has(id))
      .map(id => named(id)),
    audiences: [...found.audiences].sort().map(([id, name]) => named(id, name)),
    levels: levels.map(id => named(id)),
  }
  if (!lists.topics.length) return
  await connection
    .collection<{ _id: string }>('catalogue_lists')
    .updateOne({ _id: 'academy' }, { $setOnInsert: { ...lists, number: 1 } }, { upsert: true })
}

type OldPath = {
  _id: unknown
  slug: string
  title: string
  audience: string
  summary: string
  courses: string[]
}

/** To version 6: learning paths got drafts and versions, under their slug. What was there was public. */
async function versionPaths(connection: Connection): Promise<void> {
  const paths = connection.collection<{ _id: string }>('paths')
  const versions = connection.collection<{ _id: string }>('path_versions')
  const old = await connection
    .collection<OldPath>('paths')
    .find({ slug: { $exists: true } })
    .toArray()
  // Slugs are the ids now, and the records have no other.
  if (old.length)
    await connection
      .collection('paths')
      .dropIndex('slug_1')
      .catch(() => {})
  for (const { _id, slug, title, audience, summary, courses } of old) {
    const content = { title, audience, summary, courses }
    const version = {
      of: slug,
      number: 1,
      draftNumber: 1,
      content,
      publishedAt: now(),
      publishedBy: null,
    }
    await versions.updateOne({ _id: `${slug}:1` }, { $setOnInsert: version }, { upsert: true })
    const record = { draft: content, draftNumber: 1, version: 1, changedAt: now() }
    await paths.updateOne({ _id: slug }, { $setOnInsert: record }, { upsert: true })
    await connection.collection('paths').deleteOne({ _id })
  }
}

/** To version 7: leads, scores and progress name the brand of their person, to be listed by it. */
async function nameBrands(connection: Connection): Promise<void> {
  const people = connection.collection<{ brand?: string }>('people')
  for await (const { _id, brand } of people.find(
    { brand: { $type: 'string' } },
    { projection: { brand: 1 } },
  )) {
    for (const name of ['leads', 'scores', 'funnel_progress'])
      await connection.collection(name).updateOne({ _id }, { $set: { brand } })
  }
}

type Employee = {
  email: string
  name: string
  role: string
  company: { domain: string; name: string }
  profileChanges?: number
}

/**
 * To version 8: domains below endings such as `uk.com` and `github.io`, where anyone can have one, are companies of
 * their own. Everyone there was stored as a colleague of the others. The CRM hears of it as of any changed profile; the
 * event comes first, so that a migration that was cut off tells it too.
 */
async function tellCompaniesApart(connection: Connection): Promise<void> {
  const people = connection.collection<Employee>('people')
  const members = connection.collection<{ domain: string }>('team_members')
  const events = connection.collection<{ _id: string }>('events')
  for await (const person of people.find({ 'company.domain': { $type: 'string' } })) {
    const { _id, email, name, role, company: before, profileChanges = 0 } = person
    const host = email.slice(email.lastIndexOf('@') + 1)
    const company = companyAt(host)
    if (company?.domain === before.domain) continue
    const change = profileChanges + 1
    const moment = now()
    const event = {
      ...{ name: 'person.updated', at: moment, recordedAt: moment, person: _id, course: null },
      ...{ data: { change }, dueAt: moment, leaseUntil: null, attempts: 0 },
    }
    if (role === 'prospect')
      await events.updateOne(
        { _id: `person.updated:${_id}:${change}` },
        { $setOnInsert: event },
        { upsert: true },
      )
    if (company) await members.updateOne({ _id }, { $set: { domain: company.domain } })
    else await members.deleteOne({ _id })
    const shown = email.replace(host, domainToUnicode(host) || host)
    const search = wordsToFind(name, company?.name ?? '', shown, email)
    const $set = { company, search, profileChanges: change, ...(company ? {} : { emailKind: 'free' }) }
    await people.updateOne({ _id }, { $set } as mongo.UpdateFilter<Employee>)
  }
}

/** Returns the company at the host of an address; null at a bare ending, which belongs to nobody. */
function companyAt(host: string): Employee['company'] | null {
  const { domain, domainWithoutSuffix } = parse(host, { allowPrivateDomains: true })
  if (!domain || !domainWithoutSuffix) return null
  const name = (domainToUnicode(domainWithoutSuffix) || domainWithoutSuffix)
    .split('-')
    .filter(Boolean)
    .map(word => word.replace(/^./u, first => first.toUpperCase()))
    .join(' ')
  return { domain, name }
}

type OldPlaylist = { person: unknown; place?: number }

/** To version 8: each playlist has one of the places of its person. Those beyond the limit keep theirs. */
async function placePlaylists(connection: Connection): Promise<void> {
  const playlists = connection.collection<OldPlaylist>('playlists')
  const next = new Map<string, number>()
  for await (const { _id, person } of playlists.find().sort({ _id: 1 })) {
    const place = next.get(String(person)) ?? 0
    next.set(String(person), place + 1)
    await playlists.updateOne({ _id }, { $set: { place } })
  }
}

type OldLead = { shared: boolean; status: string; owner: unknown; grade?: string; facets?: string[] }

/**
 * To version 9: leads have what lists are narrowed and sorted by. What follows from the ledger is added when their
 * scores are computed again, which begins at once.
 */
async function nameFacets(connection: Connection): Promise<void> {
  const leads = connection.collection<OldLead>('leads')
  const people = connection.collection<{ name: string; company: { name: string } | null }>('people')
  const scores = connection.collection('scores')
  for await (const { _id, shared, status, owner, grade = 'C3' } of leads.find({
    facets: { $exists: false },
  })) {
    const person = shared ? await people.findOne({ _id }) : null
    const keep = (text: string | undefined) =>
      wordsToFind(text ?? '')
        .join(' ')
        .slice(0, 60)
    const facets = person
      ? [
          'all',
          `grade:${grade}`,
          `grade:${grade.charAt(0)}`,
          `status:${status}`,
          `owner:${String(owner ?? 'none')}`,
        ]
      : []
    const sorted = { sortName: keep(person?.name), sortCompany: keep(person?.company?.name), sortOwner: '' }
    await leads.updateOne({ _id }, { $set: { facets, ...sorted, lastActivityAt: new Date(0) } })
    await scores.updateOne({ _id }, { $set: { dueAt: now(), failedAt: null, attempts: 0 } })
  }
}

/**
 * To version 10: events and snapshots of scores have a seal. What is there is sealed as it is, and scores are computed
 * again, which seals them.
 */
async function sealRecords(connection: Connection): Promise<void> {
  const sealed = {
    event: ['events', '_id', 'name', 'at', 'recordedAt', 'person', 'course', 'data'],
    snapshot: [
      ...['score_snapshots', '_id', 'person', 'at', 'kind', 'grade', 'before', 'engagement', 'fit'],
      ...['model', 'contributions'],
    ],
  }
  for (const [kind, [name, ...fields]] of Object.entries(sealed)) {
    const collection = connection.collection<{ [field: string]: unknown }>(name!)
    let writes: { updateOne: { filter: object; update: object } }[] = []
    for await (const document of collection.find({ seal: { $exists: false } })) {
      const values = Object.fromEntries(fields.map(field => [field, document[field]]))
      const update = { $set: { seal: sealOf(kind, values) } }
      writes.push({ updateOne: { filter: { _id: document._id }, update } })
      if (writes.length < 1000) continue
      await collection.bulkWrite(writes as never)
      writes = []
    }
    if (writes.length) await collection.bulkWrite(writes as never)
  }
  await connection
    .collection('scores')
    .updateMany({}, { $set: { dueAt: now(), failedAt: null, attempts: 0 } })
}

type AskedEvent = {
  _id: string
  at: Date
  person: Types.ObjectId
  course: Types.ObjectId | null
  data: { text: string; lesson: string | null; thread?: string }
}

/**
 * To version 11: questions were events that only authors read. Each becomes a thread that its asker and the team read.
 * Its id follows from the event's.
 */
async function keepQuestions(connection: Connection): Promise<void> {
  const threads = connection.collection('threads')
  const asked = connection.collection<AskedEvent>('events').find({ name: 'question.asked' })
  for await (const { _id, at, person, course, data } of asked) {
    if (data.thread || !course || !data.text) continue
    const line = data.text.replace(/\s+/g, ' ').trim()
    const isShort = line.length <= 150
    const title = isShort ? line : `${line.slice(0, 149)}…`
    const text = isShort ? '' : data.text
    const thread = {
      ...{ course, lesson: data.lesson, second: null, person, isNameHidden: false, title, text },
      ...{ audience: 'team', state: 'shown', voters: [], votes: 0, followers: [person], answers: 0 },
      ...{ accepted: null, acceptedBy: null, askedAt: at, activeAt: at, versions: [], editedAt: null },
      ...{ removedAt: null, search: wordsToFind(title, text).slice(0, 200), dueAt: null },
      ...{ leaseToken: null, leaseUntil: null, attempts: 0, lastError: null, failedAt: null },
    }
    const id = createHash('sha256').update(_id).digest('hex').slice(0, 24)
    await threads.updateOne({ _id: new mongo.ObjectId(id) }, { $setOnInsert: thread }, { upsert: true })
  }
}

/**
 * What turns the data of each version into that of the next. Names here are those of their time: a migration doesn't
 * change with the records. It may run twice, or be cut off and run again.
 */
export const migrations: Readonly<Record<number, Migration>> = {
  5: async connection => {
    await fileUnderLists(connection)
    await versionPaths(connection)
  },
  6: nameBrands,
  7: async connection => {
    await tellCompaniesApart(connection)
    await placePlaylists(connection)
  },
  8: nameFacets,
  9: sealRecords,
  10: keepQuestions,
}
