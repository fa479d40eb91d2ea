import { People, type Person } from '../../src/people/person'
import { hours, later, minutes, now, seconds } from '../../src/platform/clock'
import { Events } from '../../src/events/event'
import {
  addPageSeconds,
  attendanceOf,
  checkIn,
  countAttendance,
  joinSession,
  undoCheckIn,
} from '../../src/sessions/attendance'
import { bookSeat, cancelBooking } from '../../src/sessions/book-seat'
import { SessionBookings, bookingOf } from '../../src/sessions/booking'
import { checkInCode } from '../../src/sessions/check-in-code'
import { LiveSessions, type LiveSession } from '../../src/sessions/live-session'
import { pollCaps, PollVotes, SessionPolls } from '../../src/sessions/poll'
import {
  answerInWriting,
  askSessionQuestion,
  sessionQuestionCaps,
  SessionQuestions,
} from '../../src/sessions/session-question'
import { createSeats } from '../../src/sessions/seats'
import { erasePerson } from '../../src/people/erase-person'
import { Types } from 'mongoose'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { consentsShownOn } from '../kit/consents'
import { happened, runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

// What happens during a live session: the room, questions, polls, checking in, and who attended.

let academy: Academy
let host: Person
let hosting: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  host = await make.person({ role: 'author', name: 'Ingrid Solheim' })
  hosting = await as(host)
})
afterAll(() => academy.close())

const start = new Date('2026-12-03T15:00:00Z')
beforeEach(() => void setTime('2026-12-03T09:00:00Z'))

let count = 0

/** A session of an hour at 15:00. */
async function session(given: Partial<LiveSession> = {}, seats = 10): Promise<LiveSession> {
  const made = await LiveSessions.create({
    ...{ slug: `room-${++count}`, state: 'published', topic: 'learning', title: 'Ask a field engineer' },
    ...{ summary: 'Bring a trend.', language: 'en', timeZone: 'Europe/London', kind: 'online' },
    ...{ startsAt: start, endsAt: later(start, hours(1)), createdAt: now() },
    joinUrl: 'https://meet.example/bearings',
    agenda: [
      { minute: 0, text: 'Three trends' },
      { minute: 30, text: 'Open questions' },
    ],
    ...given,
  })
  await createSeats(made._id, seats)
  return made
}

/** Someone with a seat, and their browser. */
async function guest(to: LiveSession, given: Partial<Person> = {}) {
  const person = await make.person(given)
  await bookSeat(to, person._id)
  return { person, ...(await as(person)) }
}

const presenceOf = async (of: LiveSession, { _id }: Person) => (await bookingOf(of._id, _id))!.presence
const at = (time: string) => setTime(`2026-12-03T${time}:00Z`)
const ask = (at: LiveSession, person: Person, text: string, isNameHidden = false) => {
  const _id = new Types.ObjectId()
  return askSessionQuestion(at, { _id, person: person._id, text, isNameHidden }).then(() => String(_id))
}

