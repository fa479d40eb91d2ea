import { randomUUID } from 'node:crypto'
import request from 'supertest'
import { hours, minutes, seconds } from '../../src/platform/clock'
import type { Published } from '../../src/courses/published'
import { Events } from '../../src/events/event'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { revokeEnrolment } from '../../src/learning/revoke-enrolment'
import { issueLink } from '../../src/people/link'
import type { Person } from '../../src/people/person'
import { explainScore } from '../../src/scoring/explain'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { happened, runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { videoLesson } from '../academy/video-file'

/**
 * Points are for attention that happened. Each test is a way to get more, over HTTP, and what it earns: nothing, or
 * what the same time would have earned honestly. A lesson is 5 minutes long, counts in full from 150 seconds, and is
 * worth 3 points; a heartbeat may be 2 seconds ahead, once.
 */
let academy: Academy
let pumps: Published
let valves: Published
let film: Published
let tour: Published

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T08:00:00Z')
  const quiz = { quiz: 3, certificate: false }
  const video = await videoLesson(100)
  const picture = {
    path: 'assets/a.png',
    type: 'image/png',
    size: 1,
    hash: 'a'.repeat(64),
    width: 928,
    height: 580,
  }
  const step = (id: string, rest = '') => `\`\`\`tour
id: ${id}
title: The ${id}
reason: Because.
image: assets/a.png
alt: A screen
action: Press it
caption: It turns green.
${rest}\`\`\`
`
  const spots = 'spots:\n  - {x: 10, y: 20, width: 30, height: 5, label: Press}\n'
  const body = `${step('start', spots)}\n${step('end')}`
  pumps = await make.course({ lessons: 10, ...quiz })
  valves = await make.course({ lessons: 3 })
  film = await make.course({
    assets: video.assets,
    lesson: n => (n === 1 ? { ...video.lesson, minutes: 2 } : {}),
  })
  const explored = { kind: 'tour', completion: 'explore', software: 'Panel 7, software 4.2', body } as const
  tour = await make.course({ assets: [picture], lesson: n => (n === 1 ? explored : {}) })
})
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterAll(() => academy.close())

/** A learner of these courses, and what a browser or a script can send for them. */
async function learner(...courses: Published[]) {
  const person = await make.person()
  const visitor = await as(person)
  for (const { slug } of courses) await visitor.post(`/courses/${slug}/enrolment`).expect(303)
  const [first = pumps] = courses
  const path = (n: number, { slug } = first) => `/courses/${slug}/lessons/lesson-${n}`
  const open = (n = 1, course = first) => visitor.get(path(n, course)).expect(200)
  const beat = (fields: Record<string, unknown>, n = 1, course = first) =>
    visitor.post(`${path(n, course)}/progress`, fields)
  const report = (fields: Record<string, unknown>, n = 1, course = first) =>
    visitor.post(`${path(n, course)}/offline-progress`, { id: randomUUID(), ...fields })
  const done = (n = 1, course = first) => visitor.post(`${path(n, course)}/completion`).expect(303)
  const counted = async (n = 1, course = first) =>
    (await Enrolments.findById(enrolmentId(person._id, course.course)))!.lessons[`lesson-${n}`]?.seconds ?? 0
  /** As a browser reports that a page is read: every 10 seconds. */
  const read = async (visible: number, n = 1, course = first) => {
    for (let left = visible; left > 0; left -= 10) {
      advance(seconds(Math.min(10, left)))
      await beat({ seconds: Math.min(10, left) }, n, course).expect(200)
    }
  }
  return { person, visitor, path, open, beat, report, done, counted, read, points: () => pointsOf(person) }
}

async function pointsOf({ _id }: Pick<Person, '_id'>): Promise<Record<string, number>> {
  await runAllDue()
  const { groups } = (await explainScore(_id))!
  return Object.fromEntries(groups.flatMap(({ rules }) => rules.map(({ rule, points }) => [rule, points])))
}

