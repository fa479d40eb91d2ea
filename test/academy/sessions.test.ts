import ICAL from 'ical.js'
import { certifyAttendance } from '../../src/learning/certify-attendance'
import { addBrand, publishBrand, saveBrandDraft } from '../../src/brand/change-brand'
import { readBrand } from '../../src/brand/brand'
import type { Published } from '../../src/courses/published'
import { Events } from '../../src/events/event'
import { Emails } from '../../src/mail/email'
import { Enrolments } from '../../src/learning/enrolment'
import { enrol } from '../../src/learning/enrol'
import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import { days, hours, later, minutes, now, setClock } from '../../src/platform/clock'
import { sendMaterials } from '../../src/sessions/advance-sessions'
import { bookSeat } from '../../src/sessions/book-seat'
import { SessionBookings } from '../../src/sessions/booking'
import { LiveSessions, SessionSeries, type LiveSession } from '../../src/sessions/live-session'
import { decideProposal, openProposals, SessionProposals } from '../../src/sessions/proposal'
import { colleagueLink } from '../../src/academy/session-colleagues'
import { SessionCalendars } from '../../src/sessions/session-calendar'
import { publishedSessions } from '../../src/sessions/shown-sessions'
import { seatPlan } from '../../src/web/charts/seat-plan'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { setTime } from '../kit/clock'
import { happened, runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let stranger: Visitor
let ada: Person
let adasPages: Visitor
let open: Published
let hidden: Published
const harbour = 'harbour.localhost'

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-12-01T09:00:00Z')
  stranger = await anonymous()
  ada = await make.person({ email: 'ada@acme.example', company: { domain: 'acme.example', name: 'Acme' } })
  adasPages = await as(ada)
  open = await make.course({ slug: 'pumps', title: 'Pumps in short' })
  hidden = await make.course({
    slug: 'secret',
    visibility: 'listed-companies',
    companies: ['listed.example'],
  })
  const owner = await make.person({ role: 'admin' })
  await addBrand({ id: 'harbour', academyName: 'Harbour School', hosts: [harbour] }, owner._id)
  const { draft } = await readBrand()
  const { draftNumber } = await readBrand('harbour')
  const content = { ...draft, academyName: 'Harbour School', courses: { topics: ['sales'], slugs: [] } }
  await publishBrand('harbour', await saveBrandDraft('harbour', content, draftNumber), owner._id)
}, 30_000)
afterAll(() => academy.close())
beforeEach(async () => {
  setTime('2026-12-01T09:00:00Z')
  await Promise.all([LiveSessions.deleteMany({}), SessionBookings.deleteMany({})])
  publishedSessions.forget()
})
afterEach(() => setClock())

const thursday = new Date('2026-12-03T15:00:00Z')
const bearings = (given: Partial<LiveSession> = {}, seats = 40) =>
  make.liveSession({ slug: 'bearings', title: 'Ask about bearings', startsAt: thursday, ...given }, seats)