describe('how long someone was there', () => {
  const times = { startsAt: start, endsAt: later(start, hours(1)), attendedFrom: 0.5 }
  const absent = { joinedAt: null, lastHeartbeatAt: null, checkedInAt: null, checkedInBy: null }
  const none = { ...absent, pageSeconds: 0, meetingSeconds: 0 }

  test.each([
    ['nothing is known', none, { minutes: 0, how: 'meeting', isAttended: false }],
    [
      'the page was open for half of it',
      { pageSeconds: 1800 },
      { minutes: 30, how: 'page', isAttended: true },
    ],
    ['a second is missing', { pageSeconds: 1799 }, { minutes: 30, how: 'page', isAttended: false }],
    [
      'page and meeting overlap: the most counts, not the sum',
      { pageSeconds: 1200, meetingSeconds: 1500 },
      { minutes: 25, how: 'meeting', isAttended: false },
    ],
    [
      'the meeting ran over: its length at most',
      { meetingSeconds: 5000 },
      { minutes: 60, how: 'meeting', isAttended: true },
    ],
    [
      'they were checked in',
      { checkedInAt: start, checkedInBy: 'code' as const, pageSeconds: 60 },
      { minutes: 60, how: 'code', isAttended: true },
    ],
  ])('%s', (_title, presence, expected) => {
    expect(attendanceOf(times, { ...none, ...presence })).toEqual(expected)
  })

  test('heartbeats count from joining and from the start on, never more than has passed', async () => {
    const pumps = await session()
    const { person } = await guest(pumps)
    at('14:50')
    // Nobody is there before joining, and the time before the start is no attendance.
    await expect(addPageSeconds(pumps, person._id, 60)).rejects.toMatchObject({ status: 409 })
    expect(await joinSession(pumps, person._id)).toBe(true)
    at('14:59')
    expect(await addPageSeconds(pumps, person._id, 300)).toBe(0)
    at('15:01')
    expect(await addPageSeconds(pumps, person._id, 3000)).toBeCloseTo(62, 1)
    advance(seconds(10))
    expect(await addPageSeconds(pumps, person._id, 10)).toBeCloseTo(10, 1)
    // A silent page reports five minutes at most.
    advance(minutes(20))
    expect(await addPageSeconds(pumps, person._id, 1200)).toBeLessThanOrEqual(302)
    // The room stays open after the end, which is no attendance either.
    at('16:10')
    expect(await addPageSeconds(pumps, person._id, 300)).toBe(0)
    at('16:16')
    expect(await addPageSeconds(pumps, person._id, 10)).toBe(0)
    expect((await presenceOf(pumps, person))!.joinedAt).toEqual(new Date('2026-12-03T14:50:00Z'))
  })

  test('two tabs side by side, and a second session at the same time, earn no more than one', async () => {
    const [pumps, valves] = [await session(), await session()]
    const { person } = await guest(pumps)
    await bookSeat(valves, person._id)
    at('15:00')
    await joinSession(pumps, person._id)
    await joinSession(valves, person._id)
    advance(seconds(60))
    const counted = [
      ...(await Promise.all([addPageSeconds(pumps, person._id, 60), addPageSeconds(pumps, person._id, 60)])),
      await addPageSeconds(valves, person._id, 60),
    ]
    const sum = counted.reduce((a, b) => a + b, 0)
    // The two seconds that clocks may differ by are counted once.
    expect(sum).toBeLessThanOrEqual(62.1)
    expect((await presenceOf(pumps, person))!.pageSeconds).toBeCloseTo(counted[0]! + counted[1]!, 1)
  })

  test('nobody without a seat joins, nor anyone before the room opens or in a room', async () => {
    const pumps = await session()
    const { person } = await guest(pumps)
    const other = await make.person()
    expect(await joinSession(pumps, person._id)).toBe(false)
    at('15:10')
    expect(await joinSession(pumps, other._id)).toBe(false)
    await expect(addPageSeconds(pumps, other._id, 10)).rejects.toMatchObject({ status: 409 })
    await cancelBooking(pumps, person._id)
    expect(await joinSession(pumps, person._id)).toBe(false)
    const room = await session({ kind: 'room' })
    const inRoom = await guest(room)
    expect(await joinSession(room, inRoom.person._id)).toBe(false)
  })
})

