import { createHash } from 'node:crypto'
import { Types } from 'mongoose'
import { defaultBrandId } from '../../src/brand/brand'
import { People, type Person } from '../../src/people/person'
import { days, later, minutes, seconds } from '../../src/platform/clock'
import { instantOf, localTimeOf } from '../../src/platform/zoned-time'
import { sendMaterials } from '../../src/sessions/advance-sessions'
import { addPageSeconds, checkIn, joinSession } from '../../src/sessions/attendance'
import { bookSeat } from '../../src/sessions/book-seat'
import { SessionBookings } from '../../src/sessions/booking'
import { createSession, publishSession, type SessionContent } from '../../src/sessions/change-session'
import { LiveSessions, type LiveSession } from '../../src/sessions/live-session'
import { noteOpened, saveMaterials } from '../../src/sessions/materials'
import { createSeries } from '../../src/sessions/series'
import { answerInWriting, askSessionQuestion, setQuestionVote } from '../../src/sessions/session-question'
import { runAllDue } from '../../src/worker'
import type { Academy, Simulation } from './learners-past'
import { seededRandom, shuffle } from './random'
import { tarnwellSettings } from './tarnwell'

/** A live session as `tarnwell/sessions.yml` describes it. */
type Plan = {
  slug: string
  title: string
  summary: string
  /** Negative for one of the past. */
  startsInDays: number
  /** How many weeks in a row, as a series. */
  weeks?: number
  at: string
  minutes: number
  zone: string
  /** `online`, or a city and an address. */
  place: string
  seats: number
  /** How many seats are taken, and how many people wait for one. */
  taken: number
  waiting?: number
  course: string
  certificate?: boolean
  hosts: { name: string; role: string }[]
  agenda: { at: string; text: string }[]
  questions: { votes: number; person: string | null; text: string; answer?: string }[]
  materials?: Omit<LiveSession['materials'][number], 'id'>[]
  messages?: NonNullable<LiveSession['messages']>
}

/** Schedules Tarnwell's live sessions: two that are over, with what followed, and some that people have booked. */
export function scheduleSessions(simulation: Simulation, academy: Academy): void {
  tarnwellSettings<Plan[]>('sessions').forEach((plan, n) => scheduleSession(simulation, academy, plan, n))
}

function scheduleSession({ schedule, end }: Simulation, academy: Academy, plan: Plan, n: number): void {
  const random = seededRandom(900 + n)
  const startsAt = startOf(plan, end)
  const announcedAt = later(startsAt < end ? startsAt : end, -days(16))
  const id = idOf(plan.slug)
  const ids = plan.weeks
    ? Array.from({ length: plan.weeks }, (_, week) => later(startsAt, days(7 * week)))
    : [startsAt]
  schedule.add(announcedAt, () => announce(academy, plan, id, ids))
  // People book until two days before it, or until today.
  const until = later(startsAt < end ? startsAt : end, -days(startsAt < end ? 2 : 0))
  const total = plan.taken + (plan.waiting ?? 0)
  for (let booking = 0; booking < total; booking++) {
    const share = (booking + random()) / total
    const at = later(
      announcedAt,
      0.05 * days(1) + share * (until.getTime() - announcedAt.getTime()) - minutes(5),
    )
    schedule.add(at, async () => {
      for (const session of await sessionsOf(plan, id)) await bookNext(session, n)
    })
  }
  schedule.add(later(until, -minutes(2)), async () => {
    for (const session of await sessionsOf(plan, id)) await ask(session, plan)
  })
  if (startsAt < end) scheduleDay({ schedule, end }, plan, id, startsAt)
}

/** What happens on the day of a session and after it: who comes, what hosts send, and who opens it. */
function scheduleDay({ schedule }: Simulation, plan: Plan, id: Types.ObjectId, startsAt: Date): void {
  const endsAt = later(startsAt, minutes(plan.minutes))
  const current = async () => (await LiveSessions.findById(id))!
  // Two of nine don't come.
  const present = async () => (await bookedIn(id)).filter((_, n) => n % 9 !== 3 && n % 9 !== 7)
  for (const before of [days(1), minutes(60)]) schedule.add(later(startsAt, seconds(5) - before), runAllDue)
  schedule.add(later(startsAt, -minutes(4)), async () => {
    const session = await current()
    for (const { person } of await present()) {
      await (session.kind === 'online' ? joinSession(session, person) : checkIn(session, person, 'code'))
    }
  })
  if (plan.place === 'online') {
    for (let minute = 4; minute <= plan.minutes; minute += 4) {
      schedule.add(later(startsAt, minutes(minute)), async () => {
        const session = await current()
        // Some leave earlier.
        const there = (await present()).filter((_, n) => minute <= plan.minutes - 8 * (n % 3))
        for (const { person } of there) await addPageSeconds(session, person, 240)
      })
    }
  }
  schedule.add(later(endsAt, minutes(16)), runAllDue)
  schedule.add(later(endsAt, days(1)), async () => {
    const session = await current()
    const host = session.hosts[0]!
    for (const question of plan.questions) {
      if (!question.answer) continue
      const written = { text: question.answer, name: host.name, by: host.person! }
      await answerInWriting(id, String(questionId(plan, question.text)), written)
    }
    const materials = (plan.materials ?? []).map((each, n) => ({ ...each, id: `material-${n + 1}` }))
    const messages = plan.messages ?? null
    await saveMaterials(session, { materials, messages }, { base: session.changes, by: host.person! })
    if (messages) await sendMaterials(session, messages)
    await runAllDue()
  })
  schedule.add(later(endsAt, days(1.3)), async () => {
    const session = await current()
    const opened = (await bookedIn(id)).filter((_, n) => n % 2 === 1)
    for (const booking of opened) await noteOpened(session, booking, session.materials[0]!.kind)
  })
}

