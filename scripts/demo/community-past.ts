import { createHash } from 'node:crypto'
import { acceptAnswer, answerQuestion } from '../../src/community/answer-question'
import { askQuestion } from '../../src/community/ask-question'
import { Threads } from '../../src/community/thread'
import { setVote } from '../../src/community/vote'
import { Courses } from '../../src/courses/course'
import { Enrolments } from '../../src/learning/enrolment'
import { People } from '../../src/people/person'
import { days, hours, later, minutes, now } from '../../src/platform/clock'
import { recordIdOf } from '../../src/web/occasion'
import type { Academy, Simulation } from './learners-past'

type Answer = {
  /** A teammate's name; otherwise a learner of the course. */
  by?: string
  text: string
  /** Hours after the question. */
  after: number
  votes?: number
  isAccepted?: boolean
  via?: 'email'
  /** What the asker says below it. */
  reply?: string
}
type Question = {
  course: string
  lesson: string
  second?: number
  /** Days before the demo begins. */
  daysAgo: number
  title: string
  text?: string
  votes?: number
  isNameHidden?: boolean
  answers?: Answer[]
}

/** What learners asked each other and the people who make the courses; the last two still wait. */
const questions: Question[] = [
  {
    course: 'find-the-failing-pump',
    lesson: 'read-a-vibration-trend',
    daysAgo: 24,
    title: 'Does the slope rule hold for variable speed?',
    text: 'Our P2 runs between 30 and 50 Hz through the day. The reading goes up and down with it, so I can’t see a slope at all. Do I compare the same speed only?',
    votes: 5,
    answers: [
      {
        by: 'Ingrid Solheim',
        text: 'Yes, with one change: compare equal speeds. On the panel open **Trends › P2 › Group by speed** and look at the 45 to 50 Hz band only. If that band climbs, it’s wear.\n\n```\nGET /v2/pumps/p2/vibration?speed_hz=45..50&days=30\n```\n\nBelow 35 Hz I wouldn’t judge anything: the bearing barely works.',
        after: 20,
        votes: 6,
        isAccepted: true,
        via: 'email',
        reply: 'The 45 to 50 band climbs by 0.2 a day. Booking a check. Thank you!',
      },
      {
        text: 'We did the same and put the band in the alarm name, “P2 at 45+ Hz”. Night shift stopped asking.',
        after: 31,
        votes: 2,
      },
    ],
  },
  {
    course: 'find-the-failing-pump',
    lesson: 'read-a-vibration-trend',
    daysAgo: 40,
    title: 'How many days make a baseline?',
    text: 'The pump was overhauled last Tuesday. When can I trust the limit?',
    votes: 4,
    answers: [
      {
        by: 'Ingrid Solheim',
        text: 'Fourteen days with the usual load. After an overhaul throw the old baseline away: the pump is another machine now.',
        after: 5,
        votes: 4,
        isAccepted: true,
      },
    ],
  },
  {
    course: 'find-the-failing-pump',
    lesson: 'what-a-healthy-pump-sounds-like',
    second: 26,
    daysAgo: 6,
    title: 'Is this whine always the bearing?',
    text: 'Ours sounds like that at 0:26, but only in the mornings.',
    votes: 3,
    answers: [
      {
        text: 'Only in the mornings was cavitation for us: the well is low before the first shift. Look at the level at that hour.',
        after: 7,
        votes: 2,
        isAccepted: true,
        reply: 'It was the level. The bearing is fine.',
      },
    ],
  },
  {
    course: 'alarms-people-act-on',
    lesson: 'delays-deadbands-and-priorities',
    daysAgo: 17,
    title: 'How long a delay is too long for a high level alarm?',
    text: 'Ours is 30 s and we still get nuisance alarms in heavy rain.',
    votes: 3,
    answers: [
      {
        text: 'We went to 90 s for “high” and kept 10 s for “high-high”. Nothing has overflowed since March.',
        after: 9,
        votes: 3,
        isAccepted: true,
        reply: 'Two weeks later: from 41 alarms a night to 6.',
      },
    ],
  },
  {
    course: 'commission-a-panel-7',
    lesson: 'level-sensors-and-4-20-ma',
    daysAgo: 9,
    title: 'Sensor reads 3.8 mA when the well is empty. Fault or offset?',
    votes: 2,
    answers: [
      {
        by: 'Ingrid Solheim',
        text: 'Both are possible:\n\n- below **3.6 mA** the panel calls it a fault;\n- between 3.6 and 4.0 mA it’s an offset. Set it under *Inputs › Level › Zero*.',
        after: 26,
        votes: 1,
      },
    ],
  },
  {
    course: 'make-the-business-case',
    lesson: 'one-page-that-gets-read',
    daysAgo: 3,
    title: 'Our finance people want a payback below 18 months. Is that realistic?',
    isNameHidden: true,
    votes: 2,
  },
  {
    course: 'cut-pumping-energy',
    lesson: 'the-duty-point',
    daysAgo: 1,
    title: 'Where do I find the pump curve of a 1998 machine without papers?',
    votes: 1,
  },
]