describe('who attended', () => {
  test('each person with a seat attended or missed it, once, however often it is counted', async () => {
    const pumps = await session({}, 2)
    const [ada, ben] = [await guest(pumps), await guest(pumps)]
    const waiting = await guest(pumps)
    at('15:00')
    await joinSession(pumps, ada.person._id)
    for (let n = 0; n < 10; n++) {
      advance(minutes(4))
      await addPageSeconds(pumps, ada.person._id, 240)
    }
    at('16:15')
    // The worker counts once the room has closed.
    await LiveSessions.updateOne({ _id: pumps._id }, { $set: { dueAt: now() } })
    await runAllDue()
    expect((await LiveSessions.findById(pumps._id))!.finishedAt).toEqual(now())
    await countAttendance(pumps)
    expect(await happened(ada.person)).toEqual(['session.booked', 'session.attended'])
    expect(await happened(ben.person)).toEqual(['session.booked', 'session.missed'])
    expect(await happened(waiting.person)).toEqual(['session.waitlisted'])
    const [attended] = await Events.find({ person: ada.person._id, name: 'session.attended' })
    expect(attended!.data).toMatchObject({ minutes: 40, length: 60, how: 'page', title: pumps.title })
    expect(await bookingOf(pumps._id, ada.person._id)).toMatchObject({ minutes: 40, outcome: 'attended' })
    expect(await bookingOf(pumps._id, ben.person._id)).toMatchObject({ minutes: 0, outcome: 'missed' })
  })

  test('what the meeting service says later raises minutes, and never takes any', async () => {
    const pumps = await session()
    const { person } = await guest(pumps)
    at('16:20')
    await countAttendance(pumps)
    const later = (meetingSeconds: number) =>
      SessionBookings.updateOne(
        { _id: `${pumps._id}:${person._id}` },
        {
          $set: {
            presence: {
              meetingSeconds,
              pageSeconds: 0,
              joinedAt: null,
              lastHeartbeatAt: null,
              checkedInAt: null,
            },
          },
        },
      )
    advance(minutes(10))
    await later(2700)
    await countAttendance(pumps)
    await later(600)
    await countAttendance(pumps)
    expect(await bookingOf(pumps._id, person._id)).toMatchObject({ minutes: 45, outcome: 'attended' })
    expect(await happened(person)).toEqual(['session.booked', 'session.missed', 'session.attended'])
  })

  test('a host checks in by the list, takes it back, and can add someone after the end', async () => {
    const room = await session({ kind: 'room' })
    const [ada, ben] = [await guest(room), await guest(room)]
    at('14:29')
    expect(await checkIn(room, ada.person._id, 'host')).toBe(false)
    at('14:30')
    expect(await checkIn(room, ada.person._id, 'host')).toBe(true)
    await undoCheckIn(room, ada.person._id)
    expect((await presenceOf(room, ada.person))!.checkedInAt).toBeNull()
    expect(await checkIn(room, ada.person._id, 'host')).toBe(true)
    at('16:00')
    expect(await checkIn(room, ben.person._id, 'code')).toBe(false)
    at('16:15')
    await countAttendance(room)
    advance(minutes(10))
    expect(await checkIn(room, ben.person._id, 'host')).toBe(true)
    expect(await happened(ben.person)).toEqual(['session.booked', 'session.missed', 'session.attended'])
    await expect(undoCheckIn(room, ada.person._id)).rejects.toMatchObject({ status: 409 })
    expect(await bookingOf(room._id, ada.person._id)).toMatchObject({ minutes: 60, outcome: 'attended' })
  })
})

describe('the room', () => {
  test('opens 15 minutes before, for people with a seat only, and leads to the meeting', async () => {
    const pumps = await session()
    const ada = await guest(pumps)
    const path = `/sessions/${pumps.slug}/room`
    const early = await ada.get(path).expect(200)
    expect(early.text).toContain('This session opens on Thursday 3 December at 14:45')
    expect(early.text).not.toContain('/room/meeting')
    expect((await ada.get(`${path}/meeting`).expect(303)).headers.location).toBe(path)
    at('14:45')
    const open = await ada.get(path).expect(200)
    expect(open.text).not.toContain('meet.example')
    expect(open.text).not.toContain('data-heartbeats')
    const meeting = await ada.get(`${path}/meeting`).expect(303)
    expect(meeting.headers).toMatchObject({
      location: 'https://meet.example/bearings',
      'referrer-policy': 'no-referrer',
    })
    expect((await ada.get(path)).text).toContain('data-heartbeats')
    const stranger = await as(await make.person())
    expect((await stranger.get(path).expect(303)).headers.location).toBe(`/sessions/${pumps.slug}`)
    expect((await stranger.get(`${path}/meeting`).expect(303)).headers.location).toBe(path)
    await stranger.get(`${path}/state`).set('accept', 'application/json').expect(403)
    await stranger.post(`${path}/heartbeats`, { seconds: 10 }).expect(409)
    expect((await (await anonymous()).get(path).expect(303)).headers.location).toContain('/sign-in')
    at('16:16')
    expect((await ada.get(path).expect(200)).text).toContain('This session has ended.')
    expect((await ada.get(`${path}/meeting`).expect(303)).headers.location).toBe(path)
  })

  test('a session that is hidden from someone has no room for them', async () => {
    const hidden = await session({ visibility: 'listed-companies', companies: ['northwind.example'] })
    const inside = await make.person({ company: { domain: 'northwind.example', name: 'Northwind' } })
    const outside = await as(await make.person())
    for (const path of ['room', 'room/state', 'room/meeting', 'contact-request', 'check-in']) {
      await outside.get(`/sessions/${hidden.slug}/${path}`).expect(404)
    }
    await outside.post(`/sessions/${hidden.slug}/questions`, { text: 'What is it?' }).expect(404)
    expect(await SessionQuestions.count({ session: hidden._id })).toBe(0)
    await bookSeat(hidden, inside._id)
    await (await as(inside)).get(`/sessions/${hidden.slug}/room`).expect(200)
  })

  test('its page asks for what has changed, and gets nothing while nothing has', async () => {
    const pumps = await session()
    const ada = await guest(pumps)
    at('15:40')
    const path = `/sessions/${pumps.slug}/room/state`
    const json = (tag = '') => ada.get(`${path}?tag=${tag}`).set('accept', 'application/json')
    const first = await json().expect(200)
    const { parts, tag } = first.body as { parts: Record<string, string>; tag: string }
    expect(parts.agenda).toMatch(/<li>\s*<b>15:00<\/b>/)
    expect(parts.agenda).toMatch(/<li aria-current="step">\s*<b>15:30<\/b>/)
    expect(first.headers['cache-control']).toBe('no-store')
    await json(tag).expect(204)
    await ask(pumps, ada.person, 'Does the slope rule hold?')
    const next = await json(tag).expect(200)
    expect((next.body as typeof first.body).parts['question-list']).toContain('Does the slope rule hold?')
  })
})