describe('heartbeats that nobody has seen', () => {
  test('a script that sends a beat a second without the page having been opened earns nothing', async () => {
    const ada = await learner(pumps)
    for (let n = 0; n < 60; n++) {
      advance(seconds(1))
      await ada.beat({ seconds: 1 }).expect(409)
    }
    await ada.done()
    expect(await ada.points()).toEqual({})
  })

  test('a script that claims an hour with its first beat earns nothing for the ten seconds that passed', async () => {
    const ada = await learner(pumps)
    await ada.open()
    advance(seconds(10))
    await ada.beat({ seconds: 3600 }).expect(200)
    expect(await ada.counted()).toBe(12)
    await ada.done()
    expect(await ada.points()).toEqual({})
  })

  test('a script that claims two seconds with each of eighty beats in a minute earns the minute', async () => {
    const ada = await learner(pumps)
    await ada.open()
    for (let n = 0; n < 80; n++) {
      advance(seconds(0.75))
      await ada.beat({ seconds: 2 }).expect(200)
    }
    expect(await ada.counted()).toBeCloseTo(62, 6)
    await ada.done()
    expect(await ada.points()).toEqual({ lessonFinished: 1.2 })
  })

  test('a beat that is replayed fifty times earns what it earned once', async () => {
    const ada = await learner(pumps)
    await ada.open()
    advance(seconds(30))
    for (let n = 0; n < 50; n++) await ada.beat({ seconds: 30 }).expect(200)
    expect(await ada.counted()).toBeCloseTo(32, 6)
    await ada.done()
    expect(await ada.points()).toEqual({ lessonFinished: 0.6 })
  })

  test('ten beats that are sent at the same moment earn what one of them does', async () => {
    const ada = await learner(pumps)
    await ada.open()
    advance(seconds(30))
    await Promise.all(Array.from({ length: 10 }, () => ada.beat({ seconds: 30 })))
    expect(await ada.counted()).toBeLessThanOrEqual(32)
    await ada.done()
    expect((await ada.points()).lessonFinished).toBeLessThanOrEqual(0.6)
  })

  test('someone who leaves a page open for a night, and then claims it all, earns five minutes at most', async () => {
    const ada = await learner(pumps)
    await ada.open()
    advance(hours(9))
    await ada.beat({ seconds: 3600 }).expect(200)
    expect(await ada.counted()).toBe(302)
  })

  test('a browser whose clock was set a day forward earns what passed on ours', async () => {
    const ada = await learner(pumps)
    await ada.open()
    advance(seconds(15))
    await ada.beat({ seconds: 86_400 }).expect(422)
    await ada.beat({ seconds: 3599 }).expect(200)
    await ada.done()
    expect(await ada.points()).toEqual({})
  })

  test('a script that claims negative, endless or unreadable seconds earns nothing', async () => {
    const ada = await learner(pumps)
    await ada.open()
    advance(minutes(5))
    for (const claimed of ['-600', '1e999', 'NaN', 'all of them', '0x7fffffff'])
      await ada.beat({ seconds: claimed }).expect(422)
    await ada.done()
    expect(await ada.points()).toEqual({})
  })

  test('a lesson that is marked as done first and read afterwards earns nothing more', async () => {
    const ada = await learner(pumps)
    await ada.open()
    await ada.done()
    await ada.read(150)
    await ada.done()
    expect(await ada.points()).toEqual({})
  })

  test('a course that is clicked through to its certificate earns nothing', async () => {
    const ada = await learner(valves)
    for (const n of [1, 2, 3]) {
      await ada.open(n)
      await ada.done(n)
    }
    expect(await happened(ada.person)).toContain('certificate.issued')
    expect(await ada.points()).toEqual({})
  })
})

