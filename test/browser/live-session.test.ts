import { Types } from 'mongoose'
import type { Browser } from 'playwright-core'
import type { Person } from '../../src/people/person'
import { later, minutes, now, seconds } from '../../src/platform/clock'
import { checkIn, joinSession, raiseHand } from '../../src/sessions/attendance'
import { bookSeat } from '../../src/sessions/book-seat'
import { bookingOf } from '../../src/sessions/booking'
import { LiveSessions, type LiveSession } from '../../src/sessions/live-session'
import { preparePoll, setPollState, voteInPoll } from '../../src/sessions/poll'
import { createSeats } from '../../src/sessions/seats'
import { answerInWriting, askSessionQuestion, SessionQuestions } from '../../src/sessions/session-question'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import * as make from '../kit/make'

// During a live session, in a browser: its room and its hosts' pages.

let academy: Academy
let browser: Browser
let online: LiveSession
let room: LiveSession
let ada: Person
const pages = {} as Record<'learner' | 'host', OpenPage>
const poll = new Types.ObjectId()
const question = new Types.ObjectId()

beforeAll(async () => {
  academy = await openAcademy()
  browser = await openBrowser()
  const host = await make.person({ role: 'author', name: 'Ingrid Solheim' })
  ada = await make.person({ name: 'Ada Kowalska' })
  const ben = await make.person({ name: 'Benjamin Oduya-Lindqvist' })
  const base = {
    ...{ state: 'published' as const, topic: 'learning', title: 'Ask a field engineer: bearings' },
    ...{ summary: 'Bring a trend.', language: 'en', timeZone: 'Europe/Oslo', createdAt: now() },
    ...{ startsAt: later(now(), -minutes(20)), endsAt: later(now(), minutes(40)) },
    agenda: [
      { minute: 0, text: 'Three trends, three decisions. You vote first, then Ingrid explains.' },
      { minute: 15, text: 'Your trends: bring one, anonymously if you like.' },
      { minute: 35, text: 'Open questions' },
    ],
  }
  const joinUrl = 'https://meet.example/bearings'
  online = await LiveSessions.create({ ...base, slug: 'bearings', kind: 'online', joinUrl })
  const place = { name: 'Tarnwell, room 2', address: 'Harbour Road 4', mapUrl: '' }
  room = await LiveSessions.create({ ...base, slug: 'in-the-room', kind: 'room', place })
  for (const session of [online, room]) {
    await createSeats(session._id, 40)
    for (const { _id } of [ada, ben]) await bookSeat(session, _id)
  }
  await joinSession(online, ada._id)
  await joinSession(online, ben._id)
  await raiseHand(online, ben._id)
  await checkIn(room, ada._id, 'host')
  const ask = (_id: Types.ObjectId, text: string, isNameHidden = false) =>
    askSessionQuestion(online, { _id, person: ben._id, text, isNameHidden })
  const [second, third] = [new Types.ObjectId(), new Types.ObjectId()]
  await ask(question, 'Does the slope rule hold with a variable-speed drive?')
  await ask(second, 'How do you tell cavitation from a worn bearing?', true)
  await ask(third, 'Can I use a hand-held meter for the baseline?')
  await answerInWriting(online._id, String(third), {
    ...{ text: 'Yes, at one marked spot.', name: host.name, by: host._id },
  })
  const shown = new Types.ObjectId()
  const polls = { session: online._id, options: ['Rising', 'Falling', 'Neither of the two'] }
  await preparePoll({ ...polls, _id: shown, question: 'What did the second trend do?' })
  await setPollState(online._id, String(shown), 'open')
  await voteInPoll(online._id, String(shown), ben._id, 0)
  await voteInPoll(online._id, String(shown), ada._id, 2)
  await setPollState(online._id, String(shown), 'shown')
  await preparePoll({ ...polls, _id: poll, question: 'Which trend would you act on?' })
  const baseURL = await academy.listen()
  for (const [who, person] of [
    ['learner', ada],
    ['host', host],
  ] as const) {
    const [name = '', ...value] = (await as(person)).cookie.split(';')[0]!.split('=')
    pages[who] = await openPage(browser, { baseURL })
    await pages[who].context.addCookies([{ name, value: value.join('='), url: baseURL }])
  }
}, 90_000)
afterAll(async () => {
  for (const { consoleMessages } of Object.values(pages)) expect(consoleMessages).toEqual([])
  await browser.close()
  await academy.close()
})

test('in the room, a poll appears as its host opens it, and votes are sent without leaving the page', async () => {
  const { page } = pages.learner
  await page.goto('/sessions/bearings/room')
  const vote = page.locator(`#vote-question-${String(question)}`)
  const isSame = await page.evaluateHandle('document.body.dataset.same = "yes"')
  // The page asks every 10 seconds, and when it is seen again.
  const look = () => page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
  await pages.host.page.goto(`/studio/sessions/${String(online._id)}/live`)
  await pages.host.page.locator(`#poll-${String(poll)}-open`).click()
  await pages.host.page.locator(`#poll-${String(poll)}-closed`).waitFor()
  await look()
  const option = page.locator(`#poll-${String(poll)}-1`)
  await option.click()
  await page.locator(`#poll-${String(poll)}-1[aria-pressed="true"]`).waitFor()
  await page.locator('[data-announce]', { hasText: 'Which trend would you act on?' }).waitFor({
    state: 'attached',
  })
  await vote.focus()
  await page.keyboard.press('Enter')
  // The focus is where it was, on the button that now says something else.
  await page.locator(`#vote-question-${String(question)}[aria-pressed="true"]:focus`).waitFor()
  expect((await SessionQuestions.findById(question))!.votes).toBe(1)
  await page.fill('#question-text', 'What about seals?')
  // Less than a second isn't passed on.
  await page.waitForTimeout(seconds(1.1))
  await page.getByRole('button', { name: 'Ask', exact: true }).click()
  await page.locator('.asked', { hasText: 'What about seals?' }).waitFor()
  expect(await page.inputValue('#question-text')).toBe('')
  expect(await page.evaluate('document.body.dataset.same')).toBe('yes')
  await isSame.dispose()
  // Sending a form passes on the seconds in which the page was seen.
  const presence = async () => (await bookingOf(online._id, ada._id))!.presence!
  for (let n = 0; n < 50 && !(await presence()).pageSeconds; n++) await page.waitForTimeout(seconds(0.1))
  expect((await presence()).pageSeconds).toBeGreaterThanOrEqual(1)
  expect(await problemsOn(page, { alsoRightToLeft: true })).toEqual([])
}, 120_000)

test('hosts answer in the console while it changes, and the code for the room is on a page of its own', async () => {
  const { page } = pages.host
  await page.goto(`/studio/sessions/${String(online._id)}/live`)
  const asked = page.locator(`#question-${String(question)}`)
  await asked.locator('summary').click()
  await asked.locator('textarea').fill('Above 40 Hz it does.')
  // Nothing is replaced while someone writes.
  await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
  expect(await asked.locator('textarea').inputValue()).toBe('Above 40 Hz it does.')
  expect(await problemsOn(page, { alsoRightToLeft: true })).toEqual([])
  await asked.getByRole('button', { name: 'Publish answer' }).click()
  await page.locator('.asked-answer', { hasText: 'Above 40 Hz it does.' }).waitFor()
  await page.goto(`/studio/sessions/${String(room._id)}/check-in`)
  await page.locator('.qr svg').waitFor()
  expect(await page.locator('.came').innerText()).toBe('1 of 2 people are checked in')
  expect(await problemsOn(page, { alsoRightToLeft: true })).toEqual([])
}, 120_000)