describe('questions', () => {
  test('anyone who is signed in asks before the day, under their name or without, and votes once', async () => {
    const pumps = await session()
    const ada = await make.person({ name: 'Ada Kowalska' })
    const ben = await as(await make.person({ name: 'Ben Ode' }))
    const asking = await as(ada)
    const path = `/sessions/${pumps.slug}/questions`
    const form = { text: 'Does the slope rule hold?', occasion: 'abcdefghijklmnopqrstuv' }
    await asking.post(path, form).expect(303).expect('location', `/sessions/${pumps.slug}#questions`)
    await asking.post(path, form).expect(303)
    await asking.post(path, { text: 'What is cavitation?', isNameHidden: 'on' }).expect(303)
    const [named, hidden] = await SessionQuestions.find({ session: pumps._id }).sort({ askedAt: 1, _id: 1 })
    expect(await SessionQuestions.count({ session: pumps._id })).toBe(2)
    const open = [named!, hidden!].find(each => !each.isNameHidden)!
    // Only what was asked by name is an event, and so may reach sales.
    expect(await happened(ada)).toEqual(['session.question_asked'])
    const [event] = await Events.find({ person: ada._id })
    expect(event!.data).toMatchObject({ question: String(open._id), text: form.text })
    const vote = `${path}/${open._id}/vote`
    await Promise.all([ben.post(vote), ben.post(vote)])
    expect((await SessionQuestions.findById(open._id))!.votes).toBe(1)
    await asking.post(vote, { place: 'room' }).expect(303)
    expect((await SessionQuestions.findById(open._id))!.votes).toBe(2)
    await asking.post(`${vote}/removal`).expect(303)
    await asking.post(`${vote}/removal`).expect(303)
    expect((await SessionQuestions.findById(open._id))!.votes).toBe(1)
    await (await anonymous()).post(vote).expect(401)
    // Names and questions are for people who are signed in.
    const page = `/sessions/${pumps.slug}`
    expect((await ben.get(page).expect(200)).text).toMatch(
      /aria-pressed="true"[^]*slope rule[^]*Ada Kowalska/,
    )
    const seen = (await (await anonymous()).get(page).expect(200)).text
    expect(seen).toContain('See what others ask')
    expect(seen).not.toMatch(/slope rule|Ada Kowalska/)
    const host = await hosting.get(`/studio/sessions/${pumps._id}/live`).expect(200)
    expect(host.text).toContain('Ada Kowalska')
    expect(host.text.indexOf('slope rule')).toBeLessThan(host.text.indexOf('cavitation'))
    expect(host.text).toMatch(/cavitation[^]{0,400}Anonymous/)
  })

  test('an empty question comes back, with too many there are no more, and nobody asks after the end', async () => {
    const pumps = await session()
    const ada = await make.person()
    const visitor = await as(ada)
    const path = `/sessions/${pumps.slug}/questions`
    const wrong = await visitor.post(path, { text: '  ', isNameHidden: 'on', place: 'room' }).expect(422)
    expect(wrong.text).toContain('Enter your question')
    expect(wrong.text).toMatch(/name="isNameHidden"[^>]* checked/)
    await visitor.post(path, { text: 'x'.repeat(sessionQuestionCaps.text + 1) }).expect(422)
    const all = Array.from({ length: sessionQuestionCaps.own + 2 }, (_, n) =>
      ask(pumps, ada, `Question ${n}`),
    )
    await Promise.allSettled(all)
    expect(await SessionQuestions.count({ session: pumps._id })).toBeLessThanOrEqual(sessionQuestionCaps.own)
    const other = await make.person()
    const id = await ask(pumps, other, 'And this?')
    at('16:15')
    await expect(ask(pumps, other, 'Too late?')).rejects.toMatchObject({ status: 409 })
    await visitor.post(`${path}/${id}/vote`).expect(409)
  })

  test('hosts answer live or in writing by name, hide, and take it back; others may not', async () => {
    const pumps = await session()
    const ada = await guest(pumps)
    const id = await ask(pumps, ada.person, 'Does the slope rule hold?')
    const question = `/studio/sessions/${pumps._id}/questions/${id}`
    const stateOf = async () => (await SessionQuestions.findById(id))!.state
    const room = async () => {
      const { text } = await ada.get(`/sessions/${pumps.slug}/room`).expect(200)
      return text
    }
    await hosting.post(`${question}/state`, { state: 'live' }).expect(303)
    expect(await room()).toContain('Answered live')
    await hosting.post(`${question}/state`, { state: 'hidden' }).expect(303)
    expect(await room()).not.toContain('slope rule')
    await ada.post(`/sessions/${pumps.slug}/questions/${id}/vote`).expect(404)
    await hosting.post(`${question}/state`, { state: 'open' }).expect(303)
    expect(await stateOf()).toBe('open')
    const empty = await hosting.post(`${question}/answer`, { answer: ' ' }).expect(422)
    expect(empty.text).toContain('Enter your answer')
    await hosting.post(`${question}/answer`, { answer: 'Above 40 Hz it does.' }).expect(303)
    expect(await room()).toMatch(/Above 40 Hz it does\.[^]*Ingrid Solheim, 3 December 2026/)
    await hosting.post(`${question}/state`, { state: 'hidden' }).expect(303)
    await hosting.post(`${question}/state`, { state: 'open' }).expect(303)
    expect(await stateOf()).toBe('written')
    await hosting.post(`${question}/state`, { state: 'gone' }).expect(422)
    await hosting
      .post(`/studio/sessions/${(await session())._id}/questions/${id}/state`, { state: 'live' })
      .expect(404)
    const sales = await as(await make.person({ role: 'sales' }))
    await sales.post(`${question}/state`, { state: 'hidden' }).expect(404)
    await ada.post(`${question}/state`, { state: 'hidden' }).expect(403)
  })
})