const page = async (visitor: Visitor, path: string) => (await visitor.get(path).expect(200)).text
const words = (html: string) =>
  html
    .replace(/<(script|style)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

/** Marks seats as taken by people that nobody knows. */
async function fill(session: LiveSession, count: number): Promise<Person[]> {
  const people = await Promise.all(Array.from({ length: count }, () => make.person()))
  for (const { _id } of people) await bookSeat(session, _id)
  return people
}

describe('who sees a session', () => {
  test('is whoever sees its course or, without one, whom its visibility lets in, at a brand of its topic', async () => {
    await bearings({ course: open.course })
    await make.liveSession({ slug: 'of-hidden', title: 'Of hidden', course: hidden.course, topic: 'sales' })
    await make.liveSession({ slug: 'members', title: 'For members', visibility: 'signed-in' })
    await make.liveSession({
      ...{ slug: 'theirs', title: 'For theirs', visibility: 'listed-companies' },
      companies: ['listed.example'],
    })
    await make.liveSession({ slug: 'not-acme', title: 'Not for Acme', excludedCompanies: ['acme.example'] })
    await make.liveSession({ slug: 'freight', title: 'For freight', topic: 'sales' })
    await make.liveSession({ slug: 'draft', title: 'A draft', state: 'draft' })
    const listed = await as(
      await make.person({ email: 'li@listed.example', company: { domain: 'listed.example', name: 'L' } }),
    )
    const author = await as(await make.person({ role: 'author' }))
    const slugs = ['bearings', 'of-hidden', 'members', 'theirs', 'not-acme', 'freight', 'draft']
    const visitors = { stranger, ada: adasPages, listed, author }
    const expected: Record<keyof typeof visitors, string[]> = {
      stranger: ['bearings', 'not-acme', 'freight'],
      ada: ['bearings', 'members', 'freight'],
      listed: ['bearings', 'of-hidden', 'members', 'theirs', 'not-acme', 'freight'],
      author: slugs,
    }
    for (const [name, visitor] of Object.entries(visitors)) {
      const list = await page(visitor, '/sessions')
      for (const slug of slugs) {
        const isSeen = expected[name as keyof typeof visitors].includes(slug)
        expect([name, slug, list.includes(`/sessions/${slug}"`)]).toEqual([
          name,
          slug,
          isSeen && slug !== 'draft',
        ])
        for (const part of ['', '/calendar.ics', '/booking', '/materials/none']) {
          const { status } = await visitor.get(`/sessions/${slug}${part}`)
          if (!isSeen) expect([name, slug, part, status]).toEqual([name, slug, part, 404])
        }
        expect((await visitor.get(`/sessions/${slug}`)).status).toBe(isSeen ? 200 : 404)
      }
    }
    // A stranger's answer isn't kept for whoever sees less, nor the other way round.
    await adasPages.get('/sessions/not-acme').expect(404)
    await adasPages.post('/sessions/not-acme/booking').expect(404)
    for (const path of ['/sessions.ics', '/sitemap.xml', '/']) {
      const text = (await stranger.get(path).expect(200)).text
      for (const slug of ['of-hidden', 'members', 'theirs', 'draft']) expect(text).not.toContain(slug)
    }
    const atHarbour = (await stranger.get('/sessions').set('host', harbour).expect(200)).text
    expect(atHarbour).toContain('For freight')
    expect(atHarbour).not.toContain('Ask about bearings')
    await stranger.get('/sessions/bearings').set('host', harbour).expect(404)
    await stranger.get('/sessions/members/cover.png').expect(404)
    await adasPages.get('/sessions/members/cover.png').expect(404)
  })

  test('keeps a seat that someone has, so that they can give it up', async () => {
    const session = await bearings()
    await bookSeat(session, ada._id)
    await LiveSessions.updateOne(
      { _id: session._id },
      { $set: { excludedCompanies: ['acme.example'] }, $inc: { changes: 1 } },
    )
    publishedSessions.forget()
    expect(words(await page(adasPages, '/sessions/bearings'))).toContain('You have a seat')
    await adasPages.post('/sessions/bearings/booking/cancellation').expect(303)
    await adasPages.get('/sessions/bearings').expect(404)
  })
})

test('the address of the meeting is in no page, file, feed, email or event', async () => {
  const session = await bearings({ startsAt: later(now(), minutes(5)), questions: [] })
  await adasPages.post('/sessions/bearings/booking').expect(303)
  await adasPages.post('/learning/calendar').expect(303)
  const feed = /value="[^"]*(\/session-calendars\/[^"]+)"/.exec(
    await page(adasPages, '/learning/calendar'),
  )![1]!
  await runAllDue()
  const paths = [
    ...['/', '/sessions', '/sessions.ics', '/sessions/bearings', '/sessions/bearings/calendar.ics'],
    ...['/learning', '/sitemap.xml', '/courses', '/account/data.json'],
  ]
  for (const visitor of [stranger, adasPages]) {
    for (const path of [...paths, feed])
      expect((await visitor.get(path)).text).not.toContain('meetings.example')
  }
  expect(JSON.stringify([await Emails.find({}), await Events.find({ person: ada._id })])).not.toContain(
    'meetings.example',
  )
  expect(await page(adasPages, '/sessions/bearings')).toContain('href="/sessions/bearings/room"')
  expect(await page(stranger, '/sessions/bearings')).not.toContain('/room')
  expect(session.joinUrl).toBe(make.secretMeeting)
})

describe('the page of a session', () => {
  test('says its time in the reader’s zone and that of the host, its seats, and what happens when', async () => {
    const session = await bearings({
      agenda: [{ minute: 15, text: 'Your trends.' }],
      description: 'Bring **one trend**.',
      hasCaptions: true,
    })
    await fill(session, 3)
    const zone = { cookie: 'time-zone=America%2FNew_York' }
    const html = (await stranger.get('/sessions/bearings').set(zone)).text
    const text = words(html)
    expect(text).toContain('10:00 to 10:45')
    expect(text).toContain('Your time, New York (GMT-5). That’s 16:00 in Oslo, where Ingrid is.')
    expect(text).toContain('10:15 Your trends.')
    expect(text).toContain('37 of 40 seats left')
    expect(html.match(/class="seat-taken"/g)).toHaveLength(3)
    expect(html.match(/class="seat-free"/g)).toHaveLength(37)
    expect(html).toContain('<strong>one trend</strong>')
    const inOslo = words(
      (await stranger.get('/sessions/bearings').set({ cookie: 'time-zone=Europe%2FOslo' })).text,
    )
    expect(inOslo).toContain('16:00 to 16:45')
    expect(inOslo).not.toContain('where Ingrid is')
  })

  test('draws up to 60 seats, and says more in words only', () => {
    expect(seatPlan({ capacity: 60, taken: 0, isOwn: false }, 'x').match(/<i /g)).toHaveLength(60)
    expect(seatPlan({ capacity: 61, taken: 0, isOwn: false }, 'x')).toBe('')
    const own = seatPlan({ capacity: 3, taken: 2, isOwn: true }, 'x')
    expect([...own.matchAll(/class="(seat-\w+)"/g)].map(([, name]) => name)).toEqual([
      ...['seat-taken', 'seat-own', 'seat-free'],
    ])
  })

  test('keeps the time zone that its reader chooses, until they take it back', async () => {
    await bearings()
    const reader = await anonymous()
    expect(await page(reader, '/time-zone?back=/sessions/bearings')).toContain('value="Asia/Tokyo"')
    const chosen = await reader.get('/time-zone/choice?zone=Asia/Tokyo&back=/sessions/bearings').expect(303)
    expect(chosen.headers.location).toBe('/sessions/bearings')
    expect(words(await page(reader, '/sessions/bearings'))).toContain('00:00 to 00:45')
    await reader
      .get('/time-zone/choice?zone=Mars/Base&back=//evil.example')
      .expect(303)
      .expect('location', '/sessions')
    expect(words(await page(reader, '/sessions/bearings'))).toContain('15:00 to 15:45')
  })

  test('tells search engines what it is, where and whether it is on', async () => {
    await bearings()
    const jsonLdAt = async (path: string) =>
      JSON.parse(
        /<script type="application\/ld\+json">(.*?)<\/script>/.exec(await page(stranger, path))![1]!,
      ) as Record<string, unknown>
    expect(await jsonLdAt('/sessions/bearings')).toMatchObject({
      '@type': 'EducationEvent',
      name: 'Ask about bearings',
      startDate: '2026-12-03T15:00:00.000Z',
      endDate: '2026-12-03T15:45:00.000Z',
      eventStatus: 'https://schema.org/EventScheduled',
      eventAttendanceMode: 'https://schema.org/OnlineEventAttendanceMode',
      offers: { price: '0', availability: 'https://schema.org/InStock' },
    })
    const place = { name: 'Test hall', address: 'Neepsend Lane 4, Sheffield', mapUrl: 'https://map.example/' }
    await make.liveSession({
      slug: 'hall',
      kind: 'room',
      place,
      state: 'cancelled',
      price: { amount: 9000, currency: 'EUR' },
    })
    expect(await jsonLdAt('/sessions/hall')).toMatchObject({
      eventStatus: 'https://schema.org/EventCancelled',
      eventAttendanceMode: 'https://schema.org/OfflineEventAttendanceMode',
      location: { '@type': 'Place', name: 'Test hall', address: 'Neepsend Lane 4, Sheffield' },
      offers: { price: '90.00', priceCurrency: 'EUR' },
    })
    const { body, headers } = await stranger.get('/sessions/bearings/cover.png').expect(200)
    expect([headers['content-type'], (body as Buffer).subarray(1, 4).toString()]).toEqual([
      'image/png',
      'PNG',
    ])
    expect(await page(stranger, '/sessions/bearings')).toContain('/sessions/bearings/cover.png?v=0-0')
    expect((await stranger.get('/sitemap.xml')).text).toContain('/sessions/bearings<')
  })

  test('names the parts of a series that the reader sees, and each series has a calendar', async () => {
    const series = await SessionSeries.create({
      slug: 'trends',
      title: 'Trends',
      kind: 'parts',
      certificate: true,
      createdAt: now(),
    })
    await bearings({ series: series._id, part: 1 })
    await make.liveSession({ slug: 'part-2', title: 'Second part', series: series._id, part: 2 })
    await make.liveSession({
      slug: 'part-3',
      title: 'Hidden part',
      series: series._id,
      part: 3,
      visibility: 'signed-in',
    })
    const text = await page(stranger, '/sessions/bearings')
    expect(text).toContain('Second part')
    expect(text).not.toContain('Hidden part')
    expect(words(await page(stranger, '/sessions'))).toMatch(/Second part Part 2 · /)
    const titlesFor = async (visitor: Visitor) =>
      eventsIn((await visitor.get('/sessions/series/trends/calendar.ics').expect(200)).text).map(
        each => each.summary,
      )
    expect(await titlesFor(stranger)).toEqual(['Ask about bearings', 'Second part'])
    expect(await titlesFor(adasPages)).toEqual(['Ask about bearings', 'Second part', 'Hidden part'])
    await stranger.get('/sessions/series/none/calendar.ics').expect(404)
    await stranger.get('/sessions/series/none').expect(404)
    expect((await stranger.get('/sitemap.xml')).text).toContain('/sessions/series/trends<')
    const seriesPage = words(await page(stranger, '/sessions/series/trends'))
    expect(seriesPage).toContain('Second part')
    expect(seriesPage).not.toContain('Hidden part')
    expect(seriesPage).toContain('A training in 2 parts. Book every part that you want to attend.')
  })

  test('every part of a training is booked in one step, but for those that cost or ask something', async () => {
    const series = await SessionSeries.create({
      ...{ slug: 'basics', title: 'Basics', kind: 'parts', createdAt: now() },
    })
    const part = async (number: number, given: Partial<LiveSession> = {}, seats = 5) =>
      make.liveSession({ slug: `basics-${number}`, series: series._id, part: number, ...given }, seats)
    const question = {
      id: 'pump',
      label: 'Which pump?',
      kind: 'text' as const,
      options: [],
      isRequired: true,
    }
    const [first, full] = [await part(1), await part(2, {}, 1)]
    await fill(full, 1)
    await part(3, { price: { amount: 5000, currency: 'EUR' } })
    await part(4, { questions: [question] })
    await part(5, { visibility: 'listed-companies', companies: ['listed.example'] })
    await part(6, { startsAt: later(now(), -days(2)) })
    const last = await part(7)
    const path = '/sessions/series/basics'
    const signUp = '/sign-up?next=%2Fsessions%2Fseries%2Fbasics'
    expect(await page(stranger, path)).toContain(`href="${signUp}"`)
    await stranger.post(`${path}/bookings`).expect(401)
    await adasPages.post('/sessions/series/none/bookings').expect(404)
    await bookSeat(last, ada._id)
    expect(words(await page(adasPages, path))).toContain('Book 2 more parts')
    for (let n = 0; n < 2; n++) await adasPages.post(`${path}/bookings`).expect(303).expect('location', path)
    const html = words(await page(adasPages, path))
    expect(html).toContain('You have a seat in 2 parts. You’re on the wait-list of 1 part.')
    expect(html).not.toContain('Book 2 more parts')
    const own = await SessionBookings.find({ person: ada._id })
    const byState = (state: string) => own.filter(each => each.state === state).map(({ session }) => session)
    expect(byState('booked')).toHaveLength(2)
    expect(byState('waiting')).toEqual([full._id])
    expect(own).toHaveLength(3)
    const aboutFirst = words(await page(adasPages, `/sessions/${first.slug}`))
    expect(aboutFirst).toMatch(/Part 2 .*You’re on the wait-list/)
    // The dates of one session are for choosing one of them.
    await SessionSeries.updateOne({ _id: series._id }, { $set: { kind: 'dates' } })
    await adasPages.post(`${path}/bookings`).expect(404)
    expect(words(await page(await as(await make.person()), path))).not.toContain('Book all')
  })

  test('a series says which of its dates one attended, and leads to its certificate', async () => {
    const series = await SessionSeries.create({
      ...{ slug: 'evenings', title: 'Evenings', kind: 'parts', certificate: true, required: 1 },
      createdAt: now(),
    })
    const first = await bearings({ series: series._id, part: 1 })
    await make.liveSession({ slug: 'next', title: 'Next part', series: series._id, part: 2 })
    await bookSeat(first, ada._id)
    await SessionBookings.updateOne({ session: first._id }, { $set: { outcome: 'attended', minutes: 45 } })
    setTime('2026-12-04T09:00:00Z')
    publishedSessions.forget()
    await certifyAttendance({
      ...{ person: ada._id, subject: series._id, slug: 'evenings', title: 'Evenings', minutes: 45 },
      ...{ attended: { of: 'series', sessions: 1, topic: 'learning', language: 'en' }, signedBy: null },
      issuedAt: now(),
    })
    const html = await page(adasPages, '/sessions/series/evenings')
    expect(words(html)).toContain('Attend 1 part to get the certificate. You’ve attended 1 of 1.')
    expect(words(html)).toMatch(/Upcoming.*Next part.*Past.*Ask about bearings.*You were there/)
    const certificate = /href="(\/certificates\/[^"]+)"/.exec(html)![1]!
    expect(words(await page(stranger, certificate))).toContain('Evenings')
    const others = await page(stranger, '/sessions/series/evenings')
    expect(others).not.toContain('/certificates/')
    expect(words(others)).not.toContain('You were there')
    const past = await page(adasPages, '/sessions/bearings')
    expect(past).toContain('href="/sessions/series/evenings"')
    expect(past).toContain(`href="${certificate}"`)
    expect(await page(stranger, '/sessions/bearings')).not.toContain('/certificates/')
  })
})