describe('several pages at once', () => {
  test('two tabs of one lesson earn no more than one', async () => {
    const ada = await learner(pumps)
    await ada.open()
    for (let n = 0; n < 6; n++) {
      advance(seconds(10))
      await ada.beat({ seconds: 10 }).expect(200)
      await ada.beat({ seconds: 10 }).expect(200)
    }
    expect(await ada.counted()).toBeLessThanOrEqual(62)
    await ada.done()
    expect((await ada.points()).lessonFinished).toBeLessThanOrEqual(1.2)
  })

  test('ten lessons side by side earn the time that passed, not ten times as much', async () => {
    const ada = await learner(pumps)
    const lessons = Array.from({ length: 10 }, (_, i) => i + 1)
    for (const n of lessons) await ada.open(n)
    for (let minute = 0; minute < 5; minute++) {
      advance(minutes(1))
      for (const n of lessons) await ada.beat({ seconds: 60 }, n).expect(200)
    }
    for (const n of lessons) await ada.done(n)
    // Five minutes are two lessons.
    expect((await ada.points()).lessonFinished).toBeLessThanOrEqual(6.1)
  })

  test('lessons of two courses side by side share the time', async () => {
    const ada = await learner(pumps, valves)
    await ada.open(1, pumps)
    await ada.open(1, valves)
    for (let n = 0; n < 15; n++) {
      advance(seconds(10))
      await ada.beat({ seconds: 10 }, 1, pumps).expect(200)
      await ada.beat({ seconds: 10 }, 1, valves).expect(200)
    }
    expect((await ada.counted(1, pumps)) + (await ada.counted(1, valves))).toBeLessThanOrEqual(152)
    await ada.done(1, pumps)
    await ada.done(1, valves)
    expect((await ada.points()).lessonFinished).toBeLessThanOrEqual(3.1)
  })

  test('a text in front of a recording that plays without sound shares its time', async () => {
    const ada = await learner(film)
    await ada.open(1)
    await ada.open(2)
    for (let at = 0; at < 100; at += 10) {
      advance(seconds(10))
      await ada.beat({ ranges: `${at}-${at + 10}` }, 1).expect(200)
      await ada.beat({ seconds: 10 }, 2).expect(200)
    }
    expect((await ada.counted(1)) + (await ada.counted(2))).toBeLessThanOrEqual(102)
  })

  test('a page in a tab in the background reports nothing, and earns nothing', async () => {
    const ada = await learner(pumps)
    await ada.open(1)
    await ada.open(2)
    await ada.read(150, 2)
    await ada.beat({ seconds: 0 }, 1).expect(200)
    await ada.done(1)
    expect(await ada.points()).toEqual({})
    await ada.done(2)
    expect(await ada.points()).toEqual({ lessonFinished: 3 })
  })
})

describe('programs that open links', () => {
  test('a scanner that asks for the headers of each lesson opens none', async () => {
    const ada = await learner(pumps)
    for (let n = 1; n <= 3; n++) await ada.visitor.get(ada.path(n)).expect(200)
    const eve = await learner(pumps)
    for (let n = 1; n <= 3; n++)
      await request(academy.app).head(eve.path(n)).set('cookie', eve.visitor.cookie).expect(200)
    expect((await happened(ada.person)).filter(name => name === 'lesson.opened')).toHaveLength(3)
    expect(await happened(eve.person)).toEqual(['course.enrolled'])
    advance(minutes(5))
    await eve.beat({ seconds: 150 }).expect(409)
    await eve.done()
    expect(await eve.points()).toEqual({})
  })

  test.each([
    ['sec-purpose', 'prefetch'],
    ['purpose', 'prefetch'],
    ['x-moz', 'prefetch'],
    ['x-purpose', 'preview'],
  ])('a browser that loads lessons ahead (%s: %s) opens none', async (header, value) => {
    const ada = await learner(pumps)
    await ada.visitor.get(ada.path(1)).set(header, value).expect(200)
    expect(await happened(ada.person)).toEqual(['course.enrolled'])
    advance(minutes(5))
    await ada.beat({ seconds: 150 }).expect(409)
    expect(await ada.points()).toEqual({})
  })

  test('a mail gateway that opens the link of an email signs nobody in, and leaves nothing behind', async () => {
    const ada = await make.person()
    const token = await issueLink({ purpose: 'sign-in', email: ada.email, next: '/pricing' })
    for (const method of ['head', 'get', 'get'] as const) {
      const { headers } = await request(academy.app)[method](`/links/${token}`).expect(200)
      expect(String(headers['set-cookie'])).not.toContain('academy_session')
    }
    expect(await happened(ada)).toEqual([])
  })
})