/** What the team answers to questions that come again and again, by how they begin. */
const knownAnswers: Record<string, string> = {
  'Do you sell the panel':
    'Yes. The panel logs and alarms on its own; the app adds the map and the call plan.',
  'How long does commissioning':
    'One morning for one station, if the sensors are wired. The checklist of this course is the order.',
  'Which pumps from other':
    'Any with a standard vibration sensor or a 4–20 mA output. We have seen **eleven makes** so far.',
  'Who else at our company':
    'Nobody, unless you switch it on: *Team* in your account says who sees your progress.',
  'Does this write to our CRM': 'It writes: each change is a signed webhook. You don’t have to poll.',
  'Can we import our existing': 'Yes, a SCORM package becomes a lesson of its own.',
  'Does the score work for two':
    'Each brand has its own courses; the score is one, and its rules can name topics.',
}

/** Answers the questions that wait for more than a day, as the team does every other morning. */
async function answerWaiting(): Promise<void> {
  const waiting = await Threads.find({ state: 'shown', answers: 0, askedAt: { $lt: later(now(), -days(1)) } })
  for (const thread of waiting) {
    const text = Object.entries(knownAnswers).find(([start]) => thread.title.startsWith(start))?.[1]
    const about = (await Courses.findById(thread.course, { 'draft.title': 1 }))?.draft.title
    if (!text || !about) continue
    const person = await teammate('Ingrid Solheim')
    await answerQuestion(
      thread,
      { _id: idOf(String(thread._id)), person, text, via: 'web', answer: null },
      about,
    )
  }
}

/** Schedules the questions and everything that is written below them. */
export function scheduleCommunity({ schedule, end }: Simulation, { courses }: Academy): void {
  for (let day = 88; day > 1; day -= 2) schedule.add(later(end, -days(day) + hours(9)), answerWaiting)
  for (const question of questions) {
    const published = courses.find(({ slug }) => slug === question.course)
    const lesson = published?.lessons.find(({ slug }) => slug === question.lesson)
    if (!published || !lesson) throw new Error(`The demo has no lesson ${question.course}/${question.lesson}`)
    const { title, text = '', second = null, isNameHidden = false, votes = 0, answers = [] } = question
    const about = lesson.title
    const _id = idOf(title)
    const askedAt = later(end, -days(question.daysAgo))
    const learner = async (n: number) => (await learnersOf(published.course))[n]!
    /** Fewer have enrolled early on. */
    const vote = async (kind: 'thread' | 'post', id: typeof _id, n: number) => {
      const person = (await learnersOf(published.course))[n]
      if (person) await setVote(kind, id, person, true)
    }
    schedule.add(askedAt, async () => {
      const person = await learner(0)
      const place = { course: published.course, lesson: lesson.slug, second }
      await askQuestion({ _id, person, ...place, isNameHidden, title, text }, about)
    })
    for (let n = 1; n <= votes; n++) {
      schedule.add(later(askedAt, hours(n)), () => vote('thread', _id, n))
    }
    answers.forEach((answer, n) => {
      const post = idOf(answer.text)
      const at = later(askedAt, hours(answer.after))
      const threadOf = async () => (await Threads.findById(_id))!
      schedule.add(at, async () => {
        const person = answer.by ? await teammate(answer.by) : await learner(2 + n)
        const made = { _id: post, person, text: answer.text, via: answer.via ?? 'web', answer: null } as const
        await answerQuestion(await threadOf(), made, about)
      })
      for (let v = 1; v <= (answer.votes ?? 0); v++) {
        schedule.add(later(at, hours(v)), () => vote('post', post, (answer.by ? 0 : 2 + n) + v))
      }
      if (answer.isAccepted) {
        schedule.add(later(at, hours(2)), async () => {
          await acceptAnswer(await threadOf(), post, await learner(0), about)
        })
      }
      if (answer.reply) {
        schedule.add(later(at, hours(2) + minutes(5)), async () => {
          const reply = {
            _id: idOf(answer.reply!),
            person: await learner(0),
            text: answer.reply!,
            answer: post,
          }
          await answerQuestion(await threadOf(), { ...reply, via: 'web' }, about)
        })
      }
    })
  }
}

const idOf = (text: string) => recordIdOf(createHash('sha256').update(text).digest('hex'))

/** The ids of a course's learners, in the order in which they enrolled. */
async function learnersOf(course: Academy['courses'][number]['course']) {
  const found = await Enrolments.find({ course }, { person: 1 }).sort({ _id: 1 })
  return found.map(({ person }) => person)
}

async function teammate(name: string) {
  const person = await People.findOne({ name, role: { $ne: 'prospect' } }, { _id: 1 })
  return (person ?? (await People.findOne({ role: 'author' }, { _id: 1 })))!._id
}