describe('the list', () => {
  test('is by day, narrowed by filters, with what is over below it', async () => {
    await bearings({ course: open.course })
    const place = { name: 'Test hall', address: '', mapUrl: '' }
    await make.liveSession({
      slug: 'hall',
      title: 'In the hall',
      kind: 'room',
      place,
      price: { amount: 1, currency: 'EUR' },
    })
    await make.liveSession({ slug: 'deutsch', title: 'Auf Deutsch', language: 'de', topic: 'sales' })
    const materials = [
      { id: 'm', kind: 'recording' as const, title: 'Film', url: 'https://v.example', isPublic: true },
    ]
    await make.liveSession({ slug: 'over', title: 'It is over', startsAt: later(now(), -days(9)), materials })
    const all = await page(stranger, '/sessions')
    for (const title of ['Ask about bearings', 'In the hall', 'Auf Deutsch', 'It is over'])
      expect(all).toContain(title)
    expect(all.match(/class="session-day"/g)).toHaveLength(2)
    const found = async (query: string) => {
      const html = await page(stranger, `/sessions?${query}`)
      return ['bearings', 'hall', 'deutsch', 'over'].filter(slug => html.includes(`href="/sessions/${slug}"`))
    }
    expect(await found('kind=room')).toEqual(['hall'])
    expect(await found('price=free')).toEqual(['bearings', 'deutsch'])
    expect(await found('language=de')).toEqual(['deutsch'])
    expect(await found('topic=sales')).toEqual(['deutsch'])
    expect(await found(`course=${String(open.course)}`)).toEqual(['bearings'])
    expect(await found('when=past')).toEqual(['over'])
    expect(await found('kind=room&language=de')).toEqual([])
    expect(await found('kind=room&kind=online&page=x')).toEqual(['bearings', 'hall', 'deutsch', 'over'])
    for (const path of ['/', '/courses/pumps'])
      expect(await page(stranger, path)).toContain('Ask about bearings')
    expect(await page(stranger, '/courses')).toContain('href="/sessions"')
  })

  test('says what to do while there is nothing, and the menu doesn’t lead there', async () => {
    expect(words(await page(stranger, '/sessions'))).toContain('No live sessions planned right now')
    expect(await page(stranger, '/courses')).not.toContain('href="/sessions"')
    expect(eventsIn((await stranger.get('/sessions.ics').expect(200)).text)).toEqual([])
  })
})

