import mongoose, { Types } from 'mongoose'
import { Events } from '../../src/events/event'
import type { EventName } from '../../src/events/definitions'
import { record } from '../../src/events/record'
import { Leads } from '../../src/leads/lead'
import { salesInterestIn } from '../../src/leads/lead-state'
import { runReplays } from '../../src/leads/run-scoring-replay'
import {
  cancelReplay,
  latestReplayOf,
  purgeOldReplays,
  ReplayMoves,
  replaysAbout,
  ScoringReplays,
  startReplay,
} from '../../src/leads/scoring-replay'
import { runSuggestions, ScoringSuggestions, startSuggestion } from '../../src/leads/scoring-suggestion'
import { erasePerson } from '../../src/people/erase-person'
import { objectToMarketing } from '../../src/people/object-to-marketing'
import { pauseSharing } from '../../src/people/pause-sharing'
import { People, type Person } from '../../src/people/person'
import { days, hours, later, minutes, now } from '../../src/platform/clock'
import { explainScore } from '../../src/scoring/explain'
import { readHistories, type History } from '../../src/scoring/histories'
import { holdOutGroupOf, placeByChance, type HoldOutGroup } from '../../src/scoring/hold-out'
import { modelDraft, saveModelDraft } from '../../src/scoring/model-draft'
import { activeModel, hashOfModel, Models } from '../../src/scoring/model'
import type { ModelContent } from '../../src/scoring/model-content'
import { replayModelOf, replayPerson } from '../../src/scoring/replay'
import { computeScore } from '../../src/scoring/rules'
import { evaluate } from '../../src/scoring/score-person'
import { exampleOf, pointsAtHandOff, suggestModel } from '../../src/scoring/suggestion'
import { drainQueue } from '../../src/worker'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let saleslead: Visitor
/** Qualifies and cools; qualifies by a request; asked once; a private learner. */
let [ada, ben, cy, dee]: Person[] = []
const page = '/admin/scoring-model/replays'

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-06-01T09:00:00Z')
  await make.person({ role: 'sales', name: 'Petra Novotná' })
  saleslead = await as(await make.person({ role: 'sales-lead', name: 'Idris Bello' }))
  const head = { title: 'Head of Enablement' }
  ada = await signedUp({ ...head, name: 'Ada Lind' })
  ben = await signedUp({ title: null, name: 'Ben Weiss' })
  cy = await signedUp({ ...head, name: 'Cy Haddad' })
  dee = await signedUp({ ...head, name: 'Dee Kowal', consents: [] })
  await happen(ada, 'course.completed', 'question.asked', 'question.asked')
  await happen(cy, 'course.completed', 'question.asked')
  await happen(dee, 'course.completed', 'question.asked')
  advance(hours(2))
  await happen(ada, 'pricing.viewed', 'pricing.viewed', 'pricing.viewed', 'plans.compared')
  await happen(ada, 'plans.compared', 'certificate.issued')
  await happen(ben, 'contact.requested')
  await happen(cy, 'pricing.viewed', 'pricing.viewed', 'plans.compared', 'certificate.issued')
  for (let day = 0; day < 5; day++) {
    advance(days(1))
    await runAllDue()
  }
  await pauseSharing(ben!._id)
  await runAllDue()
  advance(days(30))
  await runAllDue()
})
afterAll(() => academy.close())

async function signedUp(given: Partial<Person>): Promise<Person> {
  const person = await make.person(given)
  await record({
    name: 'person.signed_up',
    person: person._id,
    idempotencyKey: [],
    data: { how: 'password' },
  })
  return person
}

const course = new Types.ObjectId()
const dataOf = {
  'course.completed': { revision: 'r', title: 'Pumps', topics: [] },
  'question.asked': { text: 'Private words', lesson: null, title: null },
  'pricing.viewed': { seconds: 60 },
  'plans.compared': { seconds: 60 },
  'certificate.issued': { certificate: 'c', title: 'Pumps' },
  'contact.requested': { kind: 'demo', text: '', title: null },
} satisfies { [N in EventName]?: object }
let serial = 0

