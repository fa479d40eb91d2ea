import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parse } from 'yaml'
import { createApp } from '../src/app'
import { later, days, now, setClock } from '../src/platform/clock'
import { config } from '../src/platform/config'
import { importCourse, readCourseFolder } from '../src/courses/import-course'
import { Paths, type Path } from '../src/courses/path'
import { publishCourse } from '../src/courses/publish-course'
import { publishedCourses } from '../src/courses/published'
import { connectDatabase, disconnectDatabase } from '../src/platform/database'
import { installDemoEndpoint } from '../src/demo/crm-endpoint'
import { signUp } from '../src/people/sign-up'
import { hashPassword } from '../src/people/password'
import { startStore } from '../src/store/start'
import { runAllDue } from '../src/worker'
import { learnLengths, liveThePast } from './demo/past'
import { password, staff } from './demo/people'

/**
 * Fills an empty data folder with the demo: Lyceum's own academy and ninety days of people in it. It is written to a folder beside the
 * store, without waiting for the disk at each write, and takes the store's name when it is whole: cut off at any moment,
 * the next start begins anew.
 */
async function seed(): Promise<void> {
  const folder = join(config.dataDir, 'store')
  if (config.mongodbUri) throw new Error('The demo is for the embedded store: MONGODB_URI must not be set')
  if (existsSync(folder)) return console.log(`There is an academy in ${folder} already`)
  const began = performance.now()
  console.log(
    'First start: Lyceum writes its own academy and lives through ninety days of it. About 20 seconds.',
  )

  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  const store = await startStore({ folder: unfinished, waitForDisk: false })
  await connectDatabase(store.uri, 'lyceum')
  const server = createServer(createApp())
  await new Promise<void>(resolve => server.listen(config.port, '127.0.0.1', resolve))
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  // Letters and messages carry the address that people will see.
  if (!process.env.BASE_URL) config.baseUrl = here

  // Libraries that check times, such as that of the demo's CRM, must live in the same past.
  const machine = Date.now
  Date.now = () => now().getTime()
  const moment = machine()
  setClock(() => later(new Date(moment), -days(92)).getTime())
  await team()
  const receiver = await installDemoEndpoint(here)
  await courses()
  await liveThePast(receiver)
  Date.now = machine

  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  await disconnectDatabase()
  await store.close()
  flush(join(unfinished, 'data.mdb'))
  renameSync(unfinished, folder)
  console.log(`\nDone in ${((performance.now() - began) / 1000).toFixed(1)} s.`)
}

async function team(): Promise<void> {
  const passwordHash = await hashPassword(password)
  for (const person of staff) await signUp({ ...person, how: 'invited', passwordHash })
  await runAllDue()
}

/** The academy's courses and paths, from their folders, through the importer. */
async function courses(): Promise<void> {
  const home = join(
    __dirname,
    __dirname.includes(join('dist', 'scripts')) ? '../../scripts/demo/courses' : 'demo/courses',
  )
  for (const entry of readdirSync(home, { withFileTypes: true }).filter(each => each.isDirectory())) {
    const { course } = await importCourse({ files: await readCourseFolder(join(home, entry.name)), by: null })
    await publishCourse({ course: course._id, by: null, draftNumber: course.draftNumber })
  }
  const paths = parse(readFileSync(join(home, 'paths.yml'), 'utf8')) as Omit<Path, '_id'>[]
  for (const path of paths) await Paths.updateOne({ slug: path.slug }, { $set: path }, { upsert: true })
  learnLengths(await publishedCourses())
}

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
