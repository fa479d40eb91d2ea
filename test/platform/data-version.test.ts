import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { MongoClient, ObjectId, type Document } from 'mongodb'
import { companyOf } from '../../src/people/company'
import { searchWords } from '../../src/people/search-words'
import { freePort, startServer } from '../kit/process'
import { transpileServer, transpileStore } from '../setup/store-code'
import { endStore, makeFolder, runStore } from '../setup/store-process'

type Data = Record<string, Document[]>

const ada = { name: 'Ada', email: 'ada@example.com' }
const dataDir = makeFolder()

afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

test.each<[string, Data]>([
  ['that does not name its version', { people: [ada] }],
  ['of an earlier version', { people: [ada], settings: [{ _id: 'data', version: 1 } as Document] }],
])(
  'an operator who starts on a data folder %s reads what to do, and the data stays as it is',
  async (_, data) => {
    await openStore(dataDir, async client => {
      for (const [name, documents] of Object.entries(data)) {
        await client.db('lyceum').collection(name).insertMany(documents)
      }
    })
    const before = await openStore(dataDir, readAll)

    const server = startServer({ code: transpileServer(), port: await freePort(), dataDir, ahead: 0 })
    expect(await server.isOpen()).toBe(false)

    expect(await server.stop()).toBe(78)
    expect(server.output()).toBe(
      `The folder ${dataDir} contains data from another version of Lyceum, which this version can't read: ` +
        'start with an empty one, or go back to that version.\n',
    )
    expect(await openStore(dataDir, readAll)).toEqual(before)
    expect(Object.keys(before).sort()).toEqual(Object.keys(data).sort())
  },
  30_000,
)

test('an academy of before the lists keeps its courses, and what they name becomes lists', async () => {
  const content = {
    title: 'Pumps',
    topic: 'sales',
    audience: 'L&D',
    level: 'beginner',
    modules: [],
    assets: [],
  }
  await openStore(dataDir, async client => {
    const database = client.db('lyceum')
    await database.collection<Document>('settings').insertOne({ _id: 'data', version: 5 } as Document)
    await database.collection('paths').createIndex({ slug: 1 }, { unique: true })
    for (const slug of ['first', 'second']) {
      await database
        .collection('paths')
        .insertOne({ slug, title: slug, audience: '', summary: '', courses: ['pumps'] })
    }
    await database.collection('courses').insertOne({ slug: 'pumps', draft: content, published: null })
    await database.collection('revisions').insertOne({ slug: 'pumps', number: 1, content })
    await database.collection('replaced_drafts').insertOne({ draftNumber: 1, content })
  })

  const server = startServer({ code: transpileServer(), port: await freePort(), dataDir, ahead: 0 })
  expect(await server.isOpen()).toBe(true)
  await server.stop()

  const after = await openStore(dataDir, readAll)
  const { audience: _audience, ...rest } = content
  const filed = { ...rest, audiences: ['l-d'] }
  expect(after.courses![0]!.draft).toEqual(filed)
  expect(after.revisions![0]!.content).toEqual(filed)
  expect(after.replaced_drafts![0]!.content).toEqual(filed)
  expect(after.paths!.map(({ _id, version }) => [_id, version])).toEqual([
    ['first', 1],
    ['second', 1],
  ])
  expect(after.path_versions!.map(({ content }) => content)).toMatchObject([
    { title: 'first' },
    { title: 'second' },
  ])
  expect(after.catalogue_lists![0]).toMatchObject({
    topics: [{ id: 'sales', names: { en: 'Sales' } }],
    audiences: [{ id: 'l-d', names: { en: 'L&D' } }],
    levels: [{ id: 'beginner' }, { id: 'intermediate' }, { id: 'advanced' }],
  })
  expect(after.settings!.find(({ _id }) => String(_id) === 'data')).toMatchObject({ version: 11 })
}, 60_000)

test('an academy of before its lists by brand knows the brand of each lead', async () => {
  const ids = [new ObjectId(), new ObjectId()]
  await openStore(dataDir, async client => {
    const database = client.db('lyceum')
    await database.collection<Document>('settings').insertOne({ _id: 'data', version: 6 } as Document)
    await database.collection('people').insertMany([
      { _id: ids[0]!, email: 'ada@example.com', brand: 'harbour' },
      { _id: ids[1]!, email: 'bo@example.com' },
    ])
    for (const name of ['leads', 'scores', 'funnel_progress'])
      await database.collection(name).insertMany(ids.map(_id => ({ _id })))
    const person = { name: 'Ada Lovelace', company: { name: 'Analytical Engines' } }
    await database.collection('people').updateOne({ _id: ids[0]! }, { $set: person })
    const lead = { shared: true, status: 'new', owner: ids[1]!, grade: 'A2' }
    await database.collection('leads').updateOne({ _id: ids[0]! }, { $set: lead })
  })
  const server = startServer({ code: transpileServer(), port: await freePort(), dataDir, ahead: 0 })
  expect(await server.isOpen()).toBe(true)
  await server.stop()
  const after = await openStore(dataDir, readAll)
  for (const name of ['leads', 'scores', 'funnel_progress'])
    expect([name, after[name]!.map(({ brand }) => brand as unknown)]).toEqual([name, ['harbour', undefined]])
  expect(after.leads).toMatchObject([
    {
      facets: ['all', 'grade:A2', 'grade:A', 'status:new', `owner:${String(ids[1])}`],
      sortName: 'ada lovelace',
      sortCompany: 'analytical engines',
    },
    { facets: [], sortName: '' },
  ])
}, 60_000)

