import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Types } from 'mongoose'
import { createApp } from '../src/app'
import { later, days, now, setClock } from '../src/platform/clock'
import { config } from '../src/platform/config'
import { connectDatabase, disconnectDatabase } from '../src/platform/database'
import { log } from '../src/platform/log'
import { installDemoEndpoint } from '../src/demo/crm-endpoint'
import { audit } from '../src/events/audit'
import { slugOf } from '../src/courses/slug'
import { saveDemoHours } from '../src/leads/demo-hours'
import { signUp } from '../src/people/sign-up'
import { hashPassword } from '../src/people/password'
import { startStore } from '../src/store/start'
import { runAllDue } from '../src/worker'
import { demoAccounts, demoPassword } from '../src/people/demo-accounts'
import { publishDemoRouting } from './demo/routing'
import { publishAcademies, publishCatalogues } from './demo/academies'
import { simulatePast } from './demo/past'
import { administrator, team } from './demo/people'

/**
 * Fills an empty data folder with the demo: the academy of Tarnwell with 90 days of activity, and Lyceum's guide as a
 * second brand. The store is written to a temporary folder, without waiting for the disk at each write, and renamed
 * when it is complete. If the seed is interrupted, the next start runs it again.
 */
async function seed(): Promise<void> {
  const folder = join(config.dataDir, 'store')
  if (config.mongodbUri) throw new Error('The demo uses the embedded store. Unset MONGODB_URI to seed it.')
  if (existsSync(folder)) return console.log(`${folder} already contains an academy`)
  // The simulated past has a log too, which would bury the lines printed here.
  if (!process.env.LOG_LEVEL) log.level = 'warn'
  const startedAt = performance.now()
  console.log('First start: creating the demo academy and simulating 90 days of activity. About a minute.')

  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  const store = await startStore({ folder: unfinished, waitForDisk: false })
  await connectDatabase(store.uri, 'lyceum')
  const server = createServer(createApp())
  await new Promise<void>(resolve => server.listen(config.port, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  // Emails and webhooks contain the URL that people will see.
  if (!process.env.BASE_URL) config.baseUrl = origin

  // Libraries that check timestamps, such as the one in the demo's CRM, need to see the simulated time too.
  const systemClock = Date.now
  Date.now = () => now().getTime()
  const startOfPast = later(new Date(systemClock()), -days(92)).getTime()
  setClock(() => startOfPast)
  await publishAcademies()
  const authorId = await inviteTeam()
  const crm = await installDemoEndpoint(origin)
  await publishCatalogues(authorId)
  await simulatePast(crm)
  Date.now = systemClock

  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  await disconnectDatabase()
  await store.close()
  flush(join(unfinished, 'data.mdb'))
  renameSync(unfinished, folder)
  console.log(`\nDone in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`)
}

/**
 * Creates the administrator's account and the accounts that the administrator invites, as `POST /admin/people` does.
 *
 * @returns the id of the author
 */
async function inviteTeam(): Promise<Types.ObjectId> {
  const passwordHash = await hashPassword(demoPassword)
  const { person: admin } = await signUp({ ...administrator, how: 'invited', passwordHash })
  let [author, salesLead] = [admin, admin]
  for (const teammate of team) {
    const { person } = await signUp({ ...teammate, how: 'invited', passwordHash })
    const { role } = teammate
    await audit({ actor: admin._id, action: 'person.invited', subject: String(person._id), detail: { role } })
    if (teammate.email === demoAuthor) author = person
    if (role === 'sales-lead') salesLead = person
    const isInSales = role === 'sales' || role === 'sales-lead'
    if (isInSales) await saveDemoHours(person._id, { ...demoHours, address: slugOf(person.name) })
  }
  await publishDemoRouting(salesLead._id)
  await runAllDue()
  return author._id
}

/** When the demo's sales team gives demos. */
const demoHours = {
  weekdays: [1, 2, 3, 4, 5],
  opens: 9 * 60,
  closes: 16 * 60,
  length: 30,
  place: 'We call you',
  notBefore: null,
}

const demoAuthor = demoAccounts.find(({ name }) => name === 'author')!.email

/** Waits until the file is on the disk. */
function flush(file: string): void {
  const descriptor = openSync(file, 'r+')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

seed().then(
  () => process.exit(0),
  error => {
    console.error(error)
    process.exit(1)
  },
)
