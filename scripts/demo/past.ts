import { hashPassword } from '../../src/people/password'
import { days, hours, later, minutes, now, seconds, setClock } from '../../src/platform/clock'
import { askQuestion } from '../../src/community/ask-question'
import { lessonPage } from '../../src/courses/render'
import type { Lesson } from '../../src/courses/course'
import { publishedCourse, type Published } from '../../src/courses/published'
import type { Endpoint } from '../../src/webhooks/endpoint'
import { recordOutcome } from '../../src/crm/record-outcome'
import { completeNeedsAssessment } from '../../src/signals/complete-needs-assessment'
import { completeLesson } from '../../src/learning/complete-lesson'
import { processNextEvent } from '../../src/events/react'
import { wakeWorker } from '../../src/platform/queue'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, readEnrolment, type Enrolment } from '../../src/learning/enrolment'
import { openLesson } from '../../src/learning/open-lesson'
import { requestContact } from '../../src/signals/request-contact'
import { recordPricingView } from '../../src/signals/view-pricing'
import { submitAttempt } from '../../src/learning/submit-attempt'
import { watchLesson } from '../../src/learning/watch-lesson'
import { placeOrder } from '../../src/orders/place-order'
import { recordPaymentFact } from '../../src/orders/record-payment-fact'
import type { ConsentInput } from '../../src/people/give-consent'
import { signUp } from '../../src/people/sign-up'
import type { Person, Touch } from '../../src/people/person'
import { recordVisit } from '../../src/people/visit'
import { acceptLead } from '../../src/leads/accept-lead'
import { Leads, rejectionReasons, type Lead } from '../../src/leads/lead'
import { rejectLead } from '../../src/leads/reject-lead'
import { translator } from '../../src/web/i18n'
import { reactions } from '../../src/reactions'
import { runAllDue } from '../../src/worker'
import { alone, companies, password, sources, type Learner } from './people'

/**
 * Ninety days of an academy, lived through in a few seconds: each deed calls the verb that a page would call, with the clock at its
 * moment, and then everything that follows from it is done. The seed of chance is fixed, so each demo has the same past.
 */
export async function liveThePast(receiver: Endpoint): Promise<void> {
  const end = new Date()
  const diary = openDiary(end)
  await visitors(end)
  companies.forEach((company, n) => {
    company.learners.forEach((learner, place) => {
      const email = `${addressOf(learner.name)}@${company.domain}`
      plan(diary, end, { ...learner, email, country: company.country }, chance(n * 100 + place))
    })
  })
  alone.forEach((learner, n) => plan(diary, end, { ...learner, country: 'GB' }, chance(9000 + n)))
  await amara(diary, end)
  prospect(diary, end)
  salesAtWork(diary, end, receiver)
  await diary.live()
}

type Diary = {
  /** Notes what will happen at a moment; what lies after the end never does. */
  write: (at: Date, deed: () => Promise<unknown>) => void
  /** Lives through all of it in order; a deed may write later ones. */
  live: () => Promise<void>
}

function openDiary(end: Date): Diary {
  const deeds: { at: Date; deed: () => Promise<unknown> }[] = []
  return {
    write: (at, deed) => void (at <= end && deeds.push({ at, deed })),
    live: async () => {
      let due = false
      let day = ''
      let round = 0
      wakeWorker.on('due', () => (due = true))
      while (deeds.length) {
        deeds.sort((a, b) => b.at.getTime() - a.at.getTime())
        const { at, deed } = deeds.pop()!
        setClock(() => at.getTime())
        await deed()
        if (due) while (await processNextEvent(reactions));
        // Letters and messages go out, and what time alone makes due is done, once a day; in the last days each hour.
        const today = at.toISOString().slice(0, 10)
        const quarter = Math.floor(at.getTime() / (later(at, days(2)) > end ? hours(1) : days(1)))
        if (quarter !== round) await runAllDue()
        round = quarter
        if (day.slice(0, 7) !== today.slice(0, 7)) console.log(`  ${today} …`)
        due = false
        day = today
      }
      await runAllDue()
      setClock()
    },
  }
}