test('people below an ending that is open to everyone are no longer colleagues, and playlists get places', async () => {
  const people = [
    'ada@acme.uk.com',
    'bo@pumps.uk.com',
    'cy@github.io',
    'di@mail.northwind.co.uk',
    'ed@gmail.com',
  ]
  const domains = ['uk.com', 'uk.com', 'github.io', 'northwind.co.uk', null]
  const ids = people.map(() => new ObjectId())
  await openStore(dataDir, async client => {
    const database = client.db('lyceum')
    await database.collection<Document>('settings').insertOne({ _id: 'data', version: 7 } as Document)
    await database.collection('people').insertMany(
      people.map((email, n) => ({
        ...{
          _id: ids[n]!,
          email,
          name: 'Ada Lovelace',
          role: n === 1 ? 'author' : 'prospect',
          emailKind: 'company',
        },
        ...{ company: domains[n] && { domain: domains[n], name: 'Uk' }, search: ['uk'], profileChanges: n },
      })),
    )
    await database
      .collection('team_members')
      .insertMany([0, 2].map(n => ({ _id: ids[n]!, domain: domains[n] })))
    await database
      .collection('playlists')
      .insertMany([0, 1, 0].map(n => ({ person: ids[n]!, title: 'Later', items: [] })))
    const asked = (n: number, text: string) => ({
      ...{ _id: `question.asked:${n}`, name: 'question.asked', at: new Date(0), recordedAt: new Date(0) },
      ...{
        person: ids[0]!,
        course: ids[1]!,
        data: { text, lesson: 'lesson-1', title: 'Lesson 1' },
        dueAt: null,
      },
    })
    await database
      .collection<Document>('events')
      .insertMany([asked(1, 'Why\nnot?'), asked(2, 'word '.repeat(60)), asked(3, '')] as Document[])
  })

  let after: Data = {}
  // The second time, as after a crash just before the end.
  for (const again of [false, true]) {
    if (again)
      await openStore(dataDir, async client => {
        const settings = client.db('lyceum').collection<Document>('settings')
        await settings.updateOne({ _id: 'data' } as Document, { $set: { version: 7 } })
      })
    const server = startServer({ code: transpileServer(), port: await freePort(), dataDir, ahead: 0 })
    expect(await server.isOpen()).toBe(true)
    await server.stop()
    after = await openStore(dataDir, readAll)
  }

  expect(
    after.people!.map(({ company, emailKind, profileChanges }) => [company, emailKind, profileChanges]),
  ).toEqual([
    [{ domain: 'acme.uk.com', name: 'Acme' }, 'company', 1],
    [{ domain: 'pumps.uk.com', name: 'Pumps' }, 'company', 2],
    [null, 'free', 3],
    [{ domain: 'northwind.co.uk', name: 'Uk' }, 'company', 3],
    [null, 'company', 4],
  ])
  expect(after.people![0]!.search).toEqual(
    searchWords({ name: 'Ada Lovelace', email: people[0]!, company: companyOf(people[0]!).company }),
  )
  expect(after.team_members!.map(({ domain }) => domain as string)).toEqual(['acme.uk.com'])
  expect(after.events!.map(({ _id }) => String(_id)).filter(id => id.startsWith('person.updated'))).toEqual([
    `person.updated:${ids[0]}:1`,
    `person.updated:${ids[2]}:3`,
  ])
  expect(after.playlists!.map(({ place }) => place as number)).toEqual([0, 0, 1])
  // The questions of before are read by the team, and by nobody else.
  expect(after.threads!.map(({ title, audience, answers }) => [title, audience, answers])).toEqual([
    ['Why not?', 'team', 0],
    [expect.stringMatching(/^word .*…$/), 'team', 0],
  ])
}, 60_000)

/** Opens the embedded store in a data folder for `work`. */
async function openStore<T>(home: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const store = await runStore(transpileStore(), join(home, 'store'))
  const client = await MongoClient.connect(store.uri)
  const result = await work(client)
  await client.close()
  await endStore(store, true)
  return result
}

/** Returns the documents of every collection. */
async function readAll(client: MongoClient): Promise<Data> {
  const database = client.db('lyceum')
  const names = await database.listCollections({}, { nameOnly: true }).toArray()
  const found = names.map(
    async ({ name }) => [name, await database.collection(name).find().toArray()] as const,
  )
  return Object.fromEntries(await Promise.all(found))
}
