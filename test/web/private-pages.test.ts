import request, { type Response } from 'supertest'
import { saveAsset } from '../../src/courses/asset'
import { Courses } from '../../src/courses/course'
import { publishCourse } from '../../src/courses/publish-course'
import { beginUpload } from '../../src/courses/unfinished-upload'
import { LeadBatches } from '../../src/leads/lead-batch'
import { now } from '../../src/platform/clock'
import { roles, type Role } from '../../src/people/person'
import { Types } from 'mongoose'
import { isSecretPath, secretRoutes } from '../../src/platform/secret-routes'
import type { Guard } from '../../src/web/guard'
import { Deliveries } from '../../src/webhooks/delivery'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'
import { allRoutes } from '../kit/routes'
import { fillAcademy, type World } from '../fuzz/world'

// What a page tells browsers, proxies and search engines about keeping it, for every route of the application.

let academy: Academy
let world: World
/** One visitor of each role; the prospect is a learner, a buyer and a lead. */
const visitors = {} as Record<Role, Visitor>

beforeAll(async () => {
  academy = await openAcademy()
  world = await fillAcademy()
  for (const role of roles) {
    const person = await make.person({ role })
    visitors[role] = await as(person)
    if (role === 'author') await addFiles(person._id)
  }
  visitors.prospect = await as({ _id: new Types.ObjectId(world.parameters.person![0]) })
  await finishCourse()
  await publishAgain()
  await answerTogether()
})
afterAll(() => academy.close())

/** The learner finishes the course, with a quiz, and an endpoint has received a message about them. */
async function finishCourse(): Promise<void> {
  const lessons = '/courses/pumps/lessons'
  for (const n of [1, 2, 3]) await visitors.prospect.post(`${lessons}/lesson-${n}/completion`).expect(303)
  const answers = { number: '1', 'q-q1': '0', 'q-q2': '0' }
  await visitors.prospect.post(`${lessons}/final-quiz/attempts`, answers).expect(303)
  const person = new Types.ObjectId(world.parameters.person![0])
  await Deliveries.updateMany({ person }, { $set: { deliveredAt: now() } })
  const { _id } = (await Deliveries.findOne({ person }))!
  world.parameters.id = [...world.parameters.id!, String(_id)]
}

/** Sales has given several leads the same answer. */
async function answerTogether(): Promise<void> {
  const leads = world.parameters.person!.join(',')
  await visitors.sales.post('/sales/lead-batches', { action: 'accept', leads }).expect(303)
  const { _id } = (await LeadBatches.findOne({}))!
  world.parameters.id = [...world.parameters.id!, String(_id)]
}

/** The course has captions, and the author is uploading a file. */
async function addFiles(author: Types.ObjectId): Promise<void> {
  const bytes = Buffer.from('WEBVTT\n\n00:00.000 --> 00:05.000\nA pump.\n')
  const hash = await saveAsset(bytes, 'text/vtt')
  const captions = { path: 'assets/openings.vtt', hash, size: bytes.length, type: 'text/vtt' }
  const course = await Courses.findOneAndUpdate({ slug: 'pumps' }, { $push: { 'draft.assets': captions } })
  const file = { person: author, course: course!._id, name: 'pump.mp4', size: 1000 }
  world.parameters.upload = [String((await beginUpload(file, 0))._id)]
}

/** Publishes a newer version of the course, to which the learner can move. */
async function publishAgain(): Promise<void> {
  const { _id, draftNumber } = (await Courses.findOne({ slug: 'pumps' }))!
  const change = {
    $set: { 'draft.title': 'Pumps, revised', 'draft.modules.0.lessons.0.body': 'Revised.\n' },
    $inc: { draftNumber: 1 },
  }
  await Courses.updateOne({ _id }, change)
  await publishCourse({ course: _id, by: null, draftNumber: draftNumber + 1 })
}

const pages = allRoutes.flatMap(([method, path, guard]) => (method === 'get' ? [{ path, guard }] : []))
const isForAnyone = (guard: Guard) => guard.roles === 'anyone'
const rolesOf = (guard: Guard): readonly Role[] => (typeof guard.roles === 'string' ? roles : guard.roles)

/** Opens a route with real values as someone who may, and returns the first page that opens, or the last answer. */
async function openAs(allowed: readonly Role[], path: string): Promise<Response> {
  let answer: Response | undefined
  for (const url of urlsOf(path)) {
    for (const role of ['prospect', 'admin', ...allowed] as const) {
      if (!allowed.includes(role)) continue
      answer = await visitors[role].get(url)
      if (answer.status === 200 || /\/certificates\/|meet\.example/.test(answer.headers.location ?? ''))
        return answer
    }
  }
  return answer!
}

/** Every way to fill in the parameters of a path with values that exist. */
function urlsOf(path: string): string[] {
  const [before = '', name, after = ''] = path.split(/:(\w+)(.*)/)
  if (!name) return [path + (queries[path] ?? '')]
  const values = world.parameters[name] ?? ['none']
  return urlsOf(after).flatMap(rest => values.map(value => before + value + rest))
}