type Life = Learner & { email: string; country: string }

function plan(diary: Diary, end: Date, life: Life, random: () => number): void {
  const begin = later(end, -days(life.joined) + hours(2 * random()))
  let person: Person
  const visitor = { ip: `192.0.2.${Math.floor(random() * 250)}`, userAgent: life.email }
  const touch = touchOf(life.from, begin, '/')
  diary.write(begin, () => recordVisit(visitor, touch))
  diary.write(later(begin, minutes(4 + 10 * random())), async () => {
    const keen = life.habit === 'buyer' || life.habit === 'returner' || random() < 0.75
    person = await join(
      life,
      touch,
      keen ? ['profiling', 'share_with_sales'] : random() < 0.5 ? ['profiling'] : [],
    )
  })
  const wanted = {
    looker: random() < 0.5 ? 1 : 0,
    sampler: 1,
    learner: 1 + (random() < 0.4 ? 1 : 0),
    finisher: 1 + (random() < 0.5 ? 1 : 0),
    buyer: 2,
    returner: 1,
  }[life.habit]
  let moment = life.habit === 'returner' ? later(end, -days(5)) : later(begin, minutes(20))
  if (random() < 0.35) {
    diary.write(moment, () =>
      completeNeedsAssessment(
        person._id,
        { work: 'sales', goal: 'leads' },
        'selling-to-people-who-already-know',
      ),
    )
  }
  const order = shuffle(
    [
      'read-the-evidence',
      'write-a-course-that-sells',
      'hand-over-to-the-crm',
      'score-leads-you-can-explain',
      'consent-plainly',
    ],
    random,
  )
  for (const slug of order.slice(0, wanted)) {
    const share = { looker: 0, sampler: 0.3, learner: 0.75, finisher: 1, buyer: 1, returner: 1 }[life.habit]
    moment = takeCourse(diary, {
      slug,
      from: moment,
      share,
      right: 0.75 + 0.2 * random(),
      who: () => person,
      random,
    })
  }
  if (life.habit === 'buyer') {
    diary.write(later(moment, hours(3)), () => recordPricingView(person._id, 'pricing', 40 + 60 * random()))
    diary.write(later(moment, hours(3.1)), () => recordPricingView(person._id, 'plans', 30 + 40 * random()))
    diary.write(later(moment, hours(20)), async () =>
      ask(person, order[0]!, questions[Math.floor(random() * questions.length)]!),
    )
    diary.write(later(moment, hours(21)), () => recordPricingView(person._id, 'pricing', 80))
    if (random() < 0.45) {
      diary.write(later(moment, hours(22)), async () =>
        requestContact({
          person: person._id,
          published: await course(order[0]!),
          kind: 'demo',
          text: 'Could we see it with our own course?',
        }),
      )
    }
    if (random() < 0.5) buy(diary, later(moment, hours(30)), () => person, random() < 0.2)
  } else if (life.habit === 'returner') {
    diary.write(later(moment, hours(1)), () => recordPricingView(person._id, 'pricing', 50))
    diary.write(later(moment, hours(4)), () => recordPricingView(person._id, 'pricing', 30))
  } else if (random() < 0.3) {
    diary.write(later(moment, hours(5)), () => recordPricingView(person._id, 'pricing', 25 + 30 * random()))
  }
}

/** Takes a course lesson by lesson, some a day; answers when it is over. */
function takeCourse(
  diary: Diary,
  way: { slug: string; from: Date; share: number; right: number; who: () => Person; random: () => number },
): Date {
  const { slug, from, share, right, who, random } = way
  const lessons = Math.round((lengths[slug] ?? 6) * share)
  diary.write(from, async () => enrol({ person: who()._id, published: await course(slug), paid: false }))
  let moment = later(from, minutes(2))
  for (let n = 0; n < lessons; n++) {
    diary.write(moment, () => takeLesson(who(), slug, n, right, random))
    moment = later(moment, random() < 0.65 ? minutes(8 + 25 * random()) : hours(14 + 30 * random()))
  }
  return moment
}