async function happen(person: Person | undefined, ...names: (keyof typeof dataOf)[]): Promise<void> {
  for (const name of names) {
    const about = { person: person!._id, course, idempotencyKey: [++serial], data: dataOf[name] as never }
    await record({ name, ...about })
  }
  await runAllDue()
}

const withWeight = (content: ModelContent, id: string, weight: number): ModelContent => ({
  ...content,
  rules: content.rules.map(rule => (rule.id === id ? { ...rule, weight, cap: 60 } : rule)),
})

async function histories(): Promise<History[]> {
  const all: History[] = []
  for await (const portion of readHistories([])) all.push(...portion)
  return all
}

async function replay(content: ModelContent) {
  const draft = { content, hash: hashOfModel(content) }
  const id = await startReplay({ by: course, active: await activeModel(), draft, capacity: 2 })
  await drainQueue(runReplays)
  return (await ScoringReplays.findById(id))!
}

test('everyone who agrees to scoring is read, with all that a score needs, and nobody else', async () => {
  const eve = await signedUp({ name: 'Eve' })
  await objectToMarketing(eve._id)
  const read = await histories()
  expect(read.map(({ person }) => person._id)).toEqual([ada!._id, ben!._id, cy!._id])
  expect(JSON.stringify(read)).not.toMatch(/Private words|Lind|@/)
  const model = await activeModel()
  for (const { person, ledger, circumstances } of read) {
    const { scored } = evaluate(person, ledger, model, circumstances, now())
    expect(scored.points).toBeCloseTo((await explainScore(person._id, now()))!.engagement, 9)
  }
})

test('under the model that was active, a replay finds the hand-offs that happened', async () => {
  const model = replayModelOf((await activeModel()).content)
  let changes = 0
  for (const history of await histories()) {
    const happened = history.ledger
      .filter(({ name }) => name === 'lead.qualified' || name === 'lead.disqualified')
      .map(({ data }) => ('trigger' in data ? data.trigger : (data as { reason: string }).reason))
    const { handOffs } = replayPerson(history, model, salesInterestIn, { until: now() })
    const replayed = handOffs.flatMap(({ trigger, ended }) => (ended ? [trigger, ended.reason] : [trigger]))
    expect(replayed).toEqual(happened)
    const first = history.ledger.find(({ name }) => name === 'lead.qualified')
    expect(handOffs[0]?.at).toEqual(first?.at)
    changes += happened.length
  }
  expect(changes).toBe(4)
})

test('a draft that is the active model changes nobody, tells nobody, and is the same twice', async () => {
  const { content } = await activeModel()
  const before = await Events.count({})
  const [once, again] = [await replay(content), await replay(content)]
  expect(once).toMatchObject({ state: 'finished', progress: { people: 3, of: 3 } })
  expect(once.report).toMatchObject({ people: 3, moves: [], changes: [], missed: { people: 0, money: [] } })
  expect(once.report!.weeks.map(({ active }) => active).slice(0, 2)).toEqual([2, 0])
  expect(JSON.stringify(again.report)).toBe(JSON.stringify(once.report))
  expect(once.reps!.map(({ active, draft }) => [active[0], draft[0]])).toEqual([[2, 2]])
  expect(await ReplayMoves.count({ replay: once._id })).toBe(0)
  expect(await Events.count({})).toBe(before)
})

