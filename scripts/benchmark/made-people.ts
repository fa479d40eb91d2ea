import { join } from 'node:path'
import { Types } from 'mongoose'
import { catalogueLists } from '../../src/courses/catalogue-lists'
import { publishedCourses, type Published } from '../../src/courses/published'
import { Endpoints } from '../../src/webhooks/endpoint'
import { facet } from '../../src/leads/lead-facets'
import type { LeadStatus } from '../../src/leads/lead'
import { People, type Person } from '../../src/people/person'
import { searchWords } from '../../src/people/search-words'
import { sources } from '../../src/people/source'
import { days, hours, later, now } from '../../src/platform/clock'
import { config } from '../../src/platform/config'
import { connectDatabase, disconnectDatabase } from '../../src/platform/database'
import { fold } from '../../src/platform/fold'
import { startStore } from '../../src/store/start'
import '../../src/app'

// The documents of made-up people, two years of them, as the application would store them. The nth person is always the
// same.

/** How many of a hundred leads have each status, and its rank. */
const shares: [status: LeadStatus, rank: number, share: number][] = [
  ['new', 0, 4],
  ['accepted', 1, 6],
  ['won', 2, 10],
  ['rejected', 3, 30],
  ['lost', 4, 15],
  ['closed', 5, 35],
]
const countries = 'DE FR GB US CA NL BE SE NO DK FI ES IT PT PL CZ AT CH IE AU'.split(' ')
const words = 'Ada Bo Cleo Dana Emil Fay Gus Hana Ivo Jana Kim Lea Max Nia Omar Pia Quin Rosa Sam Tea'.split(
  ' ',
)

/** The nth value of a list, in an order that has nothing to do with that of another list. */
export const pick = <T>(list: readonly T[], n: number, turn: number): T =>
  list[Math.floor(((n * 0.618_033_988_75 * turn) % 1) * list.length)]!

function statusOf(n: number): { status: LeadStatus; rank: number } {
  let at = ((n * 0.414_213_562_37) % 1) * 100
  for (const [status, rank, share] of shares) {
    if (at < share) return { status, rank }
    at -= share
  }
  return { status: 'closed', rank: 5 }
}

const nameOf = (n: number) => `${pick(words, n, 3)} ${pick(words, n, 5)} ${n}`
const companyOf = (n: number) => ({ domain: `company${n % 20_000}.example`, name: `Company ${n % 20_000}` })
const emailOf = (n: number) => `person${n}@${companyOf(n).domain}`
const countryOf = (n: number) => pick(countries, n, 11)
const searchOf = (n: number) => searchWords({ name: nameOf(n), email: emailOf(n), company: companyOf(n) })
const startedAt = now()
export const qualifiedAtOf = (n: number) => later(startedAt, -days(730) * ((n * 0.732_050_807_57) % 1))
const pointsOf = (n: number) => 40 + ((n * 0.236_067_977) % 1) * 60
const gradeOf = (n: number) =>
  `${pick(['A', 'B', 'C'], n, 13)}${pointsOf(n) > 80 ? 1 : pointsOf(n) > 60 ? 2 : 3}`

export function personOf(n: number, _id: Types.ObjectId): object {
  const at = qualifiedAtOf(n)
  return {
    ...{ _id, email: emailOf(n), name: nameOf(n), search: searchOf(n), role: 'prospect', passwordHash: null },
    ...{ signedUpAt: at, confirmedAt: at, title: 'Engineer', country: countryOf(n), timeZone: null },
    ...{ company: companyOf(n), emailKind: 'company', consents: ['profiling', 'share_with_sales'] },
    ...{ sharingPausedAt: null, sharingChanges: 0, profileChanges: 0, firstTouch: null, lastTouch: null },
    ...{ needsAssessment: null, suspendedAt: null, erasedAt: null },
  }
}

export function leadOf(n: number, _id: Types.ObjectId, { team, courses, topics }: Academy): object {
  const { status, rank } = statusOf(n)
  const owner = pick(team, n, 7)
  const [qualifiedAt, score, grade] = [qualifiedAtOf(n), pointsOf(n), gradeOf(n)]
  return {
    ...{
      _id,
      ledgerVersion: 1,
      status,
      stage: status === 'won' || status === 'closed' ? 'new' : status,
      rank,
    },
    ...{ shared: true, owner: owner._id, ownerTimeZone: 'UTC', assignedAt: qualifiedAt, qualifiedAt },
    ...{ awaitedSince: qualifiedAt, respondBy: later(qualifiedAt, hours(rank === 0 ? 24 * 14 : 4)) },
    ...{ nextStep: null, trigger: 'score', sequence: 1, changeCount: 1 },
    snooze:
      rank === 0 && n % 10 === 0
        ? { until: later(startedAt, days(3)), by: owner._id, at: startedAt, text: '' }
        : null,
    ...{
      disposition: null,
      closed: null,
      deals: [],
      score,
      fit: 60,
      grade,
      reasons: [],
      search: searchOf(n),
    },
    highlights: [{ key: 'lessons', values: { count: 7, title: 'Dry run and other protections' } }],
    facets: [
      'all',
      facet('grade', grade),
      facet('grade', grade.charAt(0)),
      facet('status', status),
      ...(courses.length ? [facet('course', pick(courses, n, 17))] : []),
      ...[19, 23].map(turn => facet('topic', pick(topics, n, turn))),
      facet('country', countryOf(n)),
      facet('source', pick(sources, n, 29)),
      facet('owner', owner._id),
    ],
    ...{ sortName: fold(nameOf(n)), sortCompany: fold(companyOf(n).name), sortOwner: fold(owner.name) },
    lastActivityAt: later(qualifiedAt, days(2)),
  }
}

export function scoreOf(n: number, _id: Types.ObjectId): object {
  const points = pointsOf(n)
  return {
    ...{ _id, ledgerVersion: 1, at: startedAt, model: 1, engagement: points, fit: 60, grade: gradeOf(n) },
    ...{ rawPointsByRule: { lessonFinished: points }, pointsByGroup: null, reasons: [], isQualified: true },
    ...{ isNearThreshold: false, search: searchOf(n), dueAt: null, leaseToken: null, leaseUntil: null },
    ...{ attempts: 0, lastError: null, failedAt: null },
  }
}

/** What made-up people need to know of the academy that they are added to. */
export type Academy = {
  team: Person[]
  published: Published[]
  courses: string[]
  topics: string[]
  endpoints: Types.ObjectId[]
}

export async function readAcademy(): Promise<Academy> {
  const store = await startStore({ folder: join(config.dataDir, 'store'), waitForDisk: false })
  await connectDatabase(store.uri, 'lyceum')
  const team = await People.find({ role: { $in: ['sales', 'sales-lead'] } })
  const [published, { topics }, endpoints] = await Promise.all([
    publishedCourses(),
    catalogueLists(),
    Endpoints.find({}, { _id: 1 }),
  ])
  await disconnectDatabase()
  await store.close()
  return {
    ...{ team, published, courses: published.map(({ course }) => String(course)) },
    ...{ topics: topics.map(({ id }) => id), endpoints: endpoints.map(({ _id }) => _id) },
  }
}