/** One sitting: open, read or watch, and finish; a quiz is answered with `right` of it right. */
async function takeLesson(
  person: Person,
  slug: string,
  n: number,
  right: number,
  random: () => number,
): Promise<void> {
  const published = await course(slug)
  const lesson = published.lessons[n]
  if (!lesson) return
  const read = async () => (await readEnrolment(enrolmentId(person._id, published.course)))!
  const enrolment = await openLesson(await read(), lesson)
  if (lesson.kind === 'quiz') {
    const { questions } = lessonPage(published, lesson.slug)
    for (let number = 1; number <= (lesson.attempts ?? 3); number++) {
      wait(minutes(6))
      const good = Math.min(1, right + 0.2 * (number - 1))
      const answers = Object.fromEntries(
        questions.map(({ id, choices }) => {
          const correct = choices.flatMap((choice, index) => (choice.isCorrect ? index : []))
          const wrong = choices.findIndex(choice => !choice.isCorrect)
          return [id, random() < good ? correct : [wrong]]
        }),
      )
      const attempt = await submitAttempt({
        enrolment: await read(),
        lesson,
        questions,
        number,
        answers,
        durationSeconds: 300,
      })
      if (attempt.passed) return
    }
    return
  }
  await completeLesson(await sit(enrolment, lesson, random), lesson)
}

/** Some beats of attention, as the page sends them; a film is watched from its beginning to its end. */
async function sit(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
  random: () => number,
): Promise<Readonly<Enrolment>> {
  let sat = enrolment
  if (lesson.videoSeconds) {
    for (let at = 0; at < lesson.videoSeconds; at += 30) {
      wait(seconds(30))
      const to = Math.min(at + 30, lesson.videoSeconds)
      sat = await watchLesson(sat, lesson, { ranges: [[at, to]], position: to, rate: 1, seconds: 0 })
    }
    return sat
  }
  const beats = Math.max(1, Math.round(lesson.minutes * (0.3 + 0.7 * random())))
  for (let beat = 0; beat < Math.min(beats, 2); beat++) {
    wait(seconds(60))
    sat = await watchLesson(sat, lesson, { ranges: [], position: null, rate: 1, seconds: 55 })
  }
  return sat
}

function buy(diary: Diary, at: Date, who: () => Person, regrets: boolean): void {
  diary.write(at, async () => {
    const published = await course('run-an-academy-at-scale')
    const order = await placeOrder(who(), published)
    if (!order) return
    await recordPaymentFact(order._id, { fact: 'paid', at: now(), paymentIntent: `pi_past_${order._id}` })
    if (regrets)
      diary.write(later(at, days(3)), () =>
        recordPaymentFact(order._id, { fact: 'refunded', at: now(), amount: order.amount }),
      )
  })
}

/** Twice a day sales answers what waits; the CRM tells later how it went. What came in the last day still waits. */
function salesAtWork(diary: Diary, end: Date, receiver: Endpoint): void {
  const random = chance(77)
  const past = later(end, -hours(26))
  for (let day = 88; day >= 1; day--) {
    for (const hour of [9, 15]) {
      const at = later(new Date(end.toISOString().slice(0, 10)), -days(day) + hours(hour))
      if (at < past) diary.write(at, () => answerLeads(diary, receiver, random))
    }
  }
}