/** Creates and publishes a session, or those of a series. */
async function announce(
  { courses }: Academy,
  plan: Plan,
  id: Types.ObjectId,
  starts: readonly Date[],
): Promise<void> {
  const course = courses.find(({ slug }) => slug === plan.course)!
  const hosts = await Promise.all(plan.hosts.map(host))
  const [city = '', ...street] = plan.place.split(', ')
  const isOnline = plan.place === 'online'
  const opening = minutesOf(plan.at)
  const content: SessionContent = {
    ...{ course: course.course, topic: course.content.topic, visibility: 'public', companies: [] },
    ...{ excludedCompanies: [], title: plan.title, summary: plan.summary, description: '', language: 'en' },
    ...{ startsAt: starts[0]!, endsAt: later(starts[0]!, minutes(plan.minutes)), timeZone: plan.zone },
    kind: isOnline ? 'online' : 'room',
    joinUrl: isOnline ? `https://meet.tarnwell.example/${plan.slug}` : '',
    place: isOnline
      ? null
      : { name: `Tarnwell test rig, ${city}`, address: `${street.join(', ')}, ${city}`, mapUrl: '' },
    ...{ meetingService: null, hosts, questions: [], price: null, refundHours: 24, minimum: null },
    agenda: plan.agenda.map(({ at, text }) => ({ minute: minutesOf(at) - opening, text })),
    ...{ claimHours: 12, isRecorded: isOnline, hasCaptions: isOnline },
    ...{ certificate: plan.weeks ? false : (plan.certificate ?? false), attendedFrom: 0.5 },
  }
  const by = hosts[0]!.person
  const { seats } = plan
  if (plan.weeks) {
    const certificate = plan.certificate ?? false
    await createSeries(id, content, starts, {
      seats,
      by,
      kind: 'parts',
      certificate,
      required: plan.weeks - 1,
    })
  } else await createSession(id, content, { seats, by })
  for (const session of await sessionsOf(plan, id)) await publishSession(session, by)
  await runAllDue()
}

async function host({ name, role }: Plan['hosts'][number]): Promise<LiveSession['hosts'][number]> {
  const person = await People.findOne({ name, role: { $ne: 'prospect' } }, { _id: 1 })
  return { person: person?._id ?? null, name, role, isPanel: false }
}

function sessionsOf(plan: Plan, id: Types.ObjectId): Promise<LiveSession[]> {
  return LiveSessions.find(plan.weeks ? { series: id } : { _id: id }).sort({ startsAt: 1 })
}

/** The next of Tarnwell's learners books who hasn't, in an order of the session's own. */
async function bookNext(session: LiveSession, order: number): Promise<void> {
  const booked = await SessionBookings.find({ session: session._id }, { person: 1 })
  const taken = new Set(booked.map(({ person }) => String(person)))
  const next = (await learners(order)).find(({ _id }) => !taken.has(String(_id)))
  if (next) await bookSeat(session, next._id, { timeZone: null })
}

async function learners(order: number): Promise<Pick<Person, '_id' | 'email'>[]> {
  const people = await People.find({ role: 'prospect', erasedAt: null }, { email: 1, brand: 1 }).sort({
    email: 1,
  })
  const own = people.filter(({ brand }) => (brand ?? defaultBrandId) === defaultBrandId)
  return shuffle(own, seededRandom(500 + order))
}

const bookedIn = (session: Types.ObjectId) =>
  SessionBookings.find({ session, state: 'booked' }).sort({ bookedAt: 1, _id: 1 })

/** Some of those who come ask before the day, and others want that answered too. */
async function ask(session: LiveSession, plan: Plan): Promise<void> {
  const booked = await bookedIn(session._id)
  for (const [n, { text, votes, person: name }] of plan.questions.entries()) {
    const asker = (name && (await People.findOne({ name }, { _id: 1 }))?._id) || booked[n]?.person
    if (!asker) continue
    const _id = questionId(plan, text)
    await askSessionQuestion(session, { _id, person: asker, text, isNameHidden: name === null })
    const voters = booked.filter(({ person }) => !person.equals(asker)).slice(0, votes)
    for (const { person } of voters) await setQuestionVote(session, String(_id), person, true)
  }
}

/** The start on the clocks of its time zone, on a working day. */
function startOf(plan: Plan, end: Date): Date {
  const today = Math.floor(localTimeOf(end.getTime(), plan.zone) / days(1)) * days(1)
  const wished = today + days(plan.startsInDays)
  const weekday = new Date(wished).getUTCDay()
  const toWorkingDay = { 0: 1, 6: plan.startsInDays < 0 ? -1 : 2 }[weekday] ?? 0
  const toTuesday = plan.weeks ? (2 - weekday + 7) % 7 : toWorkingDay
  return new Date(instantOf(wished + days(toTuesday) + minutes(minutesOf(plan.at)), plan.zone))
}

/** `15:20` becomes 920. */
function minutesOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return 60 * hour + minute
}

const idOf = (name: string) =>
  new Types.ObjectId(createHash('sha256').update(name).digest('hex').slice(0, 24))

const questionId = ({ slug }: Plan, text: string) => idOf(`${slug}: ${text}`)
