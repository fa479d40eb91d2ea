import { brandOf, defaultBrandId } from '../../src/brand/brand'
import { askQuestion } from '../../src/community/ask-question'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, readEnrolment } from '../../src/learning/enrolment'
import { openLesson } from '../../src/learning/open-lesson'
import { attachSession, placeOrder } from '../../src/orders/place-order'
import { recordPaymentFact } from '../../src/orders/record-payment-fact'
import type { ConsentInput } from '../../src/people/consent'
import { hashPassword } from '../../src/people/password'
import type { Person, Touch } from '../../src/people/person'
import { signUp } from '../../src/people/sign-up'
import { recordVisit } from '../../src/people/visit'
import { days, hours, later, minutes, now } from '../../src/platform/clock'
import { completeNeedsAssessment } from '../../src/signals/complete-needs-assessment'
import { requestContact } from '../../src/signals/request-contact'
import { recordPricingView } from '../../src/signals/view-pricing'
import { textsOfBrand } from '../../src/web/shown-brand'
import { password, sources, type Learner } from './people'
import { seededRandom, shuffle, type Random } from './random'
import type { Schedule } from './schedule'
import { requireCourse, takeCourse, takeLesson } from './take-course'

export type Simulation = {
  schedule: Schedule
  /** The moment at which the simulated past ends and the demo begins. */
  end: Date
  /** Lessons of each free course, by its slug. */
  lessonCounts: ReadonlyMap<string, number>
}

type Account = Learner & { email: string; country: string }

const bothConsents = ['profiling', 'share_with_sales'] as const