describe('polls', () => {
  test('a host opens, closes and shows one; each person with a seat has one vote, and may change it', async () => {
    const pumps = await session()
    const [ada, ben] = [await guest(pumps), await guest(pumps)]
    at('15:05')
    const polls = `/studio/sessions/${pumps._id}/polls`
    const bad = await hosting.post(polls, { question: 'Which trend?', options: 'Only one' }).expect(422)
    expect(bad.text).toContain('Enter 2 to 8 different answers')
    expect(bad.text).toContain('Only one')
    const form = { question: 'Which trend?', options: 'Rising\nFalling\n\n Rising \nFlat' }
    await hosting.post(polls, { ...form, occasion: 'abcdefghijklmnopqrstuv' }).expect(303)
    await hosting.post(polls, { ...form, occasion: 'abcdefghijklmnopqrstuv' }).expect(303)
    const [poll] = await SessionPolls.find({ session: pumps._id })
    expect(await SessionPolls.count({ session: pumps._id })).toBe(1)
    expect(poll!.options).toEqual(['Rising', 'Falling', 'Flat'])
    const vote = `/sessions/${pumps.slug}/polls/${poll!._id}/vote`
    const room = async () => (await ada.get(`/sessions/${pumps.slug}/room`)).text
    expect(await room()).not.toContain('Which trend?')
    await ada.post(vote, { option: '0' }).expect(404)
    const state = (value: string) => hosting.post(`${polls}/${poll!._id}/state`, { state: value }).expect(303)
    await state('open')
    await ada.post(vote, { option: '0' }).expect(303)
    await ada.post(vote, { option: '2' }).expect(303)
    await ben.post(vote, { option: '2' }).expect(303)
    await ben.post(vote, { option: '3' }).expect(422)
    for (const option of ['x', '']) await ben.post(vote, { option }).expect(422)
    await (await as(await make.person())).post(vote, { option: '0' }).expect(403)
    expect(await PollVotes.count({ poll: poll!._id })).toBe(2)
    const open = await room()
    expect(open).toMatch(/value="2"\s+aria-pressed="true"/)
    expect(open).not.toContain('100%')
    const console = (await hosting.get(`/studio/sessions/${pumps._id}/live`)).text
    expect(console).toMatch(/Flat[^]*?<td class="num">2<\/td>\s*<td class="num">100%<\/td>/)
    await state('closed')
    await ada.post(vote, { option: '0' }).expect(409)
    await state('shown')
    expect(await room()).toMatch(/You chose “Flat”\.[^]*Flat[^]*?<td class="num">100%<\/td>[^]*2 votes/)
    await state('closed')
    expect(await room()).not.toContain('100%')
    // One poll is open at a time.
    await hosting.post(polls, { question: 'Which pump?', options: 'A\nB' }).expect(303)
    await state('open')
    const [, second] = await SessionPolls.find({ session: pumps._id }).sort({ createdAt: 1 })
    await hosting.post(`${polls}/${second!._id}/state`, { state: 'open' }).expect(303)
    expect((await SessionPolls.findById(poll!._id))!.state).toBe('closed')
    await hosting.post(`${polls}/${poll!._id}/removal`).expect(303)
    expect(await PollVotes.count({ poll: poll!._id })).toBe(0)
    for (let n = 1; n < pollCaps.polls; n++) {
      await hosting.post(polls, { question: `Poll ${n}`, options: 'A\nB' }).expect(303)
    }
    await hosting.post(polls, { question: 'One too many', options: 'A\nB' }).expect(409)
  })
})