/** What some pages need to know besides their path. */
const queries: Record<string, string> = {
  '/role/new': '?role=author',
  '/contrast': '?accent=%23123456',
  '/file': '?path=assets%2Fopenings.png',
  '/playlists/add': '?course=pumps',
  '/people': '?direction=in',
  '/captions': '?path=assets%2Fopenings.vtt',
}

test.each(pages.filter(({ guard }) => !isForAnyone(guard)))(
  'no cache, other site or search engine gets $path',
  async ({ path, guard }) => {
    const answer = await openAs(rolesOf(guard), path)
    expect([200, 303]).toContain(answer.status)
    expectPrivate(answer)
  },
)

test.each(pages.filter(({ guard }) => isForAnyone(guard)))(
  '$path is not kept either when it shows who is signed in',
  async ({ path }) => {
    for (const url of urlsOf(path)) {
      const answer = await visitors.prospect.get(url)
      // The demo's inbox shows emails as mail programs do, with the styles that those need.
      if (path !== '/demo/mail/:id/html') expectProtected(answer)
      else expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none';s/)
      if (answer.type === 'text/html') expectUnstored(answer)
      // Shared caches may keep a file that is the same for everyone, but nobody's cookie with it.
      if (/public/.test(answer.headers['cache-control'] ?? ''))
        expect(answer.headers['set-cookie']).toBeUndefined()
    }
  },
)

test.each(Object.values(secretRoutes))(
  'no address of %s reaches another site, a search engine or a cache',
  async route => {
    for (const token of [...world.parameters.token!, 'unknown', '%ff']) {
      const path = route.replace(':token', token)
      for (const url of [
        path,
        path.toUpperCase(),
        `${path}/`,
        path.replace('/', '/%6c'),
        `${path}?utm_source=a`,
      ]) {
        if (!isSecretPath(url)) continue
        for (const method of ['get', 'post'] as const) {
          const { headers } = await request(theApp())[method](url).set('accept', 'text/html')
          expect(headers['referrer-policy']).toBe('no-referrer')
          expect(headers['x-robots-tag']).toContain('noindex')
          expect(headers['cache-control']).toMatch(/no-store/)
        }
      }
    }
    const { text } = await request(theApp()).get('/robots.txt')
    expect(text).toContain(`Disallow: ${route.split(':')[0]}\n`)
  },
)

test('signing out clears the session cookie and what the browser has stored', async () => {
  const visitor = await as(await make.person())
  await visitor.get('/account').expect(200)
  const { headers } = await visitor.post('/sign-out').expect(303)
  expect(headers['clear-site-data']).toBe('"cache", "storage"')
  expect(String(headers['set-cookie'])).toMatch(/academy_session=;.*Expires=Thu, 01 Jan 1970/)
  expect((await visitor.get('/account')).headers.location).toMatch(/^\/sign-in/)
})

test('a suspension, a change of role and a deletion end every session at once', async () => {
  const admin = await as(await make.person({ role: 'admin' }))
  const [ada, bob, eve] = [await make.person(), await make.person({ role: 'sales' }), await make.person()]
  const sessions = [await as(ada), await as(ada), await as(bob), await as(bob)]
  for (const session of sessions) await session.get('/account').expect(200)
  await admin.post(`/admin/people/${ada._id}/suspension`, { reason: 'left' }).expect(303)
  await admin.post(`/admin/people/${bob._id}/role`, { role: 'author' }).expect(303)
  for (const session of sessions) await session.get('/account').expect(303)
  const [here, elsewhere] = [await as(eve), await as(eve)]
  await here.post('/account/erasure', { confirmation: eve.email }).expect(303)
  for (const session of [here, elsewhere]) await session.get('/account').expect(303)
})

function expectPrivate(answer: Response): void {
  expectProtected(answer)
  expectUnstored(answer)
}

function expectUnstored(answer: Response): void {
  expect(answer.headers['cache-control']).toMatch(/^(private, )?no-store$/)
  expect(answer.headers.etag).toBeUndefined()
  expect(answer.headers['last-modified']).toBeUndefined()
}

function expectProtected({ headers, type, text }: Response): void {
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['referrer-policy']).toMatch(/^(strict-origin-when-cross-origin|no-referrer)$/)
  expect(headers['x-powered-by']).toBeUndefined()
  const policy = String(headers['content-security-policy'])
  // Pages for frames of listed sites: the older header can't name those.
  const isFramed = /frame-ancestors 'self'(;|$)/.test(policy) && !policy.includes("script-src 'none'")
  expect(headers['x-frame-options']).toBe(isFramed ? undefined : 'SAMEORIGIN')
  expect(policy).toMatch(/^default-src 'none'/)
  // Nothing runs or styles inline, so a policy without a nonce is the stricter one.
  expect(policy).not.toMatch(/unsafe|\*|https?:(?!\/\/)|nonce-/)
  if (type !== 'text/html') return
  expect(text).not.toMatch(/<script(?![^>]*\s(src=|type="application\/ld\+json"))/)
  expect(text).not.toMatch(/<[^>]+\s(style|on\w+)=/)
}