test('a heavier question names who would newly qualify, by its rule, on pages of their own', async () => {
  const { base, draftNumber } = await modelDraft()
  await saveModelDraft(withWeight(base.content, 'questionAsked', 24), draftNumber, course)
  const { location } = (await saleslead.post(page).expect(303)).headers as { location: string }
  const running = await saleslead.get(location).expect(200)
  expect(running.text).toContain('Starting…')
  expect(running.text).toContain('Cancel replay')
  // A second press is the same replay.
  await saleslead.post(page).expect(303).expect('location', location)
  await runAllDue()
  const finished = await saleslead.get(location).expect(200)
  expect(finished.text).toContain('Question asked, changed')
  expect(finished.text).toContain('of 3 people, scored under v1 and v2')
  expect(finished.text).toContain('<b>1 would newly qualify and 0 would drop out.</b>')
  const link = /href="([^"]*direction=in&amp;rule=[^"]*)"/.exec(finished.text)![1]!.replace('&amp;', '&')
  const people = await saleslead.get(link).expect(200)
  expect(people.text).toContain('Cy Haddad')
  expect(people.text).toContain('Question asked: 1 event, on the same day')
  expect(people.text).not.toContain('Ada Lind')
  const { hash } = await modelDraft()
  expect(location).toBe(`${page}/${(await latestReplayOf(hash))!._id}`)
  // Who stops sharing keeps their row, and has no name.
  await People.updateOne({ _id: cy!._id }, { $set: { sharingPausedAt: now() } })
  expect((await saleslead.get(link)).text).not.toContain('Cy Haddad')
  await People.updateOne({ _id: cy!._id }, { $set: { sharingPausedAt: null } })
})

test('a number of leads that is none is refused with what was typed', async () => {
  const finished = (await latestReplayOf((await modelDraft()).hash))!
  const again = { replay: String(finished._id), capacity: '2.5' }
  const refused = await saleslead.post(page, again).expect(422)
  expect(refused.text).toContain('Enter a whole number from 1 to 10,000')
  expect(refused.text).toContain('value="2.5"')
  await saleslead.post(page, { capacity: '0' }).expect(422)
})

test('what a sales lead sets as the capacity holds for every replay, until the field is emptied', async () => {
  const { _id } = (await latestReplayOf((await modelDraft()).hash))!
  const capacityAfter = async (form: Record<string, unknown>) => {
    const { location } = (await saleslead.post(page, form).expect(303)).headers as { location: string }
    await runAllDue()
    return (await ScoringReplays.findById(location.split('/').at(-1)))!.capacity
  }
  expect(await capacityAfter({ replay: String(_id), capacity: '17' })).toBe(17)
  expect(await capacityAfter({})).toBe(17)
  expect((await saleslead.get(`${page}/${_id}`)).text).toContain('use the limits in routing: 3 a week')
  expect(await capacityAfter({ replay: String(_id), capacity: '' })).toBe(3)
  expect(await capacityAfter({})).toBe(3)
})

test('of replays that are started at the same instant, one runs', async () => {
  const { content } = await modelDraft()
  const active = await activeModel()
  const draft = { content, hash: hashOfModel(content) }
  const ids = await Promise.all(
    Array.from({ length: 6 }, () => startReplay({ by: course, active, draft, capacity: 66 })),
  )
  expect(new Set(ids.map(String)).size).toBe(1)
  const others = await Promise.all(
    [61, 62].map(capacity => startReplay({ by: course, active, draft, capacity })),
  )
  expect(await ScoringReplays.count({ state: 'running' })).toBe(1)
  await drainQueue(runReplays)
  expect(await ScoringReplays.count({ _id: { $in: others }, state: 'finished' })).toBe(1)
})

test('after 90 days a replay is deleted with its rows, unless a version was published with it', async () => {
  const finished = await ScoringReplays.find({ state: 'finished' }).sort({ at: 1 })
  const kept = finished[0]!
  const content = (await activeModel()).content
  await Models.insertOnce({
    ...{
      _id: 99,
      status: 'retired',
      hash: hashOfModel(content),
      content,
      createdAt: now(),
      activeSince: null,
    },
    publication: { reason: 'r', by: null, comparison: String(kept._id) },
  })
  const row = { outcome: 'open' as const, at: now(), active: 1, draft: 2, events: 0 }
  const moved = { replay: finished[1]!._id, person: ada!._id, direction: 'out' as const, change: 'rules:x' }
  await ReplayMoves.create({ _id: `${moved.replay}:${ada!._id}`, ...moved, ...row })
  const before = now()
  advance(days(91))
  await purgeOldReplays()
  expect((await ScoringReplays.find({})).map(({ _id }) => String(_id))).toEqual([String(kept._id)])
  expect(await ReplayMoves.exists({ replay: moved.replay })).toBe(false)
  await Models.deleteOne({ _id: 99 })
  setTime(before)
  await replay((await modelDraft()).content)
})