describe('talking to someone', () => {
  test('a request from the room reaches sales, with the consents that it needs, and its hosts', async () => {
    const pumps = await session()
    const ada = await guest(pumps, { name: 'Ada Kowalska', consents: [] })
    const path = `/sessions/${pumps.slug}/contact-request`
    await ada.get(path).expect(409)
    at('15:10')
    const page = await ada.get(path).expect(200)
    const shown = consentsShownOn(page.text)
    const refused = await ada.post(path, { text: 'About our pumps', ...shown }).expect(422)
    expect(refused.text).toContain('About our pumps')
    const consents = { profiling: 'on', share_with_sales: 'on' }
    await ada.post(path, { text: 'About our pumps', ...shown, ...consents }).expect(303)
    await ada.post(path, { text: 'About our pumps', ...shown, ...consents }).expect(303)
    const requests = await Events.find({ person: ada.person._id, name: 'contact.requested' })
    expect(requests.map(({ data }) => data)).toEqual([
      { kind: 'contact', text: 'About our pumps', title: 'Ask a field engineer' },
    ])
    const console = await hosting.get(`/studio/sessions/${pumps._id}/live`).expect(200)
    expect(console.text).toMatch(/Ada Kowalska[^]*Wants to talk to sales, 15:10/)
    expect((await ada.get(`/sessions/${pumps.slug}/room`)).text).toContain('We&#39;ve got your request')
  })
})