describe('booking', () => {
  test('begins with the account, which leads back to it, and ends with a seat', async () => {
    const session = await bearings()
    expect(await page(stranger, '/sessions/bearings')).toContain(
      '/sign-up?next=%2Fsessions%2Fbearings%2Fbooking',
    )
    await stranger
      .get('/sessions/bearings/booking')
      .expect(303)
      .expect('location', '/sign-up?next=%2Fsessions%2Fbearings%2Fbooking')
    await stranger.post('/sessions/bearings/booking').expect(401)
    // A link books nothing.
    await adasPages.get('/sessions/bearings/booking').expect(303).expect('location', '/sessions/bearings')
    expect(await SessionBookings.exists({ person: ada._id })).toBe(false)
    for (let n = 0; n < 2; n++) await adasPages.post('/sessions/bearings/booking').expect(303)
    const html = await page(adasPages, '/sessions/bearings')
    expect(words(html)).toContain('You have a seat')
    expect(words(html)).toContain('You can join here from 14:45.')
    expect(html).toContain('class="seat-own"')
    expect(html).not.toContain('/room')
    const booked = await Events.find({ person: ada._id, name: 'session.booked' })
    const ofThis = booked.filter(({ data }) => (data as { session: string }).session === String(session._id))
    expect(ofThis).toHaveLength(1)
    expect(words(await page(adasPages, '/learning'))).toContain('Ask about bearings')
  })

  test('asks the session’s questions, keeps what was typed, and refuses an answer that isn’t one', async () => {
    await bearings({
      questions: [
        {
          id: 'panel',
          label: 'Which panel?',
          kind: 'choice',
          options: ['Panel 5', 'Panel 7'],
          isRequired: true,
        },
        { id: 'why', label: 'Why do you come?', kind: 'text', options: [], isRequired: false },
      ],
    })
    expect(await page(adasPages, '/sessions/bearings')).toContain('href="/sessions/bearings/booking"')
    expect(await page(adasPages, '/sessions/bearings/booking')).toContain('Which panel?')
    const refused = await adasPages
      .post('/sessions/bearings/booking', { 'answer-why': 'To <ask>', 'answer-panel': 'Panel 9' })
      .expect(422)
    expect(refused.text).toContain('Choose one of the answers.')
    expect(refused.text).toContain('value="To &lt;ask&gt;"')
    await adasPages
      .post('/sessions/bearings/booking', { 'answer-why': 'x'.repeat(501), 'answer-panel': 'Panel 7' })
      .expect(422)
    await adasPages.post('/sessions/bearings/booking', {}).expect(422)
    expect(await SessionBookings.exists({ person: ada._id })).toBe(false)
    await adasPages.post('/sessions/bearings/booking', { 'answer-panel': 'Panel 7', other: 'x' }).expect(303)
    expect((await SessionBookings.findOne({ person: ada._id }))?.answers).toEqual({ panel: 'Panel 7' })
  })

  test('can be undone, and its undoing too while a seat is free', async () => {
    const session = await bearings({}, 2)
    await adasPages.post('/sessions/bearings/booking').expect(303)
    await adasPages.post('/sessions/bearings/booking/cancellation').expect(303)
    const html = await page(adasPages, '/sessions/bearings')
    expect(words(html)).toContain('Your seat is free again.')
    expect(html).toContain('action="/sessions/bearings/booking/restoration"')
    await adasPages.post('/sessions/bearings/booking/restoration').expect(303)
    expect((await SessionBookings.findOne({ person: ada._id }))?.state).toBe('booked')
    await fill(session, 2)
    await adasPages.post('/sessions/bearings/booking/cancellation').expect(303)
    const after = await page(adasPages, '/sessions/bearings')
    expect(after).not.toContain('restoration')
    expect(words(after)).toContain('Others are waiting for it, so this can’t be undone.')
    expect(await happened(ada)).toEqual(expect.arrayContaining(['session.booking_cancelled']))
  })

  test('a full session has a wait-list, which says one’s place and how far it went before', async () => {
    const series = (
      await SessionSeries.create({ slug: 'dates', title: 'Dates', kind: 'dates', createdAt: now() })
    )._id
    for (const [n, lastSeated] of [2, 1].entries()) {
      const before = await make.liveSession({ series, startsAt: later(now(), -days(30 + n)) }, 1)
      for (const place of [1, 2, 3]) {
        const { _id } = await make.person()
        await SessionBookings.create({
          ...{ _id: `${before._id}:${_id}`, session: before._id, person: _id, number: 1, bookedAt: now() },
          ...{ firstPlace: place, state: place <= lastSeated ? 'booked' : 'waiting', dueAt: null },
        })
      }
    }
    const session = await bearings({ series }, 1)
    const [holder] = await fill(session, 2)
    expect(words(await page(stranger, '/sessions/bearings'))).toContain(
      '1 person is waiting. You’d be number 2. Number 2 got a seat 1 of the last 2 times. Join the wait-list',
    )
    await adasPages.post('/sessions/bearings/booking').expect(303)
    expect(words(await page(adasPages, '/sessions/bearings'))).toContain('You’re number 2')
    const others = await as(holder!)
    await others.post('/sessions/bearings/booking/cancellation').expect(303)
    expect(words(await page(adasPages, '/sessions/bearings'))).toContain('You’re number 1')
    const waiting = (await SessionBookings.find({ session: session._id, state: 'offered' }))[0]!
    await (await as({ _id: waiting.person })).post('/sessions/bearings/booking/cancellation').expect(303)
    const offer = await page(adasPages, '/sessions/bearings')
    expect(words(offer)).toContain('Claim it by Tuesday 1 December at 21:00 UTC.')
    expect(offer).toContain('action="/sessions/bearings/booking/claim"')
    await (await as(await make.person())).post('/sessions/bearings/booking/claim').expect(409)
    await adasPages.post('/sessions/bearings/booking/claim').expect(303)
    expect(words(await page(adasPages, '/sessions/bearings'))).toContain('You have a seat')
  })

  test('a full session that is recorded and free offers the recording instead, which comes afterwards', async () => {
    const cleo = await make.person()
    const visitor = await as(cleo)
    const material = { id: 'all', kind: 'recording' as const, title: 'All of it', isPublic: false }
    const materials = [{ ...material, url: 'https://video.example/all' }]
    const session = await bearings({ isRecorded: true, materials }, 1)
    await fill(session, 1)
    const opened = () => visitor.get('/sessions/bearings/materials/all')
    await opened().expect(404)
    expect(await page(visitor, '/sessions/bearings')).toContain('action="/sessions/bearings/recording"')
    await visitor.post('/sessions/bearings/recording').expect(303)
    await visitor.post('/sessions/bearings/recording').expect(303)
    expect(await page(visitor, '/sessions/bearings')).toContain('You get the recording by email afterwards')
    expect(await SessionBookings.count({ session: session._id })).toBe(2)
    await opened().expect(303)
    setTime('2026-12-04T15:00:00Z')
    await sendMaterials(session, { attended: '', missed: 'Watch from minute 12.' })
    await runAllDue()
    await runAllDue()
    const email = await Emails.findOne({ person: cleo._id, subject: /^What you missed/ })
    expect(email?.text).toContain('Watch from minute 12.')
    setTime('2026-12-01T09:00:00Z')
    const bought = await bearings(
      { slug: 'bought', isRecorded: true, price: { amount: 900, currency: 'EUR' } },
      1,
    )
    await fill(bought, 1)
    expect(await page(visitor, '/sessions/bought')).not.toContain('/sessions/bought/recording')
    await visitor.post('/sessions/bought/recording').expect(409)
  })

  test('is closed for a draft, a session that was cancelled and one that is over', async () => {
    await bearings({ state: 'cancelled', cancellation: { because: 'host', text: 'Ingrid is ill.' } })
    expect(words(await page(stranger, '/sessions/bearings'))).toContain('Ingrid is ill.')
    await make.liveSession({ slug: 'over', startsAt: later(now(), -hours(5)) })
    const author = await as(await make.person({ role: 'author' }))
    await make.liveSession({ slug: 'draft', state: 'draft' })
    expect(words(await page(author, '/sessions/draft'))).toContain('Only your team sees this page.')
    for (const slug of ['bearings', 'over', 'draft']) {
      expect(await page(author, `/sessions/${slug}`)).not.toContain(`action="/sessions/${slug}/booking"`)
      await author.post(`/sessions/${slug}/booking`).expect(409)
    }
  })
})