test('a replay that is cancelled stops, also in the middle, and leaves nothing', async () => {
  const { content } = await modelDraft()
  const draft = { content, hash: hashOfModel(content) }
  const id = await startReplay({ by: course, active: await activeModel(), draft, capacity: 77 })
  const run = (await runReplays.take())!
  const ran = run()
  await saleslead.post(`${page}/${id}/cancellation`).expect(303)
  await ran
  expect(await ScoringReplays.findById(id)).toMatchObject({ state: 'cancelled', report: null, dueAt: null })
  expect(await ReplayMoves.count({ replay: id })).toBe(0)
  expect((await saleslead.get(`${page}/${id}`).expect(200)).text).toContain('This replay was cancelled')
  await saleslead.get(`${page}/${id}/people?direction=in`).expect(404)
  expect(await cancelReplay(id)).toBe(false)
})

test('a replay whose process was killed starts again, and counts nobody twice', async () => {
  const { content } = await modelDraft()
  const draft = { content, hash: hashOfModel(content) }
  const id = await startReplay({ by: course, active: await activeModel(), draft, capacity: 78 })
  // The process that took it and wrote a row is gone.
  const row = { outcome: 'open' as const, at: now(), active: 1, draft: 2, events: 0 }
  const moved = { replay: id, person: ben!._id, direction: 'out' as const, change: 'rules:x' }
  await ReplayMoves.create({ _id: `${id}:${ben!._id}`, ...moved, ...row })
  await ScoringReplays.updateOne({ _id: id }, { leaseToken: 'gone', leaseUntil: later(now(), minutes(1)) })
  await drainQueue(runReplays)
  expect(await ScoringReplays.findById(id)).toMatchObject({ state: 'running' })
  advance(minutes(2))
  await drainQueue(runReplays)
  expect(await ScoringReplays.findById(id)).toMatchObject({ state: 'finished', progress: { people: 3 } })
  // A button that was pressed too late takes nothing from the report.
  await saleslead.post(`${page}/${id}/cancellation`).expect(303)
  const rows = await ReplayMoves.find({ replay: id })
  expect(rows.map(({ person, direction }) => [String(person), direction])).toEqual([[String(cy!._id), 'in']])
})

test('another draft takes the place of the replay under way', async () => {
  const { content } = await activeModel()
  const start = (capacity: number) => async () =>
    startReplay({ by: course, active: await activeModel(), draft: { content, hash: 'h' }, capacity })
  const [first, second] = [await start(5)(), await start(6)()]
  expect(await ScoringReplays.findById(first)).toMatchObject({ state: 'cancelled' })
  await drainQueue(runReplays)
  expect(await ScoringReplays.findById(second)).toMatchObject({ state: 'finished' })
})

test('only sales leads and administrators see replays, and only those that exist', async () => {
  const { _id } = (await latestReplayOf((await modelDraft()).hash))!
  const [stranger, rep] = [await anonymous(), await as(await make.person({ role: 'sales' }))]
  await as(await make.person({ role: 'admin' })).then(admin => admin.get(`${page}/${_id}`).expect(200))
  for (const path of [`${page}/${_id}`, `${page}/${_id}/people?direction=in`]) {
    await stranger.get(path).expect(303)
    await rep.get(path).expect(403)
  }
  await stranger.post(page).expect(401)
  await rep.post(page).expect(403)
  await rep.post(`${page}/${_id}/cancellation`).expect(403)
  for (const path of [
    `${page}/${new Types.ObjectId()}`,
    `${page}/none`,
    `${page}/${_id}/people`,
    `${page}/${_id}/people?direction=up`,
    `${page}/${_id}/people?direction=in&rule=rules:none`,
    `${page}/${_id}/people?direction=in&outcome=sold`,
  ]) {
    await saleslead.get(path).expect(404)
  }
})