describe('the code in the room', () => {
  const tokenOf = ({ _id }: LiveSession) => `/check-in/${_id}.${checkInCode(_id)}`

  test('checks in who has a seat, as often as it is scanned; a photo of it is useless a minute later', async () => {
    const room = await session({ kind: 'room' })
    const [ada, ben] = [await guest(room), await guest(room)]
    at('14:45')
    const token = tokenOf(room)
    const page = `/sessions/${room.slug}/check-in`
    await ada.get(token).expect(303).expect('location', page)
    const answer = await ada.get(page).expect(200)
    expect(answer.text).toContain('You&#39;re checked in')
    // Nobody else checks in with the same scan.
    expect(String(answer.headers['set-cookie'])).toContain('check-in=;')
    expect((await ada.get(page)).text).toContain('You&#39;re checked in')
    const first = await presenceOf(room, ada.person)
    expect(first).toMatchObject({ checkedInAt: now(), checkedInBy: 'code' })
    advance(seconds(20))
    await ada.get(token)
    await ada.get(page).expect(200)
    expect(await presenceOf(room, ada.person)).toEqual(first)
    advance(seconds(60))
    expect((await ben.get(token).expect(410)).text).toContain('This code has expired')
    expect((await ben.get(page)).text).toContain('Scan the code in the room')
    expect(await presenceOf(room, ben.person)).toBeNull()
    // The browser that scanned it in time can't pass it on to another session.
    const other = await session({ kind: 'room' })
    expect((await ada.get(`/sessions/${other.slug}/check-in`)).text).toContain('Scan the code in the room')
  })

  test('a forged one is not found, and an early or late one checks nobody in', async () => {
    const room = await session({ kind: 'room' })
    const ada = await guest(room)
    at('14:45')
    for (const token of [
      'x',
      `${room._id}.${'a'.repeat(42)}`,
      `${new Types.ObjectId()}.${checkInCode(room._id)}`,
    ]) {
      await ada.get(`/check-in/${token}`).expect(404)
    }
    await ada.get(`/check-in/${room._id}.${'a'.repeat(43)}`).expect(410)
    for (const time of ['14:29', '16:00']) {
      at(time)
      await ada.get(tokenOf(room)).expect(303)
      expect((await ada.get(`/sessions/${room.slug}/check-in`)).text).toContain('from 30 minutes before')
    }
    expect(await presenceOf(room, ada.person)).toBeNull()
  })

  test('who has no account signs in first, and takes a free seat at the door; without one they wait', async () => {
    const room = await session({ kind: 'room' }, 1)
    at('15:00')
    const visitor = await anonymous()
    const scanned = await visitor.get(tokenOf(room)).expect(303)
    expect(scanned.headers.location).toContain(encodeURIComponent(`/sessions/${room.slug}/check-in`))
    // Signing in takes longer than the code works.
    advance(minutes(5))
    const [ada, ben] = [await make.person(), await make.person()]
    const cookie = scanned.headers['set-cookie']!
    const proof = [cookie]
      .flat()
      .find(each => each.startsWith('check-in='))!
      .split(';')[0]!
    const page = `/sessions/${room.slug}/check-in`
    const open = async (person: Person) => {
      const { cookie: session } = await as(person)
      return (await as(person)).get(page).set('cookie', `${session}; ${proof}`)
    }
    expect((await open(ada)).text).toContain('Take a seat and check in')
    await bookSeat(room, ada._id)
    expect((await open(ada)).text).toContain('You&#39;re checked in')
    const late = await as(ben)
    await late.get(tokenOf(room)).expect(303)
    await late.post(page).expect(303)
    expect((await late.get(page)).text).toContain('All seats are taken')
    expect(await happened(ben)).toEqual(['session.waitlisted'])
    // A host takes the seat back of who hasn't come: it is for whoever is there.
    await bookSeat(room, (await make.person())._id)
    await cancelBooking(room, ada._id, 'academy')
    advance(minutes(1))
    expect((await late.get(page)).text).toContain('Take a seat and check in')
    await late.post(page).expect(303)
    expect((await late.get(page)).text).toContain('You&#39;re checked in')
    expect((await late.get(`/sessions/${room.slug}`)).text).toContain('You’re checked in.')
    expect((await late.get(`/sessions/${room.slug}`)).text).not.toContain('Cancel my seat')
    expect(await happened(ben)).toEqual(['session.waitlisted', 'session.booked'])
  })

  test('hosts show it and see who came, and only they', async () => {
    const room = await session({ kind: 'room' })
    const [ada, ben] = [await guest(room, { name: 'Ada Kowalska' }), await guest(room, { name: 'Ben Ode' })]
    at('14:45')
    const page = `/studio/sessions/${room._id}/check-in`
    const shown = await hosting.get(`${page}?q=kowal`).expect(200)
    expect(shown.text).toContain('<svg')
    expect(shown.text).toContain('Ada Kowalska')
    expect(shown.text).not.toContain('Ben Ode')
    expect(shown.headers.refresh).toBeUndefined()
    expect((await hosting.get(`${page}?reload=1`)).headers.refresh).toBe('15')
    const attendee = `/studio/sessions/${room._id}/attendees/${ben.person._id}/check-in`
    await hosting.post(attendee).expect(303)
    const state = await hosting.get(`${page}/state`).set('accept', 'application/json').expect(200)
    expect((state.body as { parts: { code: string } }).parts.code).toMatch(
      /<b>1<\/b> of 2 people are checked in/,
    )
    advance(seconds(30))
    const { tag } = state.body as { tag: string }
    await hosting.get(`${page}/state?tag=${tag}`).expect(200)
    await hosting.post(`${attendee}/removal`).expect(303)
    expect((await presenceOf(room, ben.person))!.checkedInAt).toBeNull()
    await ada.get(page).expect(403)
    const sales = await make.person({ role: 'sales' })
    await (await as(sales)).get(page).expect(404)
    const [hosts] = [[{ person: sales._id, name: sales.name, role: 'Sales', isPanel: false }]]
    await LiveSessions.updateOne({ _id: room._id }, { $set: { hosts } })
    await (await as(sales)).get(page).expect(200)
    await (await as(await make.person({ role: 'reviewer' }))).get(page).expect(403)
  })
})

