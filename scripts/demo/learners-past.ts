import { createHash } from 'node:crypto'
import { saveGoal } from '../../src/learning/goal'
import { setFinishDate } from '../../src/learning/set-finish-date'
import { brandOf } from '../../src/brand/brand'
import type { Published } from '../../src/courses/published'
import { askQuestion } from '../../src/community/ask-question'
import { splitQuestion } from '../../src/community/thread'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, readEnrolment } from '../../src/learning/enrolment'
import { openLesson } from '../../src/learning/open-lesson'
import { attachSession, coursePurchase, placeOrder } from '../../src/orders/place-order'
import { recordPaymentFact } from '../../src/orders/record-payment-fact'
import type { ConsentInput } from '../../src/people/consent'
import { hashPassword } from '../../src/people/password'
import type { Person, Touch } from '../../src/people/person'
import { demoPassword } from '../../src/people/demo-accounts'
import { signUp } from '../../src/people/sign-up'
import { recordVisit } from '../../src/people/visit'
import { days, hours, later, minutes, now, seconds } from '../../src/platform/clock'
import { completeNeedsAssessment } from '../../src/signals/complete-needs-assessment'
import { requestContact } from '../../src/signals/request-contact'
import type { NeedsContent } from '../../src/signals/needs-content'
import { recordPricingView } from '../../src/signals/view-pricing'
import { recordIdOf } from '../../src/web/occasion'
import { textsOfBrand } from '../../src/web/shown-brand'
import { companies, prospect, sources, type Learner } from './people'
import { seededRandom, shuffle, type Random } from './random'
import type { Schedule } from './schedule'
import { requireCourse, takeCourse, takeLesson } from './take-course'

export type Simulation = {
  schedule: Schedule
  /** The moment at which the simulated past ends and the demo begins. */
  end: Date
}

/** One of the demo's academies: a brand with the courses that it shows. */
export type Academy = {
  brand: string
  courses: Published[]
  needs: NeedsContent
  /** What buyers ask about the product. */
  questions: string[]
}

type Account = Learner & { email: string; country: string }

const bothConsents = ['profiling', 'share_with_sales'] as const

/** Schedules everything one learner does, from their first visit, according to their habit. */
export function scheduleLearner(
  { schedule, end }: Simulation,
  academy: Academy,
  account: Account,
  random: Random,
): void {
  const { habit, asked } = account
  const firstVisit = later(end, -days(account.daysAgo) + hours(2 * random()))
  let person: Person
  const visitor = { ip: `192.0.2.${Math.floor(random() * 250)}`, userAgent: account.email }
  const touch = touchFrom(account.source, firstVisit, '/')
  schedule.add(firstVisit, () => recordVisit(visitor, touch, academy.brand))
  schedule.add(later(firstVisit, minutes(4 + 10 * random())), async () => {
    const isKeen = habit === 'buyer' || habit === 'returner' || random() < 0.75
    person = await createAccount(
      academy,
      account,
      touch,
      isKeen ? bothConsents : random() < 0.5 ? ['profiling'] : [],
    )
  })
  const courseCount = {
    looker: random() < 0.5 ? 1 : 0,
    sampler: 1,
    learner: 1 + (random() < 0.4 ? 1 : 0),
    finisher: 1 + (random() < 0.5 ? 1 : 0),
    buyer: 2,
    returner: 1,
  }[habit]
  let moment = habit === 'returner' ? later(end, -days(5)) : later(firstVisit, minutes(20))
  if (random() < 0.35) {
    const { answers, path } = answersTo(academy.needs, random)
    schedule.add(moment, () => completeNeedsAssessment(person._id, answers, path))
  }
  const free = shuffle(freeCourses(academy), random)
  const courses = [
    ...free.filter(({ slug }) => slug === account.course),
    ...free.filter(({ slug }) => slug !== account.course),
  ]
  for (const { slug, lessons } of courses.slice(0, courseCount)) {
    moment = takeCourse(schedule, {
      slug,
      lessonCount: lessons.length,
      from: moment,
      share: { looker: 0, sampler: 0.3, learner: 0.75, finisher: 1, buyer: 1, returner: 1 }[habit],
      accuracy: 0.75 + 0.2 * random(),
      learner: () => person,
      random,
    })
  }
  scheduleSignals({
    ...{ schedule, academy, habit, random, asksLater: asked !== undefined },
    ...{ after: moment, course: courses[0]!.slug, learner: () => person },
  })
  // On the last day, so that the demo opens with something to answer.
  if (asked)
    schedule.add(later(end, -hours(1 + 22 * random())), () => ask(person, academy, courses[0]!, asked))
}

const freeCourses = ({ courses }: Academy) => courses.filter(({ content }) => !content.price)

/** Returns an answer to each question, and the path that one of them names. */
function answersTo({ questions }: NeedsContent, random: Random) {
  const chosen = questions.map(({ id, answers }) => ({
    id,
    answer: answers[Math.floor(random() * answers.length)]!,
  }))
  return {
    answers: Object.fromEntries(chosen.map(({ id, answer }) => [id, answer.id])),
    path: chosen.find(({ answer }) => answer.path)?.answer.path ?? null,
  }
}