async function answerLeads(diary: Diary, receiver: Endpoint, random: () => number): Promise<void> {
  const waiting = await Leads.find({ status: 'new', shared: true }).sort({ _id: 1 }).lean<Lead[]>()
  for (const lead of waiting) {
    if (!lead.owner) continue
    if (random() < 0.22) {
      const reason = rejectionReasons[Math.floor(random() * 6)]!
      await rejectLead(lead, lead.owner, reason, '')
      continue
    }
    await acceptLead(lead, lead.owner)
    tellOutcomes(diary, receiver, lead, random)
  }
}

function tellOutcomes(diary: Diary, receiver: Endpoint, lead: Lead, random: () => number): void {
  const begin = now()
  const amount = (6 + Math.floor(random() * 20)) * 76_800
  const story: [
    type: 'lead.contacted' | 'opportunity.opened' | 'opportunity.won' | 'opportunity.lost',
    after: number,
  ][] = [['lead.contacted', hours(5)]]
  if (random() < 0.75) story.push(['opportunity.opened', days(3 + 3 * random())])
  if (story.length === 2 && random() < 0.8) {
    story.push([random() < 0.62 ? 'opportunity.won' : 'opportunity.lost', days(6 + 9 * random())])
  }
  for (const [type, after] of story) {
    const at = later(begin, after)
    diary.write(at, () =>
      recordOutcome(receiver._id, `crm-${lead._id}-${type}`, {
        type,
        externalId: String(lead._id),
        crmId: `00Q${String(lead._id).slice(-9)}`,
        occurredAt: at,
        amount: type.startsWith('opportunity.') && type !== 'opportunity.lost' ? amount : null,
        currency: type.startsWith('opportunity.') && type !== 'opportunity.lost' ? 'EUR' : null,
        reasonCode: type === 'opportunity.lost' ? (random() < 0.5 ? 'price' : 'timing') : null,
        reasonText: '',
      }),
    )
  }
}

/** The person of the mock-ups: one course in two days, the prices twice, a question, two colleagues; 69.8 points when the demo begins. */
async function amara(diary: Diary, end: Date): Promise<void> {
  const random = chance(1)
  const ago = (milliseconds: number) => later(end, -milliseconds)
  let person: Person
  const life: Life = {
    name: 'Amara Okonkwo',
    email: 'amara@northwind-pumps.example',
    title: 'Head of Enablement',
    country: 'GB',
    habit: 'buyer',
    from: 2,
    joined: 7,
  }
  const touch = touchOf(life.from, ago(days(6.95)), '/courses/read-the-evidence')
  diary.write(ago(days(6.95)), () => recordVisit({ ip: '192.0.2.7', userAgent: life.email }, touch))
  diary.write(ago(days(6.93)), async () => {
    person = await join(life, touch, ['profiling', 'share_with_sales'])
    await enrol({ person: person._id, published: await course('read-the-evidence'), paid: false })
  })
  const first = days(3.75)
  for (let n = 0; n < 7; n++) {
    diary.write(ago(first - n * hours(2.2)), () => takeLesson(person, 'read-the-evidence', n, 1, random))
  }
  diary.write(ago(days(2.1)), async () => {
    const published = await course('consent-plainly')
    await enrol({ person: person._id, published, paid: false })
    const enrolment = await readEnrolment(enrolmentId(person._id, published.course))
    await openLesson(enrolment!, published.lessons[0]!)
  })
  diary.write(ago(hours(39.2)), () => recordPricingView(person._id, 'pricing', 82))
  diary.write(ago(minutes(38)), () => recordPricingView(person._id, 'plans', 48))
  diary.write(ago(minutes(41)), () => recordPricingView(person._id, 'pricing', 125))
  diary.write(ago(minutes(21)), () =>
    ask(person, 'read-the-evidence', 'Does this write to our CRM, or do we poll?'),
  )
}

