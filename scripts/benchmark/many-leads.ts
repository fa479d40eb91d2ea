import { join } from 'node:path'
import mongoose, { Types } from 'mongoose'
import { publishedCourses } from '../../src/courses/published'
import { catalogueLists } from '../../src/courses/catalogue-lists'
import { facet } from '../../src/leads/lead-facets'
import { Leads, type LeadStatus } from '../../src/leads/lead'
import { People } from '../../src/people/person'
import { searchWords } from '../../src/people/search-words'
import { sources } from '../../src/people/source'
import { days, hours, later, now } from '../../src/platform/clock'
import { config } from '../../src/platform/config'
import { connectDatabase, disconnectDatabase } from '../../src/platform/database'
import { fold } from '../../src/platform/fold'
import { Scores } from '../../src/scoring/score'
import { startStore } from '../../src/store/start'
import '../../src/app'

// Adds as many leads as `LEADS` says to the academy in `DATA_DIR`, two years of them, as the application would store
// them. The indexes of leads are made at the end, which takes a fraction of the time.

const portion = 1000
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
const pick = <T>(list: readonly T[], n: number, turn: number): T =>
  list[Math.floor(((n * 0.618_033_988_75 * turn) % 1) * list.length)]!

function statusOf(n: number): { status: LeadStatus; rank: number } {
  let at = ((n * 0.414_213_562_37) % 1) * 100
  for (const [status, rank, share] of shares) {
    if (at < share) return { status, rank }
    at -= share
  }
  return { status: 'closed', rank: 5 }
}

async function fill(count: number): Promise<void> {
  const store = await startStore({ folder: join(config.dataDir, 'store'), waitForDisk: false })
  await connectDatabase(store.uri, 'lyceum')
  const team = await People.find({ role: { $in: ['sales', 'sales-lead'] } })
  const [courses, { topics }] = await Promise.all([publishedCourses(), catalogueLists()])
  const model = mongoose.models.Lead!
  await model.collection.dropIndexes()
  for (let at = 0; at < count; at += portion) {
    const people: object[] = []
    const leads: object[] = []
    const scores: object[] = []
    for (let n = at; n < Math.min(count, at + portion); n++) {
      const _id = new Types.ObjectId()
      const { status, rank } = statusOf(n)
      const owner = pick(team, n, 7)
      const company = { domain: `company${n % 20_000}.example`, name: `Company ${n % 20_000}` }
      const [name, country] = [`${pick(words, n, 3)} ${pick(words, n, 5)} ${n}`, pick(countries, n, 11)]
      const email = `person${n}@${company.domain}`
      const qualifiedAt = later(now(), -days(730) * ((n * 0.732_050_807_57) % 1))
      const score = 40 + ((n * 0.236_067_977) % 1) * 60
      const grade = `${pick(['A', 'B', 'C'], n, 13)}${score > 80 ? 1 : score > 60 ? 2 : 3}`
      const search = searchWords({ name, email, company })
      const respondBy = later(qualifiedAt, hours(rank === 0 ? 24 * 14 : 4))
      people.push({
        ...{ _id, email, name, search, role: 'prospect', passwordHash: null, signedUpAt: qualifiedAt },
        ...{
          confirmedAt: qualifiedAt,
          title: 'Engineer',
          country,
          timeZone: null,
          company,
          emailKind: 'company',
        },
        ...{ consents: ['profiling', 'share_with_sales'], sharingPausedAt: null, sharingChanges: 0 },
        ...{ profileChanges: 0, firstTouch: null, lastTouch: null, needsAssessment: null },
        ...{ suspendedAt: null, erasedAt: null },
      })
      leads.push({
        ...{
          _id,
          ledgerVersion: 1,
          status,
          stage: status === 'won' || status === 'closed' ? 'new' : status,
          rank,
        },
        ...{ shared: true, owner: owner._id, ownerTimeZone: 'UTC', assignedAt: qualifiedAt, qualifiedAt },
        ...{
          awaitedSince: qualifiedAt,
          respondBy,
          nextStep: null,
          trigger: 'score',
          sequence: 1,
          changeCount: 1,
        },
        snooze:
          rank === 0 && n % 10 === 0
            ? { until: later(now(), days(3)), by: owner._id, at: now(), text: '' }
            : null,
        ...{ disposition: null, closed: null, deals: [], score, fit: 60, grade, reasons: [], search },
        highlights: [{ key: 'lessons', values: { count: 7, title: 'Dry run and other protections' } }],
        facets: [
          'all',
          facet('grade', grade),
          facet('grade', grade.charAt(0)),
          facet('status', status),
          ...(courses.length ? [facet('course', pick(courses, n, 17).course)] : []),
          ...[19, 23].map(turn => facet('topic', pick(topics, n, turn).id)),
          facet('country', country),
          facet('source', pick(sources, n, 29)),
          facet('owner', owner._id),
        ],
        ...{ sortName: fold(name), sortCompany: fold(company.name), sortOwner: fold(owner.name) },
        lastActivityAt: later(qualifiedAt, days(2)),
      })
      scores.push({
        ...{ _id, ledgerVersion: 1, at: now(), model: 1, engagement: score, fit: 60, grade },
        ...{
          rawPointsByRule: { lessonFinished: score },
          pointsByGroup: null,
          reasons: [],
          isQualified: true,
        },
        ...{ isNearThreshold: false, search, dueAt: null, leaseToken: null, leaseUntil: null, attempts: 0 },
        ...{ lastError: null, failedAt: null },
      })
    }
    await Promise.all([
      People.collection.insertMany(people),
      Leads.collection.insertMany(leads),
      Scores.collection.insertMany(scores),
    ])
  }
  await model.createIndexes()
  await disconnectDatabase()
  await store.close()
}

fill(Number(process.env.LEADS)).then(
  () => process.exit(0),
  error => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