/** Asks about a lesson, or for a conversation; nobody books a seat in a live session this way. */
async function ask(
  person: Person,
  { courses }: Academy,
  course: Published,
  { kind, lesson, text }: NonNullable<Learner['asked']>,
): Promise<void> {
  const isIn = (published: Published) => published.lessons.some(({ slug }) => slug === lesson)
  if (kind === 'question') await askInCourse(person, courses.find(isIn) ?? course, text, lesson)
  else if (kind !== 'session') {
    await requestContact({ person: person._id, published: course, kind, text, occasion: 'asked' })
  }
}

type SignalPlan = {
  schedule: Schedule
  academy: Academy
  habit: Learner['habit']
  /** Whether they ask for something of their own at the end, and nothing before. */
  asksLater: boolean
  after: Date
  course: string
  learner: () => Person
  random: Random
}

/** What buyers write when they ask for a demo. */
const requests = [
  'Could we see it with an example of our own?',
  'We compare two vendors this month. Who can show us a live site?',
  'How long does a rollout take for a team of twelve?',
  'Our budget is decided in January. What would a first year cost?',
  'Can you show it to my manager and our IT together?',
  'We have three sites. Does one contract cover them all?',
]

/** Schedules the buying intent that follows the courses: pricing views, a question, a contact request, an order. */
function scheduleSignals(plan: SignalPlan): void {
  const { schedule, academy, habit, asksLater, after, course, learner, random } = plan
  const { questions } = academy
  const viewPricing = (page: 'pricing' | 'plans', delay: number, duration: () => number) =>
    schedule.add(later(after, delay), () => recordView(learner()._id, page, duration()))
  if (habit === 'buyer') {
    viewPricing('pricing', hours(3), () => 40 + 60 * random())
    viewPricing('plans', hours(3.1), () => 30 + 40 * random())
    const chosen = Math.floor(random() * questions.length)
    const question = questions[chosen]!
    if (!asksLater) {
      schedule.add(later(after, hours(20)), async () =>
        askInCourse(learner(), await requireCourse(course), question),
      )
    }
    viewPricing('pricing', hours(21), () => 80)
    if (random() < 0.45 && !asksLater) {
      schedule.add(later(after, hours(22)), async () =>
        requestContact({
          person: learner()._id,
          published: await requireCourse(course),
          kind: 'demo',
          text: requests[chosen % requests.length]!,
          occasion: 'demo',
        }),
      )
    }
    const paid = academy.courses.find(({ content }) => content.price)
    if (paid && random() < 0.5) {
      scheduleOrder(schedule, later(after, hours(30)), learner, paid.slug, random() < 0.2)
    }
  } else if (habit === 'returner') {
    viewPricing('pricing', hours(1), () => 50)
    viewPricing('pricing', hours(4), () => 30)
  } else if (random() < 0.3) {
    viewPricing('pricing', hours(5), () => 25 + 30 * random())
  }
}

/** A view of these pages that ends now. */
function recordView(person: Person['_id'], page: 'pricing' | 'plans', visible: number) {
  return recordPricingView(person, page, { openedAt: later(now(), -seconds(visible)), seconds: visible })
}

/** Schedules the purchase of the paid course, and a refund 3 days later if the buyer changes their mind. */
function scheduleOrder(
  schedule: Schedule,
  at: Date,
  learner: () => Person,
  course: string,
  isRefunded: boolean,
): void {
  schedule.add(at, async () => {
    const order = await placeOrder(learner(), coursePurchase(await requireCourse(course)))
    if (!order) return
    const { _id, amount, currency } = order
    const [session, payment] = [`cs_past_${_id}`, `pi_past_${_id}`]
    await attachSession(_id, session)
    const paid = { fact: 'session', status: 'paid', session, payment, amount, currency } as const
    await recordPaymentFact(_id, { ...paid, at: now() })
    if (isRefunded)
      schedule.add(later(at, days(3)), () =>
        recordPaymentFact(_id, { fact: 'charge', at: now(), payment, refunded: amount }),
      )
  })
}

const hartley = companies.find(({ domain }) => domain === 'hartley-dairies.example')!

/** The lead of the product's screenshots. */
export const amara: Account = {
  ...hartley.learners.find(({ name }) => name === 'Amara Okonkwo')!,
  email: `amara.okonkwo@${hartley.domain}`,
  country: hartley.country,
}

/**
 * Schedules Amara's 7 days: one course in 2 days, 3 pricing views, a question and 2 colleagues. They add up to an
 * engagement score of about 65 when the demo begins.
 */