describe('what belongs to something or someone else', () => {
  test('a lesson that does not exist, or one of another course, earns nothing', async () => {
    const ada = await learner(valves)
    advance(minutes(5))
    await ada.beat({ seconds: 150 }, 99).expect(404)
    await ada.beat({ seconds: 150, opened: '1' }, 9).expect(404)
    expect(await ada.points()).toEqual({})
  })

  test('a learner who has not started a course earns nothing in it', async () => {
    const ada = await learner(valves)
    await ada.open(1, pumps)
    advance(minutes(5))
    await ada.beat({ seconds: 150, opened: '1' }, 1, pumps).expect(403)
    await ada.visitor.post(`${ada.path(1, pumps)}/completion`).expect(403)
    expect(await ada.points()).toEqual({})
  })

  test('beats with the token of another person’s page are refused', async () => {
    const [ada, eve] = [await learner(pumps), await as(await make.person())]
    await ada.open()
    advance(minutes(5))
    await ada.beat({ seconds: 150, _csrf: `${eve.csrf}x` }).expect(403)
    await (await anonymous()).post(`${ada.path(1)}/progress`, { seconds: 150 }).expect(401)
    await ada.done()
    expect(await ada.points()).toEqual({})
  })

  test('whoever lost the course earns nothing in it any more', async () => {
    const ada = await learner(pumps)
    await ada.open()
    await revokeEnrolment(ada.person._id, pumps.course)
    advance(minutes(5))
    await ada.beat({ seconds: 150 }).expect(403)
    await ada.report({ seconds: 150, done: '1' }).expect(403)
    expect(await ada.points()).toEqual({})
  })

  test('a second account that marks a lesson as done earns its colleagues nothing', async () => {
    const company = { domain: 'sock.example', name: 'Sock' }
    const ada = await make.person({ company })
    const puppet = await as(await make.person({ company }))
    await puppet.post(`/courses/${pumps.slug}/enrolment`).expect(303)
    await puppet.get(`/courses/${pumps.slug}/lessons/lesson-1`).expect(200)
    await puppet.post(`/courses/${pumps.slug}/lessons/lesson-1/completion`).expect(303)
    expect(await pointsOf(ada)).toEqual({})
  })
})

