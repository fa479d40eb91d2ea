import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MongoClient, type Db, type Document } from 'mongodb'
import { openStorage } from '../../src/store/storage'
import { verify } from '../../src/store/verify'
import { transpileStore } from '../setup/store-code'
import { endStore, makeFolder, runStore } from '../setup/store-process'

const code = transpileStore()
const home = mkdtempSync(join(tmpdir(), 'lyceum-seeded-'))
const data = makeFolder()
const root = join(__dirname, '..', '..')

afterAll(() => {
  for (const folder of [home, data]) rmSync(folder, { recursive: true, force: true })
})

/** Runs a script of this checkout in its own process, as `npm run` does. */
async function run(script: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const command = [join(root, 'test/setup/run-script.js'), join(root, 'scripts', script), ...args]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, {
    env: { ...process.env, LYCEUM_STORE_CODE: code, ...env },
    maxBuffer: 1 << 28,
  })
  return stdout + stderr
}

/** Returns the indexes of every collection, and its documents as BSON, which includes types and the order of fields. */
async function everything(
  client: MongoClient,
): Promise<Map<string, { documents: string[]; indexes: unknown[] }>> {
  const found = new Map<string, { documents: string[]; indexes: unknown[] }>()
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true })
  for (const { name } of databases)
    for (const collection of await client.db(name).collections()) {
      const bytes = await collection.find({}, { raw: true }).sort({ _id: 1 }).toArray()
      found.set(`${name}.${collection.collectionName}`, {
        documents: bytes.map(each => (each as unknown as Buffer).toString('base64')),
        indexes: await collection.listIndexes().toArray(),
      })
    }
  return found
}

async function inFolder(folder: string): ReturnType<typeof everything> {
  const store = await runStore(code, folder)
  const client = await MongoClient.connect(store.uri)
  const found = await everything(client)
  await client.close()
  await endStore(store, true)
  return found
}

const academy = join(data, 'store')

beforeAll(async () => {
  await run('seed.ts', [], { DATA_DIR: data, PORT: '0', NODE_ENV: 'development', LOG_LEVEL: 'silent' })
}, 240_000)

/** Opens the seeded academy in a store of its own, with the driver. */
async function inAcademy(read: (database: Db) => Promise<void>): Promise<void> {
  const store = await runStore(code, academy)
  const client = await MongoClient.connect(store.uri)
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true })
  const names = databases.map(({ name }) => name)
  await read(client.db(names.find(name => !['admin', 'config', 'local'].includes(name))))
  await client.close()
  await endStore(store, true)
}

test("an administrator of the demo reads in its audit log what its team did, with everyone's name", async () => {
  await inAcademy(async database => {
    const entries = await database.collection('audit').find().toArray()
    const people = await database.collection('people').distinct('_id', { role: { $ne: 'prospect' } })
    const revisions = await database.collection('revisions').countDocuments()
    const count = (action: string) => entries.filter(entry => entry.action === action).length
    expect(count('person.invited')).toBeGreaterThan(3)
    expect(count('course.published')).toBe(revisions)
    expect(count('lead.accepted') + count('lead.rejected')).toBeGreaterThan(10)
    const actors = new Set(entries.map(({ actor }) => String(actor)))
    expect([...actors].filter(id => !people.some(person => String(person) === id))).toEqual([])
  })
}, 120_000)

test('a rep of the demo sees of each lead what its CRM was told last', async () => {
  await inAcademy(async database => {
    const messages = await database.collection('demo_crm').find().sort({ sequence: 1 }).toArray()
    expect(messages.filter(({ rejectedBecause }) => rejectedBecause)).toEqual([])
    const people = await database.collection('people').find().toArray()
    const emailOf = (id: unknown) => people.find(({ _id }) => String(_id) === String(id))?.email ?? null
    const leads = await database.collection('leads').find().toArray()
    expect(leads.length).toBeGreaterThan(10)
    const seen = leads.map(lead => ({
      lead: String(lead._id),
      status: lead.status,
      owner: emailOf(lead.owner),
      qualifiedAt: lead.qualifiedAt.toISOString(),
      respondBy: lead.respondBy.toISOString(),
      response: lead.disposition && [
        lead.disposition.kind,
        lead.disposition.at.toISOString(),
        emailOf(lead.disposition.by),
        lead.disposition.reason,
      ],
      closed: lead.closed?.reason ?? null,
      deals: lead.deals.map((deal: Document) => [
        deal.id,
        deal.state,
        deal.amount,
        deal.currency,
        deal.closedAt?.toISOString() ?? null,
      ]),
    }))
    const told = leads.map(({ _id }) => {
      const ofLead = messages.filter(({ person, type }) => person === String(_id) && type.startsWith('lead.'))
      const { lead, routing, reason } = ofLead.at(-1)!.body.data
      // The message that ends a lead has the reason and nothing else; everything else was told before it.
      if (!lead) return { lead: String(_id), status: 'closed', closed: reason }
      return {
        lead: String(_id),
        status: lead.status,
        owner: routing.owner,
        qualifiedAt: lead.qualified_at,
        respondBy: lead.respond_by,
        response: lead.response && [
          lead.response.kind,
          lead.response.at,
          lead.response.by,
          lead.response.reason,
        ],
        closed: lead.closed_reason,
        deals: lead.deals.map((deal: Document) => [
          deal.id,
          deal.state,
          deal.amount_minor,
          deal.currency,
          deal.closed_at,
        ]),
      }
    })
    expect(seen).toMatchObject(told)
    expect(new Set(seen.map(({ status }) => status)).size).toBeGreaterThan(3)
  })
}, 120_000)

test('a seeded academy moves to another server and back with every document, type and index', async () => {
  const before = await inFolder(academy)
  const documents = [...before.values()].reduce((sum, each) => sum + each.documents.length, 0)
  const indexes = [...before.values()].reduce((sum, each) => sum + each.indexes.length, 0)
  expect(before.size).toBeGreaterThan(20)
  expect(documents).toBeGreaterThan(2_000)
  expect(indexes).toBeGreaterThan(2 * before.size)

  const [out, back] = [join(home, 'academy.jsonl'), join(home, 'back.jsonl')]
  await run('store.ts', ['dump', '--folder', academy, '--to', out])
  // Another embedded store plays the part of MongoDB: the same driver, over a socket, in another process.
  const server = await runStore(code)
  const output = await run('store.ts', ['restore', '--from', out], { MONGODB_URI: server.uri })
  expect(output).toContain(`Restored ${documents} documents in ${before.size} collections`)
  const client = await MongoClient.connect(server.uri)
  expect(await everything(client)).toEqual(before)
  await client.close()

  await run('store.ts', ['dump', '--to', back], { MONGODB_URI: server.uri })
  await endStore(server)
  const returned = join(home, 'returned')
  await run('store.ts', ['restore', '--from', back, '--folder', returned], {
    MONGODB_URI: 'mongodb://nowhere',
  })
  expect(await inFolder(returned)).toEqual(before)
  expect(await run('store.ts', ['verify', '--folder', returned])).toContain(`${documents} documents`)
  const storage = openStorage(join(returned, 'data.mdb'))
  expect(verify(storage).problems).toEqual([])
  await storage.close()
  process.stdout.write(
    `${documents} documents and ${indexes} indexes in ${before.size} collections moved there and back\n`,
  )
}, 240_000)