export function scheduleAmara({ schedule, end }: Simulation, academy: Academy): void {
  const random = seededRandom(1)
  const ago = (milliseconds: number) => later(end, -milliseconds)
  const course = amara.course!
  let person: Person
  const touch = touchFrom(amara.source, ago(days(6.95)), `/courses/${course}`)
  schedule.add(ago(days(6.95)), () =>
    recordVisit({ ip: '192.0.2.7', userAgent: amara.email }, touch, academy.brand),
  )
  schedule.add(ago(days(6.93)), async () => {
    person = await createAccount(academy, amara, touch, bothConsents)
    await enrol({ person: person._id, published: await requireCourse(course), paid: false })
  })
  const firstLesson = days(3.75)
  for (let n = 0; n < 7; n++) {
    schedule.add(ago(firstLesson - n * hours(2.2)), () => takeLesson(person, course, n, 1, random))
  }
  schedule.add(ago(days(2.1)), async () => {
    const published = await requireCourse('alarms-people-act-on')
    await enrol({ person: person._id, published, paid: false })
    const enrolment = await readEnrolment(enrolmentId(person._id, published.course))
    await openLesson(enrolment!, published.lessons[0]!)
  })
  schedule.add(ago(hours(39.2)), () => recordView(person._id, 'pricing', 82))
  schedule.add(ago(minutes(38)), () => recordView(person._id, 'plans', 48))
  schedule.add(ago(minutes(41)), () => recordView(person._id, 'pricing', 125))
  schedule.add(ago(minutes(21)), async () => ask(person, academy, await requireCourse(course), amara.asked!))
}

/** Schedules the demo's own prospect: one course finished and another started, so that no learner's page is empty. */
export function scheduleProspect({ schedule, end }: Simulation, academy: Academy): void {
  const random = seededRandom(2)
  let person: Person
  const signedUpAt = later(end, -days(5))
  const account: Account = { ...prospect, habit: 'learner', source: 1, daysAgo: 5 }
  schedule.add(signedUpAt, async () => {
    person = await createAccount(academy, account, touchFrom(1, signedUpAt, '/'), bothConsents)
  })
  const take = (slug: string, from: Date, share: number) =>
    takeCourse(schedule, {
      slug,
      lessonCount: academy.courses.find(course => course.slug === slug)!.lessons.length,
      from,
      share,
      accuracy: 1,
      learner: () => person,
      random,
    })
  const finishedAt = take('alarms-people-act-on', later(signedUpAt, minutes(9)), 1)
  take('find-the-failing-pump', later(finishedAt, hours(1)), 0.3)
  schedule.add(later(end, -hours(2)), async () => {
    await saveGoal(person._id, { unit: 'lessons', target: 3 })
    const { course } = academy.courses.find(({ slug }) => slug === 'find-the-failing-pump')!
    await setFinishDate(person._id, course, later(end, days(11)).toISOString().slice(0, 10))
  })
}

/** Records 640 visitors who never sign up: the widest bar of the funnel. No reaction follows, so 20 run at a time. */
export async function recordVisitors(end: Date, academy: Academy): Promise<void> {
  const random = seededRandom(3)
  const landings = ['/', '/', '/courses', ...freeCourses(academy).map(({ slug }) => `/courses/${slug}`)]
  const touches = Array.from({ length: 640 }, () => {
    const source = Math.floor(random() ** 1.4 * sources.length)
    const landing = landings[Math.floor(random() * landings.length)]!
    return touchFrom(source, later(end, -days(90 * random())), landing)
  })
  // Sorted, because the salt of each day is cached.
  touches.sort((a, b) => a.at.getTime() - b.at.getTime())
  for (let n = 0; n < touches.length; n += 20) {
    await Promise.all(
      touches
        .slice(n, n + 20)
        .map((touch, index) =>
          recordVisit({ ip: `198.51.100.${index}`, userAgent: `visitor ${n + index}` }, touch, academy.brand),
        ),
    )
  }
}

let passwordHash: string | undefined

async function createAccount(
  { brand }: Academy,
  account: Account,
  touch: Touch,
  purposes: readonly ConsentInput['purpose'][],
): Promise<Person> {
  const { t } = textsOfBrand(await brandOf(brand))
  passwordHash ??= await hashPassword(demoPassword)
  const consents = purposes.map(purpose => ({
    purpose,
    text: t(`account:boxes.${purpose}.text`),
    locale: 'en',
    page: '/sign-up',
  }))
  const { email, name, title, country } = account
  const touches = { first: touch, last: touch }
  const { person } = await signUp({
    ...{ email, name, title, country, brand },
    ...{ how: 'password', passwordHash, touches, consents },
  })
  return person
}

/** Asks about a lesson of the course, the second one by default. */
async function askInCourse(person: Person, published: Published, text: string, about = ''): Promise<void> {
  const lesson = published.lessons.find(each => each.slug === about) ?? published.lessons[1]!
  const _id = recordIdOf(createHash('sha256').update(`${person.email} ${text}`).digest('hex'))
  await askQuestion(
    {
      ...{ _id, person: person._id, course: published.course, lesson: lesson.slug },
      ...{ second: null, isNameHidden: false, ...splitQuestion(text) },
    },
    lesson.title,
  )
}

/** Returns a touch from one of the demo's `sources`, by its index. */
function touchFrom(sourceIndex: number, at: Date, landing: string): Touch {
  const { source = null, medium = null, campaign = null, referrer = null } = sources[sourceIndex] ?? {}
  return { at, landing, referrer, source, medium, campaign, term: null, content: null }
}