describe('recordings and tours', () => {
  test('a seek to the end of a recording earns the seconds that could have been played', async () => {
    const ada = await learner(film)
    await ada.open()
    advance(seconds(10))
    await ada.beat({ ranges: '0-100', position: 100 }).expect(200)
    expect(await ada.counted()).toBe(12)
    await ada.visitor.post(`${ada.path(1)}/completion`).expect(409)
    expect(await ada.points()).toEqual({})
  })

  test('a recording at sixteen times its speed earns what twice the speed does', async () => {
    const ada = await learner(film)
    await ada.open()
    advance(seconds(20))
    await ada.beat({ ranges: '0-100', rate: 16 }).expect(200)
    expect(await ada.counted()).toBe(42)
    await ada.beat({ ranges: '0-100', rate: 17 }).expect(422)
  })

  test('ten seconds that play in a loop without sound count once', async () => {
    const ada = await learner(film)
    await ada.open()
    for (let n = 0; n < 12; n++) {
      advance(seconds(10))
      await ada.beat({ ranges: '0-10' }).expect(200)
    }
    expect(await ada.counted()).toBe(10)
    await ada.visitor.post(`${ada.path(1)}/completion`).expect(409)
    expect(await ada.points()).toEqual({})
  })

  test('many small beats of a recording earn the time that passed, not two seconds each', async () => {
    const ada = await learner(film)
    await ada.open()
    for (let n = 0; n < 40; n++) {
      advance(seconds(0.25))
      await ada.beat({ ranges: `${2 * n}-${2 * n + 2}` }).expect(200)
    }
    expect(await ada.counted()).toBeLessThanOrEqual(12)
  })

  test('seconds beyond a recording, or of a recording in a text, are refused', async () => {
    const ada = await learner(film)
    await ada.open(1)
    await ada.open(2)
    advance(minutes(5))
    await ada.beat({ ranges: '90-190' }, 1).expect(422)
    await ada.beat({ ranges: '0-100' }, 2).expect(422)
    expect([await ada.counted(1), await ada.counted(2)]).toEqual([0, 0])
  })

  test('seconds of reading that are sent for a recording earn nothing', async () => {
    const ada = await learner(film)
    await ada.open()
    advance(minutes(5))
    await ada.beat({ seconds: 300 }).expect(200)
    expect(await ada.counted()).toBe(0)
  })

  test('the steps of a tour without its page, or with a page from elsewhere, earn nothing', async () => {
    const [ada, eve] = [await learner(tour), await learner(tour)]
    const { text } = await eve.open()
    await ada.open()
    advance(minutes(5))
    const shown = /data-shown="([^"]+)"/.exec(text)![1]!
    for (const page of [{}, { shown: 'x.y', counted: '0' }, { shown, counted: '0' }])
      await ada.beat({ steps: 'start:200', ...page }).expect(200)
    expect(await ada.counted()).toBe(0)
    expect(await ada.points()).toEqual({})
    await eve.beat({ steps: 'start:100,end:100', shown, counted: '0' }).expect(200)
    expect(await eve.points()).toEqual({ lessonFinished: 3 })
  })

  test('a tour in one tab and a lesson in another share the time', async () => {
    const ada = await learner(tour)
    const { text } = await ada.open(1)
    const page = { shown: /data-shown="([^"]+)"/.exec(text)![1]!, counted: '0' }
    await ada.open(2)
    await ada.read(60, 2)
    await ada.beat({ steps: 'start:60', ...page }, 1).expect(200)
    expect((await ada.counted(1)) + (await ada.counted(2))).toBeLessThanOrEqual(62)
  })
})

describe('reading without a connection', () => {
  test('a report that is sent ten times at once counts once', async () => {
    const ada = await learner(pumps)
    await ada.open()
    advance(minutes(10))
    const fields = { id: randomUUID(), seconds: 75, done: '1' }
    await Promise.all(Array.from({ length: 10 }, () => ada.report(fields)))
    await ada.report(fields).expect(200, { done: true })
    expect(await ada.counted()).toBe(75)
    expect(await ada.points()).toEqual({ lessonFinished: 1.5 })
  })

  test('reports with new names for the same minute count the minute once', async () => {
    const ada = await learner(pumps)
    await ada.open()
    advance(minutes(1))
    for (let n = 0; n < 20; n++) await ada.report({ seconds: 60 }).expect(200)
    expect(await ada.counted()).toBe(60)
  })

  test('all lessons of two courses share the time without a connection', async () => {
    const ada = await learner(pumps, valves)
    for (const course of [pumps, valves]) for (const n of [1, 2, 3]) await ada.open(n, course)
    advance(minutes(5))
    for (const course of [pumps, valves])
      for (const n of [1, 2, 3]) await ada.report({ seconds: 150, done: '1' }, n, course).expect(200)
    // Five minutes are two lessons.
    expect((await ada.points()).lessonFinished).toBe(6)
  })

  test('time that was read with a connection is not counted again as time without one', async () => {
    const ada = await learner(pumps)
    await ada.open(1)
    await ada.open(2)
    await ada.read(150, 1)
    await ada.report({ seconds: 150, done: '1' }, 2).expect(200)
    await ada.done(1)
    expect(await ada.points()).toEqual({ lessonFinished: 3 })
  })

  test('a lesson that was not opened before, a recording and a tour earn nothing without a connection', async () => {
    const ada = await learner(film, tour)
    advance(minutes(10))
    await ada.report({ seconds: 150, done: '1' }, 2, film).expect(409)
    await ada.open(1, film)
    await ada.open(1, tour)
    advance(minutes(10))
    await ada.report({ seconds: 100, done: '1' }, 1, film).expect(200, { done: false })
    await ada.report({ seconds: 100, done: '1' }, 1, tour).expect(200, { done: false })
    expect(await ada.points()).toEqual({})
  })
})