/** The demo's own prospect: one course finished, another at its third lesson, so that every page of a learner shows something. */
function prospect(diary: Diary, end: Date): void {
  const random = chance(2)
  let person: Person
  const begin = later(end, -days(5))
  const life: Life = {
    name: 'Noor Haddad',
    email: 'prospect@lyceum.example',
    title: 'Customer Education Manager',
    country: 'NL',
    habit: 'learner',
    from: 1,
    joined: 5,
  }
  diary.write(begin, async () => {
    person = await join(life, touchOf(1, begin, '/'), ['profiling', 'share_with_sales'])
  })
  const next = takeCourse(diary, {
    slug: 'consent-plainly',
    from: later(begin, minutes(9)),
    share: 1,
    right: 1,
    who: () => person,
    random,
  })
  takeCourse(diary, {
    slug: 'read-the-evidence',
    from: later(next, hours(1)),
    share: 0.3,
    right: 1,
    who: () => person,
    random,
  })
}

/** People who looked and left: the widest column of the funnel. Nothing follows from them, so they come twenty at a time. */
async function visitors(end: Date): Promise<void> {
  const random = chance(3)
  const landings = ['/', '/', '/courses', ...Object.keys(lengths).map(slug => `/courses/${slug}`)]
  const touches = Array.from({ length: 640 }, () => {
    const from = Math.floor(random() ** 1.4 * sources.length)
    const landing = landings[Math.floor(random() * landings.length)]!
    return touchOf(from, later(end, -days(90 * random())), landing)
  })
  // Day by day: the salt of a day is read once.
  touches.sort((a, b) => a.at.getTime() - b.at.getTime())
  for (let n = 0; n < touches.length; n += 20) {
    await Promise.all(
      touches
        .slice(n, n + 20)
        .map((touch, place) =>
          recordVisit({ ip: `198.51.100.${place}`, userAgent: `visitor ${n + place}` }, touch),
        ),
    )
  }
}

async function join(life: Life, touch: Touch, purposes: ConsentInput['purpose'][]): Promise<Person> {
  const t = translator('en')
  passwordHash ??= await hashPassword(password)
  const { person } = await signUp({
    email: life.email,
    name: life.name,
    title: life.title,
    country: life.country,
    how: 'password',
    passwordHash,
    touches: { first: touch, last: touch },
    consents: purposes.map(purpose => ({
      purpose,
      text: t(`account:boxes.${purpose}.text`),
      locale: 'en',
      page: '/sign-up',
    })),
  })
  return person
}
let passwordHash: string | undefined

async function ask(person: Person, slug: string, text: string): Promise<void> {
  const published = await course(slug)
  const { slug: lesson, title } = published.lessons[1]!
  await askQuestion({ person: person._id, course: published.course, lesson: { slug: lesson, title }, text })
}

const questions = [
  'Does this write to our CRM, or do we poll?',
  'Can we bring the courses we have as SCORM?',
  'How do we keep our partners out of the paid part?',
  'Who else of our company can see my progress?',
  'Does the score work for two products at once?',
]

/** Lessons of each course, so that a plan can be made before the courses are read. */
const lengths: Record<string, number> = {}

export function learnLengths(courses: Published[]): void {
  for (const { slug, lessons, content } of courses) if (!content.price) lengths[slug] = lessons.length
}

async function course(slug: string): Promise<Published> {
  const published = await publishedCourse(slug)
  if (!published) throw new Error(`The demo needs the course ${slug}`)
  return published
}

function touchOf(from: number, at: Date, landing: string): Touch {
  const { source = null, medium = null, campaign = null, referrer = null } = sources[from] ?? {}
  return { at, landing, referrer, source, medium, campaign, term: null, content: null }
}

/** Moves the clock on within a deed. */
function wait(milliseconds: number): void {
  const moment = now().getTime() + milliseconds
  setClock(() => moment)
}

function addressOf(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z]+/g, '.')
}

function shuffle<T>(values: T[], random: () => number): T[] {
  return values
    .map(value => [random(), value] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, value]) => value)
}

/** Numbers of 0 to 1 that are the same each time: mulberry32. */
function chance(seed: number): () => number {
  let state = seed + 0x6d2b79f5
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
