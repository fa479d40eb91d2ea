import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { MongoClient, type Document } from 'mongodb'
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