describe('prices', () => {
  async function priceReader() {
    const ada = await learner()
    const timestampOf = async (path: string) =>
      /data-timestamp="([^"]+)"/.exec((await ada.visitor.get(path).expect(200)).text)![1]!
    const send = (page: string, timestamp: string, visible = 20) =>
      ada.visitor.post('/pricing/attention', { page, seconds: visible, timestamp })
    return { ...ada, timestampOf, send }
  }

  test('a page of prices that was opened just now earns nothing, whatever it claims', async () => {
    const ada = await priceReader()
    const timestamp = await ada.timestampOf('/pricing')
    advance(seconds(19))
    await ada.send('pricing', timestamp, 86_400).expect(204)
    expect(await ada.points()).toEqual({})
  })

  test('a script that reports one page of prices every hour of a day earns one view', async () => {
    const ada = await priceReader()
    const timestamp = await ada.timestampOf('/pricing')
    for (let hour = 0; hour < 24; hour++) {
      advance(hours(1))
      await ada.send('pricing', timestamp).expect(204)
    }
    expect((await happened(ada.person)).filter(name => name === 'pricing.viewed')).toHaveLength(1)
  })

  test('prices and the comparison of plans side by side share the time', async () => {
    const ada = await priceReader()
    const [prices, plans] = [await ada.timestampOf('/pricing'), await ada.timestampOf('/pricing/compare')]
    advance(seconds(20))
    await ada.send('pricing', prices).expect(204)
    await ada.send('plans', plans).expect(204)
    expect(await ada.points()).toEqual({ pricingViewed: 7 })
  })

  test('a page of prices of someone else, of the other kind, or of one’s own making is refused', async () => {
    const [ada, eve] = [await priceReader(), await priceReader()]
    const [own, other] = [await ada.timestampOf('/pricing'), await eve.timestampOf('/pricing')]
    advance(minutes(2))
    await ada.send('pricing', other).expect(422)
    await ada.send('plans', own).expect(422)
    await ada.send('pricing', `1.${own.split('.')[1]}`).expect(422)
    expect(await ada.points()).toEqual({})
  })
})

