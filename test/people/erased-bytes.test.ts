import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import mongoose from 'mongoose'
import { jobs } from '../../src/jobs'
import { disconnectDatabase, ensureIndexes, openDatabase } from '../../src/platform/database'
import { days } from '../../src/platform/clock'
import { transpileStore } from '../setup/store-code'
import { endStore, makeFolder, runStore, type RunningStore } from '../setup/store-process'
import { browser, emailTo } from '../account/browser'
import { openAcademy, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeEndpointServers, openEndpointServer } from '../webhooks/endpoint-server'

let store: RunningStore
let academy: Academy
const folder = makeFolder()

beforeAll(async () => {
  store = await runStore(transpileStore(), folder)
  academy = await openAcademy(undefined, store.uri)
  setTime('2026-11-23T09:00:00Z')
})
afterAll(async () => {
  await academy.close()
  await endStore(store, true)
  rmSync(folder, { recursive: true, force: true })
})

const filesWith = (text: string) =>
  readdirSync(folder).filter(name => name.endsWith('.mdb') && readFileSync(join(folder, name)).includes(text))

test('the night after an erasure, nothing of the person is left in the file of the database', async () => {
  await openEndpointServer()
  await make.person({ role: 'sales' })
  const { slug } = await make.course()
  const email = 'ophelia.brandt@northwind.com'
  const here = browser()
  await here.open('/sign-up')
  const account = { how: 'link', name: 'Ophelia Brandt', email, profiling: 'on', share_with_sales: 'on' }
  await here.send('/sign-up', account)
  const { link } = await emailTo(email)
  await here.open(link)
  await here.send(link)
  await here.open(`/courses/${slug}/contact-request`)
  await here.send(`/courses/${slug}/contact-request`, {
    kind: 'demo',
    text: 'Call me about the harpsichords.',
  })
  await runAllDue()
  // Before it is erased. Afterwards, chance decides which of its places are used again.
  expect(filesWith(email)).toEqual(['data.mdb'])
  await here.open('/account/data')
  expect((await here.send('/account/erasure', { confirmation: email })).status).toBe(303)
  await runAllDue()
  await closeEndpointServers()
  const traces = [
    email,
    'Ophelia',
    'Brandt',
    'harpsichords',
    Buffer.from(email).toString('base64').slice(0, 30),
  ]

  // The driver's sessions end, and with them the replies that the store repeats when a driver retries.
  const { name } = mongoose.connection
  await disconnectDatabase()
  await openDatabase(store.uri, name)
  await ensureIndexes()
  advance(days(1))
  for (const { run } of jobs) await run()
  for (const trace of traces) expect(`${trace}: ${filesWith(trace)}`).toBe(`${trace}: `)
  expect(filesWith(slug)).toEqual(['data.mdb'])
})