test('an erased person leaves neither questions nor votes, and their own data has both', async () => {
  const pumps = await session()
  const ada = await guest(pumps, { name: 'Ada Kowalska' })
  const other = await make.person()
  const [own, others] = [await ask(pumps, ada.person, 'Mine?'), await ask(pumps, other, 'Theirs?')]
  at('15:10')
  await ada.post(`/sessions/${pumps.slug}/questions/${others}/vote`).expect(303)
  const poll = await SessionPolls.create({
    ...{ session: pumps._id, question: 'Which?', options: ['A', 'B'], state: 'open', createdAt: now() },
  })
  await ada.post(`/sessions/${pumps.slug}/polls/${poll._id}/vote`, { option: '1' }).expect(303)
  const data = (await ada.get('/account/data.json').expect(200)).text
  expect(data).toContain('Mine?')
  expect((JSON.parse(data) as { pollVotes: { option: number }[] }).pollVotes).toMatchObject([{ option: 1 }])
  const teammate = await make.person({ role: 'author', name: 'Olga Nowak' })
  await answerInWriting(pumps._id, others, { text: 'It does.', name: teammate.name, by: teammate._id })
  const given = { person: teammate._id, name: teammate.name, role: 'Engineer', isPanel: false }
  await LiveSessions.updateOne({ _id: pumps._id }, { $push: { hosts: given } })
  const hosts = (await LiveSessions.findById(pumps._id))!.hosts.map(({ name }) => name)
  await erasePerson(ada.person._id)
  await erasePerson(teammate._id)
  await runAllDue()
  const left = (await LiveSessions.findById(pumps._id))!.hosts.map(({ name }) => name)
  expect(left).toEqual(hosts.filter(name => name !== 'Olga Nowak'))
  expect(await SessionQuestions.exists({ _id: own })).toBe(false)
  expect((await SessionQuestions.findById(others))!).toMatchObject({
    ...{ votes: 0, voters: [] },
    answer: { text: 'It does.', name: '' },
  })
  expect(await PollVotes.count({ person: ada.person._id })).toBe(0)
  expect((await People.findById(ada.person._id))!.name).toBe('Erased')
})