test('a suggestion learns from what was known at the hand-off, and from whether that lead bought', async () => {
  const { content } = await activeModel()
  const history = (await histories()).find(({ person }) => person._id.equals(ada!._id))!
  const handOff = history.ledger.find(({ name }) => name === 'lead.qualified')!
  const inTime = later(handOff.at, days(90))
  const example = exampleOf(history, content, inTime)!
  expect(example).toMatchObject({ at: handOff.at.getTime(), isWon: false })
  const known = computeScore(history.ledger, content, handOff.at)
  expect(pointsAtHandOff(example, content)).toBeCloseTo(known.points, 9)
  expect(exampleOf(history, content, later(inTime, -1))).toBeNull()
  const withEvent = (name: EventName, at: Date, data: object = {}) => {
    const event = { ...history.ledger[0]!, _id: name, name, at, data: data as never }
    return { ...history, ledger: [...history.ledger, event].sort((a, b) => a.at.getTime() - b.at.getTime()) }
  }
  // Nothing later counts, but whether they bought in time; a customer is no lead.
  const question = { text: '', lesson: null, title: null }
  const asked = withEvent('question.asked', later(handOff.at, 1), question)
  expect(exampleOf(asked, content, inTime)).toEqual(example)
  const deal = { deal: 'd', amount: 900, currency: 'EUR', by: null }
  const wonAt = (at: Date) => exampleOf(withEvent('opportunity.won', at, deal), content, inTime)
  expect(wonAt(inTime)).toEqual({ ...example, isWon: true })
  expect(wonAt(later(inTime, 1))).toEqual(example)
  expect(wonAt(handOff.at)).toBeNull()
})

test('of someone who is erased, no replay says anything any more', async () => {
  expect(await ReplayMoves.exists({ person: cy!._id })).toBe(true)
  await erasePerson(cy!._id)
  await runAllDue()
  expect(await ReplayMoves.exists({ person: cy!._id })).toBe(false)
  const { _id } = (await latestReplayOf((await modelDraft()).hash))!
  expect((await saleslead.get(`${page}/${_id}/people?direction=in`).expect(200)).text).not.toContain('Cy')
})