/** What ical.js reads in each event of a file. */
function eventsIn(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown[])
  return calendar.getAllSubcomponents('vevent').map(each => ({
    ...{ method: calendar.getFirstPropertyValue('method'), uid: each.getFirstPropertyValue('uid') },
    ...{ status: each.getFirstPropertyValue('status'), sequence: each.getFirstPropertyValue('sequence') },
    ...{ summary: each.getFirstPropertyValue('summary'), place: each.getFirstPropertyValue('location') },
    start: String(each.getFirstPropertyValue('dtstart')),
    attendee: each.getFirstPropertyValue('attendee'),
  }))
}

describe('calendars', () => {
  test('have one event for ever: public, an invitation for who has a seat, and cancelled ones stay', async () => {
    const session = await bearings()
    const uid = `session-${String(session._id)}`
    const [event] = eventsIn((await stranger.get('/sessions/bearings/calendar.ics').expect(200)).text)
    expect(event).toMatchObject({ method: 'PUBLISH', uid, status: 'CONFIRMED', sequence: 0, attendee: null })
    expect(event).toMatchObject({ start: '2026-12-03T15:00:00Z', summary: 'Ask about bearings' })
    expect(event!.place).toMatch(/\/sessions\/bearings$/)
    await adasPages.post('/sessions/bearings/booking').expect(303)
    const [own] = eventsIn((await adasPages.get('/sessions/bearings/calendar.ics').expect(200)).text)
    expect(own).toMatchObject({ method: 'REQUEST', uid, attendee: 'MAILTO:ada@acme.example' })
    await adasPages.post('/learning/calendar').expect(303)
    const address = async () =>
      /value="[^"]*(\/session-calendars\/[^"]+)"/.exec(await page(adasPages, '/learning/calendar'))?.[1]
    const first = (await address())!
    const readFeed = async (path: string) => eventsIn((await stranger.get(path).expect(200)).text)
    expect(await readFeed(first)).toMatchObject([{ uid, status: 'CONFIRMED', attendee: null }])
    const cancelled = { state: 'cancelled' as const, sequence: 1 }
    await LiveSessions.updateOne({ _id: session._id }, { $set: cancelled })
    publishedSessions.forget()
    for (const path of [first, '/sessions.ics']) {
      expect(await readFeed(path)).toMatchObject([{ uid, status: 'CANCELLED', sequence: 1 }])
    }
    await adasPages.post('/learning/calendar/rotation', { number: 1 }).expect(303)
    await adasPages.post('/learning/calendar/rotation', { number: 1 }).expect(303)
    const second = (await address())!
    expect(second).not.toBe(first)
    await stranger.get(first).expect(404)
    await stranger.get(second).expect(200)
    await stranger.get(`${second}x`).expect(404)
    await adasPages.post('/learning/calendar/removal', { number: 2 }).expect(303)
    await stranger.get(second).expect(404)
    expect(await address()).toBeUndefined()
    await adasPages.post('/learning/calendar/removal', {}).expect(404)
  })
})

describe('afterwards', () => {
  test('those who had a seat open everything, and others what is public; that they did is recorded once', async () => {
    const session = await bearings({
      materials: [
        { id: 'film', kind: 'recording', title: 'The film', url: 'https://v.example/film', isPublic: true },
        {
          id: 'slides',
          kind: 'slides',
          title: 'The slides',
          url: 'https://v.example/slides',
          isPublic: false,
        },
      ],
    })
    await bookSeat(session, ada._id)
    await SessionBookings.updateOne(
      { person: ada._id },
      { $set: { outcome: 'attended', minutes: 40, dueAt: null } },
    )
    setTime('2026-12-04T09:00:00Z')
    publishedSessions.forget()
    const public_ = await page(stranger, '/sessions/bearings')
    expect([public_.includes('The film'), public_.includes('The slides')]).toEqual([true, false])
    expect(words(public_)).toContain('People who had a seat find more here.')
    await stranger
      .get('/sessions/bearings/materials/film')
      .expect(303)
      .expect('location', 'https://v.example/film')
    await stranger.get('/sessions/bearings/materials/slides').expect(404)
    await (await as(await make.person())).get('/sessions/bearings/materials/slides').expect(404)
    const own = words(await page(adasPages, '/sessions/bearings'))
    for (const each of ['The film', 'The slides', 'You were there for 40 minutes.'])
      expect(own).toContain(each)
    expect(words(await page(adasPages, '/learning'))).toContain('The slides')
    for (let n = 0; n < 2; n++) await adasPages.get('/sessions/bearings/materials/slides').expect(303)
    const opened = await Events.find({ person: ada._id, name: 'session.materials_opened' })
    expect(opened.map(({ data }) => data)).toMatchObject([
      { kind: 'slides', attended: true, title: 'Ask about bearings' },
    ])
  })

  test('a colleague who books from a link counts for who sent it, and nobody else does', async () => {
    const session = await bearings()
    await bookSeat(session, ada._id)
    const link = /value="[^"]*(\/sessions\/bearings\?via=[^"]+)"/.exec(
      await page(adasPages, '/sessions/bearings'),
    )![1]!
    const bookFrom = async (person: Person) => {
      const visitor = await as(person)
      await visitor.get(link).expect(303).expect('location', '/sessions/bearings')
      await visitor.post('/sessions/bearings/booking').expect(303)
    }
    const company = { domain: 'acme.example', name: 'Acme' }
    await bookFrom(await make.person({ email: 'bo@other.example' }))
    expect(await happened(ada)).not.toContain('colleague.active')
    await bookFrom(await make.person({ email: 'cy@acme.example', company }))
    expect((await happened(ada)).filter(name => name === 'colleague.active')).toHaveLength(1)
    // It shows nothing that the page doesn't.
    await stranger.get(link).expect(303)
    await stranger.get('/sessions/bearings?via=forged.link').expect(303)
    expect(await page(await anonymous(), '/sessions/bearings')).not.toContain('acme')
    // Guessed, for another session, or of someone whose account is gone, it counts for nobody.
    const other = await bearings({ slug: 'seals', title: 'Ask about seals' })
    await bookSeat(other, ada._id)
    const [signed = ''] = /\?via=.*$/.exec(link) ?? []
    const guesses = [`?via=${String(ada._id)}.${'A'.repeat(43)}`, `?via=${String(ada._id)}`, signed]
    for (const [n, guess] of guesses.entries()) {
      const dee = await as(await make.person({ email: `dee-${n}@acme.example`, company }))
      const opened = await dee.get(`/sessions/seals${guess}`).expect(303)
      expect(String(opened.headers['set-cookie'])).not.toContain('session-colleague')
      await dee.post('/sessions/seals/booking').expect(303)
    }
    expect((await happened(ada)).filter(name => name === 'colleague.active')).toHaveLength(1)
    const gone = await make.person({ email: 'gone@acme.example', company })
    await bookSeat(session, gone._id)
    const goneLink = colleagueLink('', session, gone)
    await erasePerson(gone._id)
    await runAllDue()
    const eve = await as(await make.person({ email: 'eve@acme.example', company }))
    await eve.get(goneLink).expect(303)
    await eve.post('/sessions/bearings/booking').expect(303)
    expect(await happened(gone)).not.toContain('colleague.active')
    // Of a session that isn't shown to someone, it says nothing.
    await LiveSessions.updateOne(
      { _id: session._id },
      { $set: { visibility: 'listed-companies', companies: ['acme.example'] }, $inc: { changes: 1 } },
    )
    publishedSessions.forget()
    const refused = await stranger.get(link).expect(404)
    expect(String(refused.headers['set-cookie'])).not.toContain('session-colleague')
  })
})

describe('proposals', () => {
  test('come from who has completed a course, one about each, and the team decides', async () => {
    expect(words(await page(adasPages, '/sessions/proposals/new'))).toContain(
      'once you’ve completed a course',
    )
    const typed = { course: 'pumps', kind: 'session', title: 'Trends at night', text: 'I bring three.' }
    await adasPages.post('/sessions/proposals', typed).expect(404)
    await enrol({ person: ada._id, published: open, paid: false })
    await Enrolments.updateOne({ person: ada._id }, { $set: { completedAt: now() } })
    const refused = await adasPages
      .post('/sessions/proposals', { ...typed, kind: 'party', title: '' })
      .expect(422)
    expect(refused.text).toContain('I bring three.')
    await adasPages.post('/sessions/proposals', { ...typed, course: 'secret' }).expect(422)
    for (let n = 0; n < 2; n++) await adasPages.post('/sessions/proposals', typed).expect(303)
    await adasPages.post('/sessions/proposals', { ...typed, title: 'Another' }).expect(409)
    const [proposal] = await openProposals()
    expect(proposal).toMatchObject({ title: 'Trends at night', kind: 'session', state: 'open' })
    const by = (await make.person({ role: 'author' }))._id
    for (let n = 0; n < 2; n++)
      await decideProposal(proposal!, { state: 'accepted', answer: 'In March.' }, by)
    await expect(decideProposal(proposal!, { state: 'declined', answer: '' }, by)).rejects.toThrow()
    const own = words(await page(adasPages, '/sessions/proposals/new'))
    for (const each of ['Trends at night', 'Accepted', 'In March.']) expect(own).toContain(each)
    await adasPages.post('/sessions/proposals', { ...typed, title: 'Another' }).expect(303)
    expect(await openProposals()).toMatchObject([{ title: 'Another', number: 2 }])
  })

  test('nobody proposes without end, and nobody decides from outside the team', async () => {
    const bea = await make.person()
    const beas = await as(bea)
    await enrol({ person: bea._id, published: open, paid: false })
    await Enrolments.updateOne({ person: bea._id }, { $set: { completedAt: now() } })
    const typed = { course: 'pumps', kind: 'group', title: '<b>Trends</b>', text: 'I bring three.' }
    await stranger.post('/sessions/proposals', typed).expect(401)
    await beas.post('/sessions/proposals', { ...typed, title: 'x'.repeat(121) }).expect(422)
    await beas.post('/sessions/proposals', { ...typed, text: 'x'.repeat(2001) }).expect(422)
    await beas.post('/sessions/proposals', { ...typed, course: ['pumps', 'secret'] }).expect(422)
    const others = await SessionProposals.count({ state: 'open' })
    const crowd = Array.from({ length: 200 - others }, (_, n) => ({
      ...{
        _id: `${String(open.course)}:crowd-${n}`,
        person: bea._id,
        course: open.course,
        kind: 'group' as const,
      },
      ...{ title: 'One more', text: 'Again.', createdAt: now() },
    }))
    for (const each of crowd) await SessionProposals.create(each)
    const full = await beas.post('/sessions/proposals', typed).expect(409)
    expect(full.text).toContain('I bring three.')
    await SessionProposals.deleteMany({ title: 'One more' })
    await beas.post('/sessions/proposals', typed).expect(303)
    const entry = `/studio/sessions/proposals/${String(open.course)}:${String(bea._id)}`
    const accept = { decision: 'accepted', number: '1' }
    for (const role of ['prospect', 'sales', 'sales-lead'] as const) {
      const visitor = await as(await make.person({ role }))
      await visitor.get('/studio/sessions/proposals').expect(403)
      await visitor.post(entry, accept).expect(403)
    }
    const author = await as(await make.person({ role: 'author' }))
    expect(await page(author, '/studio/sessions/proposals')).toContain('&lt;b&gt;Trends&lt;/b&gt;')
    await author.post(entry, { decision: 'published', number: '1' }).expect(422)
    await author.post(entry, { ...accept, number: 'one' }).expect(422)
    // What was seen was another one.
    await author.post(entry, { ...accept, number: '2' }).expect(409)
    expect(await LiveSessions.count({ state: 'draft' })).toBe(0)
    await SessionProposals.deleteMany({ person: bea._id })
    for (let n = 0; n < 6; n++) await beas.post('/sessions/proposals', { ...typed, course: 'none' })
    await beas.post('/sessions/proposals', typed).expect(429)
  })

  test('bookings, proposals and the calendar’s address are in one’s own data, and go with the account', async () => {
    await adasPages.post('/learning/calendar').expect(303)
    const data = JSON.parse((await adasPages.get('/account/data.json').expect(200)).text) as Record<
      string,
      unknown
    >
    expect(data.sessionProposals).toMatchObject([{ title: 'Another' }])
    expect(data.sessionCalendar).toMatchObject({ isOn: true })
    await erasePerson(ada._id)
    await runAllDue()
    expect(await SessionProposals.exists({ person: ada._id })).toBe(false)
    expect(await SessionCalendars.exists({ _id: ada._id })).toBe(false)
  })
})
