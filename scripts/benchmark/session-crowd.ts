import { createHmac, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import mongoose from 'mongoose'
import { People } from '../../src/people/person'
import { searchWords } from '../../src/people/search-words'
import { days, later, minutes, now } from '../../src/platform/clock'
import { config } from '../../src/platform/config'
import { connectDatabase, disconnectDatabase } from '../../src/platform/database'
import { LiveSessions } from '../../src/sessions/live-session'
import { createSeats } from '../../src/sessions/seats'
import { startStore } from '../../src/store/start'
import '../../src/app'

// Adds a live session with `SEATS` seats to the academy in `DATA_DIR`, and `PEOPLE` people who are signed in. Prints
// the session's path and the headers and tokens of the people as one line of JSON.

async function addCrowd(seats: number, count: number): Promise<void> {
  const store = await startStore({ folder: join(config.dataDir, 'store'), waitForDisk: false })
  await connectDatabase(store.uri, 'lyceum')
  const startsAt = later(now(), days(7))
  const session = await LiveSessions.create({
    ...{ slug: 'everybody', state: 'published', topic: 'condition-monitoring', kind: 'online' },
    ...{ title: 'Everybody comes', summary: 'A session that a thousand people want.', language: 'en' },
    ...{ startsAt, endsAt: later(startsAt, minutes(60)), timeZone: 'Europe/London', createdAt: now() },
    hosts: [{ person: null, name: 'Ingrid Solheim', role: 'Field engineer', isPanel: false }],
  })
  await createSeats(session._id, seats)
  const sessions = mongoose.connection.collection<{ _id: string }>('sessions')
  const expires = later(now(), days(1))
  const crowd: { cookie: string; csrf: string }[] = []
  for (let n = 0; n < count; n++) {
    const company = { domain: `crowd-${n}.example`, name: `Crowd ${n}` }
    const identity = { email: `person@${company.domain}`, name: `Person ${n}`, company }
    const person = await People.create({
      ...{ ...identity, search: searchWords(identity), role: 'prospect', emailKind: 'company' },
      ...{ signedUpAt: now(), confirmedAt: now(), consents: ['profiling', 'share_with_sales'] },
    })
    const [id, csrf] = [randomBytes(24).toString('base64url'), randomBytes(24).toString('base64url')]
    const cookie = { originalMaxAge: days(1), expires, httpOnly: true, path: '/' }
    const values = { cookie, csrfToken: csrf, passport: { user: String(person._id) } }
    await sessions.insertOne({ _id: id, expires, session: values } as { _id: string })
    const signature = createHmac('sha256', config.sessionSecret)
      .update(id)
      .digest('base64')
      .replace(/=+$/, '')
    crowd.push({ cookie: `academy_session=${encodeURIComponent(`s:${id}.${signature}`)}`, csrf })
  }
  console.log(JSON.stringify({ path: `/sessions/${session.slug}`, crowd }))
  await disconnectDatabase()
  await store.close()
}

void addCrowd(Number(process.env.SEATS), Number(process.env.PEOPLE))