test('a suggestion runs in the background, one at a time, and opens as a draft only if it ranks better', async () => {
  const suggestionPage = '/admin/scoring-model/suggestion'
  const answers = await Promise.all([1, 2, 3].map(() => saleslead.post(`${suggestionPage}s`).expect(303)))
  expect(answers[0]!.headers.location).toBe(suggestionPage)
  const [running, ...others] = await ScoringSuggestions.find({})
  expect(others).toEqual([])
  expect((await saleslead.get(suggestionPage).expect(200)).text).toContain('data-running')
  await saleslead.post(`${suggestionPage}s/${running!._id}/cancellation`).expect(303)
  await drainQueue(runSuggestions)
  expect(await ScoringSuggestions.findById(running!._id)).toMatchObject({ state: 'cancelled', result: null })
  const eventCount = await Events.count({})
  advance(1)
  const { _id: by } = (await People.findOne({ role: 'sales-lead' }))!
  const id = await startSuggestion(by, await activeModel())
  await drainQueue(runSuggestions)
  expect((await ScoringSuggestions.findById(id))!.result).toEqual({
    ...{ verdict: 'tooFew', outcomes: { leads: 0, won: 0 }, details: null },
  })
  expect((await saleslead.get(suggestionPage)).text).toContain('<b>0 of 200</b> leads whose 90 days are over')
  const open = (draftNumber: number, of = id) =>
    saleslead.post(`${suggestionPage}s/${of}/draft`).type('form').send({ draftNumber })
  await open(0).expect(409)

  // As if there were enough leads: of those with a question, most buy.
  const { content, hash } = await activeModel()
  const leads = Array.from({ length: 300 }, (_, n) => ({
    ...{ at: n, person: String(n), fit: n % 70, isWon: n % 3 === 0 || n % 7 === 0 },
    counts: { questionAsked: n % 3 ? 0 : 1.5, pricingViewed: (n % 5) / 2 },
  }))
  const result = suggestModel(leads, content)
  expect(result.verdict).toBe('better')
  await mongoose.connection.collection('scoring_suggestions').updateOne({ _id: id }, { $set: { result } })
  const shown = (await saleslead.get(suggestionPage).expect(200)).text
  expect(shown).toContain('The difference is more than chance')
  expect(shown.match(/<svg class="chart score-move"/g)).toHaveLength(content.rules.length)
  const { draftNumber } = await modelDraft()
  await open(draftNumber + 1).expect(409)
  await open(draftNumber).expect(303)
  expect((await modelDraft()).content).toEqual(result.details!.content)
  expect((await activeModel()).hash).toBe(hash)
  expect(await Events.count({})).toBe(eventCount)
  expect(await replaysAbout(by)).toContainEqual({ at: now(), state: 'finished' })
  await open(0, new Types.ObjectId()).expect(404)
})

test('of new leads, a share that nobody in sales can tell has a place by chance', async () => {
  const path = '/admin/scoring-model/hold-out'
  const share = (typed: string) => saleslead.post(path).type('form').send({ share: typed })
  for (const typed of ['51', '-1', '2.5', '', 'half']) {
    expect((await share(typed).expect(422)).text).toContain('Enter a whole number from 0 to 50')
  }
  await share('30').expect(303)
  const ids = Array.from({ length: 1000 }, () => new Types.ObjectId())
  const groups = await Promise.all(ids.map(holdOutGroupOf))
  const idOf = (group: HoldOutGroup) => ids[groups.indexOf(group)]!
  const heldOut = groups.filter(group => group === 'chance').length
  expect(heldOut > 220 && heldOut < 380).toBe(true)
  const { qualifyAt, disqualifyBelow } = (await activeModel()).content
  for (const group of ['score', 'chance'] as const) {
    const person = await signedUp({ _id: idOf(group), title: 'Head of Enablement', name: `In ${group}` })
    const evaluating = ['pricing.viewed', 'plans.compared', 'question.asked'] as const
    await happen(person, 'course.completed', 'certificate.issued', 'pricing.viewed')
    await happen(person, ...evaluating, ...evaluating)
    const { holdOut, qualifiedAt, ...lead } = (await Leads.findById(person._id))!
    expect(holdOut).toEqual({ group, at: qualifiedAt })
    const points = (await explainScore(person._id, now()))!.engagement!
    expect(lead.shownScore ?? lead.score).toBeCloseTo(points, 6)
    if (group === 'score') expect(lead.shownScore).toBeNull()
    else expect(lead.score).toBe(placeByChance(person._id, { qualifyAt, disqualifyBelow }))
    expect(lead.score >= disqualifyBelow && lead.score <= 2 * qualifyAt - disqualifyBelow).toBe(true)
  }
  // The same people stay held out at a larger share, and nobody is at none.
  await share('0').expect(303)
  expect(await holdOutGroupOf(idOf('chance'))).toBeNull()
  await share('50').expect(303)
  expect(await holdOutGroupOf(idOf('chance'))).toBe('chance')
  expect((await saleslead.get(path)).text).toContain('<b>0</b> were placed by score')
  await share('0').expect(303)
  expect((await saleslead.get(path)).text).toContain('Nobody is held out')
})