describe('honest learners get what they earned', () => {
  test('a fast reader, who needs half of the time', async () => {
    const ada = await learner(pumps)
    await ada.open()
    await ada.read(150)
    await ada.done()
    expect(await ada.points()).toEqual({ lessonFinished: 3 })
  })

  test('a slow reader, who takes four times as long', async () => {
    const ada = await learner(pumps)
    await ada.open()
    for (let minute = 0; minute < 20; minute++) {
      advance(minutes(1))
      await ada.beat({ seconds: 60 }).expect(200)
    }
    expect(await ada.counted()).toBeCloseTo(1200, 6)
    await ada.done()
    expect(await ada.points()).toEqual({ lessonFinished: 3 })
  })

  test('a reader with a keyboard or a screen reader, whose page hears of them every four minutes', async () => {
    const ada = await learner(pumps)
    await ada.open()
    advance(minutes(4))
    await ada.beat({ seconds: 240 }).expect(200)
    advance(minutes(2))
    await ada.beat({ seconds: 120 }).expect(200)
    expect(await ada.counted()).toBe(360)
    await ada.done()
    expect(await ada.points()).toEqual({ lessonFinished: 3 })
  })

  test('a learner without JavaScript, who finishes the course and gets the points of its quiz', async () => {
    const ada = await learner(pumps)
    for (let n = 1; n <= 10; n++) {
      await ada.open(n)
      advance(minutes(3))
      await ada.done(n)
    }
    const quiz = `/courses/${pumps.slug}/lessons/final-quiz`
    await ada.visitor.get(quiz).expect(200)
    await ada.visitor.post(`${quiz}/attempts`, { number: 1, 'q-q1': 0, 'q-q2': 0, 'q-q3': 0 }).expect(303)
    expect(await happened(ada.person)).toContain('course.completed')
    const points = await ada.points()
    expect(points.lessonFinished).toBe(3)
    // 12 × 5 of 55 minutes.
    expect(points.courseFinished).toBe(1.1)
  })

  test('a reader who prints a lesson after a minute, and reads on paper, keeps that minute', async () => {
    const ada = await learner(pumps)
    await ada.open()
    await ada.read(60)
    advance(hours(2))
    await ada.done()
    expect(await ada.points()).toEqual({ lessonFinished: 1.2 })
  })

  test('a reader whose connection fails for a while loses none of it', async () => {
    const ada = await learner(pumps)
    await ada.open()
    await ada.read(30)
    advance(seconds(45))
    await ada.beat({ seconds: 45 }).expect(200)
    await ada.read(75)
    expect(await ada.counted()).toBeCloseTo(150, 6)
    await ada.done()
    expect(await ada.points()).toEqual({ lessonFinished: 3 })
  })

  test('a reader without a connection, whose three lessons arrive the next day', async () => {
    const ada = await learner(pumps)
    for (const n of [1, 2, 3]) await ada.open(n)
    advance(hours(20))
    for (const n of [1, 2, 3]) await ada.report({ seconds: 140 + n, done: '1' }, n).expect(200)
    expect([await ada.counted(1), await ada.counted(2), await ada.counted(3)]).toEqual([141, 142, 143])
    expect((await ada.points()).lessonFinished).toBe(8.5)
  })

  test('a reader who changes between two lessons, and reads in one at a time', async () => {
    const ada = await learner(pumps)
    await ada.open(1)
    await ada.open(2)
    for (let n = 0; n < 10; n++) {
      advance(seconds(15))
      await ada.beat({ seconds: 15 }, 1).expect(200)
      advance(seconds(15))
      await ada.beat({ seconds: 15 }, 2).expect(200)
    }
    expect([await ada.counted(1), await ada.counted(2)]).toEqual([150, 150])
  })

  test('a viewer at twice the speed, with captions and without sound', async () => {
    const ada = await learner(film)
    await ada.open()
    for (let at = 0; at < 100; at += 20) {
      advance(seconds(10))
      await ada.beat({ ranges: `${at}-${at + 20}`, rate: 2 }).expect(200)
    }
    expect(await ada.points()).toEqual({ lessonFinished: 3 })
  })

  test('a reader whose beats come a little early and a little late', async () => {
    const ada = await learner(pumps)
    await ada.open()
    for (const late of [0.3, -0.2, 0.6, -0.7, 0.4, -0.4]) {
      advance(seconds(10 + late))
      await ada.beat({ seconds: 10 }).expect(200)
    }
    expect(await ada.counted()).toBeCloseTo(60, 6)
  })

  test('someone who looks at prices and then at plans, for 20 seconds each', async () => {
    const ada = await learner()
    for (const [page, path] of [
      ['pricing', '/pricing'],
      ['plans', '/pricing/compare'],
    ] as const) {
      const { text } = await ada.visitor.get(path).expect(200)
      advance(seconds(20))
      const timestamp = /data-timestamp="([^"]+)"/.exec(text)![1]!
      await ada.visitor.post('/pricing/attention', { page, seconds: 20, timestamp }).expect(204)
    }
    expect(await ada.points()).toEqual({ pricingViewed: 7, plansCompared: 5 })
    expect(await Events.count({ person: ada.person._id })).toBe(2)
  })

  test('a colleague who reads a lesson counts for the others', async () => {
    const company = { domain: 'honest.example', name: 'Honest' }
    const ada = await make.person({ company })
    const colleague = await as(await make.person({ company }))
    const lesson = `/courses/${pumps.slug}/lessons/lesson-1`
    await colleague.post(`/courses/${pumps.slug}/enrolment`).expect(303)
    await colleague.get(lesson).expect(200)
    advance(seconds(20))
    await colleague.post(`${lesson}/progress`, { seconds: 20 }).expect(200)
    await colleague.post(`${lesson}/completion`).expect(303)
    expect(await pointsOf(ada)).toEqual({ colleagueActive: 6 })
  })
})