/** Schedules everything one learner does, from their first visit, according to their habit. */
export function scheduleLearner(simulation: Simulation, account: Account, random: Random): void {
  const { schedule, end } = simulation
  const { habit } = account
  const firstVisit = later(end, -days(account.daysAgo) + hours(2 * random()))
  let person: Person
  const visitor = { ip: `192.0.2.${Math.floor(random() * 250)}`, userAgent: account.email }
  const touch = touchFrom(account.source, firstVisit, '/')
  schedule.add(firstVisit, () => recordVisit(visitor, touch))
  schedule.add(later(firstVisit, minutes(4 + 10 * random())), async () => {
    const isKeen = habit === 'buyer' || habit === 'returner' || random() < 0.75
    person = await createAccount(account, touch, isKeen ? bothConsents : random() < 0.5 ? ['profiling'] : [])
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
    const answers = { work: 'sales', goal: 'leads' }
    schedule.add(moment, () =>
      completeNeedsAssessment(person._id, answers, 'selling-to-people-who-already-know'),
    )
  }
  const slugs = shuffle(popularCourses, random)
  for (const slug of slugs.slice(0, courseCount)) {
    moment = takeCourse(schedule, {
      slug,
      lessonCount: simulation.lessonCounts.get(slug) ?? 6,
      from: moment,
      share: { looker: 0, sampler: 0.3, learner: 0.75, finisher: 1, buyer: 1, returner: 1 }[habit],
      accuracy: 0.75 + 0.2 * random(),
      learner: () => person,
      random,
    })
  }
  scheduleSignals({ schedule, habit, after: moment, course: slugs[0]!, learner: () => person, random })
}

const popularCourses = [
  'read-the-evidence',
  'write-a-course-that-sells',
  'send-leads-to-your-crm',
  'lead-scores-you-can-explain',
  'consent-in-plain-english',
]

type SignalPlan = {
  schedule: Schedule
  habit: Learner['habit']
  after: Date
  course: string
  learner: () => Person
  random: Random
}

/** Schedules the buying intent that follows the courses: pricing views, a question, a contact request, an order. */
function scheduleSignals({ schedule, habit, after, course, learner, random }: SignalPlan): void {
  const viewPricing = (page: 'pricing' | 'plans', delay: number, duration: () => number) =>
    schedule.add(later(after, delay), () => recordPricingView(learner()._id, page, duration()))
  if (habit === 'buyer') {
    viewPricing('pricing', hours(3), () => 40 + 60 * random())
    viewPricing('plans', hours(3.1), () => 30 + 40 * random())
    schedule.add(later(after, hours(20)), async () =>
      askInCourse(learner(), course, questions[Math.floor(random() * questions.length)]!),
    )
    viewPricing('pricing', hours(21), () => 80)
    if (random() < 0.45) {
      schedule.add(later(after, hours(22)), async () =>
        requestContact({
          person: learner()._id,
          published: await requireCourse(course),
          kind: 'demo',
          text: 'Could we see it with our own course?',
          occasion: 'demo',
        }),
      )
    }
    if (random() < 0.5) scheduleOrder(schedule, later(after, hours(30)), learner, random() < 0.2)
  } else if (habit === 'returner') {
    viewPricing('pricing', hours(1), () => 50)
    viewPricing('pricing', hours(4), () => 30)
  } else if (random() < 0.3) {
    viewPricing('pricing', hours(5), () => 25 + 30 * random())
  }
}

/** Schedules the purchase of the paid course, and a refund 3 days later if the buyer changes their mind. */
function scheduleOrder(schedule: Schedule, at: Date, learner: () => Person, isRefunded: boolean): void {
  schedule.add(at, async () => {
    const order = await placeOrder(learner(), await requireCourse('run-an-academy-at-scale'))
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

/**
 * Schedules the lead of the product's screenshots: one course in 2 days, 3 pricing views, a question and 2
 * colleagues. They add up to an engagement score of almost 70 when the demo begins.
 */
export function scheduleAmara({ schedule, end }: Simulation): void {
  const random = seededRandom(1)
  const ago = (milliseconds: number) => later(end, -milliseconds)
  let person: Person
  const account: Account = {
    name: 'Amara Okonkwo',
    email: 'amara@northwind-pumps.example',
    title: 'Head of Enablement',
    country: 'GB',
    habit: 'buyer',
    source: 2,
    daysAgo: 7,
  }
  const touch = touchFrom(account.source, ago(days(6.95)), '/courses/read-the-evidence')
  schedule.add(ago(days(6.95)), () => recordVisit({ ip: '192.0.2.7', userAgent: account.email }, touch))
  schedule.add(ago(days(6.93)), async () => {
    person = await createAccount(account, touch, bothConsents)
    const published = await requireCourse('read-the-evidence')
    await enrol({ person: person._id, published, paid: false })
  })
  const firstLesson = days(3.75)
  for (let n = 0; n < 7; n++) {
    schedule.add(ago(firstLesson - n * hours(2.2)), () =>
      takeLesson(person, 'read-the-evidence', n, 1, random),
    )
  }
  schedule.add(ago(days(2.1)), async () => {
    const published = await requireCourse('consent-in-plain-english')
    await enrol({ person: person._id, published, paid: false })
    const enrolment = await readEnrolment(enrolmentId(person._id, published.course))
    await openLesson(enrolment!, published.lessons[0]!)
  })
  schedule.add(ago(hours(39.2)), () => recordPricingView(person._id, 'pricing', 82))
  schedule.add(ago(minutes(38)), () => recordPricingView(person._id, 'plans', 48))
  schedule.add(ago(minutes(41)), () => recordPricingView(person._id, 'pricing', 125))
  schedule.add(ago(minutes(21)), () => askInCourse(person, 'read-the-evidence', questions[0]!))
}

/** Schedules the demo's own prospect: one course finished and another started, so that no learner's page is empty. */
export function scheduleProspect({ schedule, end, lessonCounts }: Simulation): void {
  const random = seededRandom(2)
  let person: Person
  const signedUpAt = later(end, -days(5))
  const account: Account = {
    name: 'Noor Haddad',
    email: 'prospect@lyceum.example',
    title: 'Customer Education Manager',
    country: 'NL',
    habit: 'learner',
    source: 1,
    daysAgo: 5,
  }
  schedule.add(signedUpAt, async () => {
    person = await createAccount(account, touchFrom(1, signedUpAt, '/'), bothConsents)
  })
  const take = (slug: string, from: Date, share: number) =>
    takeCourse(schedule, {
      slug,
      lessonCount: lessonCounts.get(slug) ?? 6,
      from,
      share,
      accuracy: 1,
      learner: () => person,
      random,
    })
  const finishedAt = take('consent-in-plain-english', later(signedUpAt, minutes(9)), 1)
  take('read-the-evidence', later(finishedAt, hours(1)), 0.3)
}

/** Records 640 visitors who never sign up: the widest bar of the funnel. No reaction follows, so 20 run at a time. */
export async function recordVisitors({ end, lessonCounts }: Simulation): Promise<void> {
  const random = seededRandom(3)
  const landings = ['/', '/', '/courses', ...[...lessonCounts.keys()].map(slug => `/courses/${slug}`)]
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
          recordVisit({ ip: `198.51.100.${index}`, userAgent: `visitor ${n + index}` }, touch),
        ),
    )
  }
}

let passwordHash: string | undefined

async function createAccount(
  account: Account,
  touch: Touch,
  purposes: readonly ConsentInput['purpose'][],
): Promise<Person> {
  const { t } = textsOfBrand(await brandOf(defaultBrandId))
  passwordHash ??= await hashPassword(password)
  const consents = purposes.map(purpose => ({
    purpose,
    text: t(`account:boxes.${purpose}.text`),
    locale: 'en',
    page: '/sign-up',
  }))
  const { email, name, title, country } = account
  const touches = { first: touch, last: touch }
  const { person } = await signUp({
    ...{ email, name, title, country },
    ...{ how: 'password', passwordHash, touches, consents },
  })
  return person
}

const questions = [
  'Does this write to our CRM, or do we poll?',
  'Can we import our existing courses as SCORM?',
  'How do we keep our partners out of the paid courses?',
  'Who else at our company can see my progress?',
  'Does the score work for two products at once?',
]

/** Asks a question about the course's second lesson. */
async function askInCourse(person: Person, slug: string, text: string): Promise<void> {
  const published = await requireCourse(slug)
  const { slug: lesson, title } = published.lessons[1]!
  await askQuestion({ person: person._id, course: published.course, lesson: { slug: lesson, title }, text })
}

/** Returns a touch from one of the demo's `sources`, by its index. */
function touchFrom(sourceIndex: number, at: Date, landing: string): Touch {
  const { source = null, medium = null, campaign = null, referrer = null } = sources[sourceIndex] ?? {}
  return { at, landing, referrer, source, medium, campaign, term: null, content: null }
}
