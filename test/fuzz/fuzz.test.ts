import { gzipSync } from 'node:zlib'
import { startStripeSimulator, type StripeSimulator } from '../../src/demo/stripe'
import { heartbeat } from '../../src/platform/clock-jump'
import { config } from '../../src/platform/config'
import { roles, type Role } from '../../src/people/person'
import type { Guard } from '../../src/web/guard'
import { openAcademy, type Academy } from '../kit/academy'
import { runAllDue } from '../kit/ledger'
import { allRoutes, routeOf } from '../kit/routes'
import { randomSource } from './random'
import * as rubbish from './rubbish'
import { closeConnections, send, type FuzzAnswer, type FuzzRequest } from './send'
import {
  fillAcademy,
  restoreAcademy,
  signActorsIn,
  signedByCrm,
  signedByStripe,
  stripeTypes,
  type Actors,
  type World,
} from './world'

// Requests to every route, by everyone, with whatever an attacker can put into them. `npm run fuzz` sends more.

const count = Number(process.env.FUZZ_REQUESTS ?? 2000)
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000)
const random = randomSource(seed)
const { pick, chance, below } = random
/** Requests between two restorations, and the requests that are open at a time. */
const [roundLength, atOnce] = [250, 6]
const longestMs = 2000

type Actor = Role | 'anonymous'
type Sent = FuzzRequest & { actor: Actor; hasToken: boolean }

let academy: Academy
let origin: string
let stripe: StripeSimulator
let world: World
let actors: Actors
/** Names and values of the fields of the pages that were opened, so that later forms look like real ones. */
const fields = new Map<string, string>()
/** The forms of those pages: the path that each is sent to, and the names of its fields. */
const forms = new Map<string, string[]>()

beforeAll(async () => {
  academy = await openAcademy()
  origin = await academy.listen()
  stripe = await startStripeSimulator({
    eventsUrl: () => `${origin}/stripe/events`,
    webhookSecret: config.stripe.webhookSecret,
  })
  config.stripe.apiBase = stripe.url
  world = await fillAcademy()
  await openEveryPage()
})
afterAll(async () => {
  closeConnections()
  await stripe.close()
  await academy.close()
})

test(
  `${count} random requests get no 5xx, wait less than ${longestMs} ms, and open nothing private (seed ${seed})`,
  async () => {
    const faults: string[] = []
    const statuses = new Map<number, number>()
    let longest = { ms: 0, what: '' }
    for (let done = 0; done < count && faults.length < 50; done += roundLength) {
      await heartbeat()
      await restoreAcademy(world)
      actors = await signActorsIn()
      const round = Array.from({ length: Math.min(roundLength, count - done) }, nextRequest)
      const slow: Sent[] = []
      await inParallel(round, async sent => {
        const answer = await send(origin, sent)
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        if (answer.ms >= longestMs) slow.push(sent)
        else if (answer.ms > longest.ms) longest = { ms: answer.ms, what: describeRequest(sent) }
        const fault = faultOf(sent, answer)
        if (fault) faults.push(`${fault}: ${describeRequest(sent)}`)
        learnFields(answer)
      })
      // Another request may have kept the processor busy, so these are measured again by themselves.
      for (const sent of slow) {
        const { ms } = await send(origin, sent)
        if (ms > longest.ms) longest = { ms, what: describeRequest(sent) }
      }
      await runAllDue()
      if (done % 10_000 === 0 && done)
        process.stderr.write(`${done} requests, longest ${Math.round(longest.ms)} ms\n`)
    }
    const counted = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status}×${n}`)
    process.stderr.write(
      `Fuzz: ${count} requests, seed ${seed}, longest ${Math.round(longest.ms)} ms (${longest.what})\n  ${counted.join(' ')}\n`,
    )
    expect([...new Set(faults)]).toEqual([])
    expect(longest.ms).toBeLessThan(longestMs)
    // The process is alive, and its pages still work.
    const home = { method: 'GET', path: '/courses', headers: {}, body: Buffer.alloc(0) }
    expect((await send(origin, home)).status).toBe(200)
  },
  Math.max(120_000, count * 100),
)

/** Returns what is wrong with an answer, or null. */
function faultOf({ method, path, actor, hasToken }: Sent, { status, text }: FuzzAnswer): string | null {
  if (status >= 500) return `status ${status}${status === 599 ? text : ''}`
  if (/\n\s+at .+:\d+:\d+\)?/.test(text)) return 'a stack trace'
  const guard = routeOf(method === 'HEAD' ? 'GET' : method, path)?.[2]
  if (!guard) return null
  if (status >= 200 && status < 300 && !canUse(guard, actor)) return `status ${status} for ${actor}`
  const changes = !['GET', 'HEAD'].includes(method)
  if (changes && guard.csrf && !hasToken && status > 0 && status < 400)
    return `status ${status} without a token`
  return null
}

/** Opens every page once: what loads when it is first used has loaded, and the forms of the pages are known. */
async function openEveryPage(): Promise<void> {
  actors = await signActorsIn()
  for (const [method, pattern] of allRoutes) {
    const path = pattern.replace(/:(\w+)/g, (_all, name: string) => world.parameters[name]?.[0] ?? 'none')
    for (const { cookie } of method === 'get' ? [actors.admin, actors.prospect] : []) {
      const headers = { accept: 'text/html', cookie }
      learnFields(await send(origin, { method: 'GET', path, headers, body: Buffer.alloc(0) }))
    }
  }
}

function canUse(guard: Guard, actor: Actor): boolean {
  if (guard.roles === 'anyone') return true
  return actor !== 'anonymous' && (guard.roles === 'signed in' || guard.roles.includes(actor))
}

function nextRequest(): Sent {
  const [routeMethod, pattern, guard] = pick(allRoutes)
  const method = chance(0.88)
    ? routeMethod.toUpperCase()
    : pick(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
  // Half of the requests come from someone who gets past the guard.
  const admitted = (['anonymous', ...roles] as Actor[]).filter(each => canUse(guard, each))
  const actor = chance(0.6) ? pick(admitted) : pick(['anonymous', ...roles] as Actor[])
  const visitor = actors[actor]
  const known = chance(0.25) && method === 'POST' && forms.size > 0 ? pick([...forms.keys()]) : null
  const path = (known ?? pathOf(pattern)) + (chance(0.4) ? queryOf() : '')
  const [sessionOf, cookie] = cookieFor(actor, visitor.cookie)
  const hasToken = chance(0.8)
  const { body, headers } =
    method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
      ? { body: Buffer.alloc(0), headers: {} }
      : bodyFor(path, known ? forms.get(known)! : null, hasToken)
  return {
    method,
    path,
    actor: sessionOf,
    hasToken,
    body,
    headers: {
      accept: 'text/html',
      ...oddHeaders(),
      ...cookie,
      ...headers,
      'content-length': String(body.length),
    },
  }
}

function pathOf(pattern: string): string {
  if (chance(0.02)) return `/${Array.from({ length: below(6) }, () => pick(rubbish.segments)).join('/')}`
  const filled = pattern.replace(/:(\w+)/g, (_all, name: string) => {
    const real = world.parameters[name] ?? []
    return real.length && chance(0.8) ? encodeURIComponent(pick(real)) : pick(rubbish.segments)
  })
  return chance(0.02) ? filled + pick(['/', '//', '/.', ';x', '%00', '.json', '?']) : filled
}

function queryOf(): string {
  if (chance(0.05))
    return pick(['?', '?&', '?=', '?%', '?a=%', '?%E0%A4%A=1', '?a[b][c]=1', '?a=1&a=2', '?__proto__[x]=1'])
  const names = [...fields.keys()]
  const pairs = Array.from({ length: 1 + below(4) }, () => {
    const name = names.length && chance(0.4) ? pick(names) : rubbish.key(random)
    const value = chance(0.1) ? pick(rubbish.segments) : rubbish.encoded(rubbish.text(random).slice(0, 2000))
    return `${rubbish.encoded(name)}=${value}`
  })
  return `?${pairs.join('&')}`
}

/** The cookie of the actor, or one that doesn't sign anyone in. Returns who the request comes from. */
function cookieFor(actor: Actor, cookie: string): [Actor, Record<string, string>] {
  if (chance(0.85)) return [actor, { cookie }]
  const odd = pick([
    '',
    'academy_session=',
    'academy_session=s%3Aunknown.signature',
    `${cookie.slice(0, -4)}AAAA`,
    cookie.replace('s%3A', 'j%3A'),
    'academy_session=%ff; device=%00; theme=__proto__; flash=x.y',
    'flash=eyJhIjoxfQ.AAAA; theme=dark; lang=xx',
    'a'.repeat(4000),
    '__proto__=1; constructor=2; =; ;;',
  ])
  return ['anonymous', odd ? { cookie: odd } : {}]
}

function oddHeaders(): Record<string, string> {
  if (chance(0.7)) return {}
  return pick<Record<string, string>>([
    { accept: '*/*' },
    { accept: 'application/json' },
    { accept: 'q=;;,/' },
    { 'accept-language': 'xx-YY;q=9, __proto__' },
    { 'accept-language': 'a'.repeat(3000) },
    { 'accept-encoding': 'identity;q=0' },
    { 'user-agent': '' },
    { 'user-agent': 'Mozilla/5.0 Firefox/140.0', referer: 'https://news.example/a?b' },
    { 'user-agent': 'Mozilla/5.0 Firefox/140.0', referer: 'http://[' },
    { referer: 'android-app://x', 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-origin' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { range: 'bytes=0-0,2-3' },
    { range: 'bytes=99999999999999999999-' },
    { range: 'lines=1' },
    { 'if-none-match': '*' },
    { 'if-modified-since': 'yesterday' },
    { 'x-http-method-override': 'DELETE' },
    { 'x-forwarded-for': '1.2.3.4' },
    { authorization: 'Bearer x' },
    { authorization: 'Basic ////' },
    ...(chance(0.2) ? [{ host: 'evil.example' }, { host: '[::' }] : []),
    { expect: '100-continue' },
    { 'x-csrf-token': 'wrong' },
    { cookie: 'academy_session=x' },
  ])
}

function bodyFor(
  path: string,
  names: string[] | null,
  hasToken: boolean,
): { body: Buffer; headers: Record<string, string> } {
  if (path.startsWith('/api/crm/') || path.startsWith('/stripe/')) return machineBody(path)
  const token: [string, string][] = hasToken
    ? [['_csrf', actors.anonymous.csrf]]
    : pick([[], [['_csrf', 'wrong']]])
  const known = [...fields]
  const values: [string, string][] = names
    ? names.map(name => [name, chance(0.75) ? (fields.get(name) ?? 'x') : rubbish.text(random)])
    : Array.from({ length: below(8) }, () => {
        const [name, value] = known.length && chance(0.7) ? pick(known) : [rubbish.key(random), '']
        return [name, chance(0.3) ? value : rubbish.text(random)]
      })
  const pairs = [...token, ...values]
  const form = pairs.map(([name, value]) => `${rubbish.encoded(name)}=${rubbish.encoded(value)}`).join('&')
  const urlencoded = 'application/x-www-form-urlencoded'
  const kind = below(20)
  if (kind < 12) return { body: Buffer.from(form), headers: { 'content-type': urlencoded } }
  if (kind < 15) return multipart(pairs)
  const json = JSON.stringify(chance(0.5) ? Object.fromEntries(pairs) : rubbish.json(random)) ?? ''
  if (kind < 17) {
    return {
      body: Buffer.from(json),
      headers: { 'content-type': 'application/json', ...tokenHeader(hasToken) },
    }
  }
  return pick([
    () => ({ body: Buffer.alloc(0), headers: tokenHeader(hasToken) }),
    () => ({ body: Buffer.from(json), headers: { 'content-type': 'text/plain', ...tokenHeader(hasToken) } }),
    () => ({
      body: Buffer.from('{"a":'),
      headers: { 'content-type': 'application/json', ...tokenHeader(hasToken) },
    }),
    () => ({ body: Buffer.from(form), headers: { 'content-type': `${urlencoded}; charset=utf-7` } }),
    () => ({ body: Buffer.from(form), headers: { 'content-type': `${urlencoded}; charset=iso-8859-1` } }),
    () => ({ body: Buffer.from(form), headers: { 'content-type': urlencoded, 'content-encoding': 'gzip' } }),
    () => ({ body: gzipSync(form), headers: { 'content-type': urlencoded, 'content-encoding': 'gzip' } }),
    () => ({
      body: gzipSync(Buffer.alloc(3e6)),
      headers: { 'content-type': urlencoded, 'content-encoding': 'gzip' },
    }),
    () => ({ body: Buffer.from(`a=%&${form}&b=%E0%A4%A&c[d]=1`), headers: { 'content-type': urlencoded } }),
    () => ({ body: Buffer.from(`${form}&${'a=1&'.repeat(600)}`), headers: { 'content-type': urlencoded } }),
    () => ({ body: Buffer.alloc(500_000, 'a'), headers: { 'content-type': urlencoded } }),
    () => ({ body: Buffer.from([0xff, 0xfe, 0x00]), headers: { 'content-type': ';;;' } }),
  ])()
}

const tokenHeader = (hasToken: boolean): Record<string, string> =>
  hasToken ? { 'x-csrf-token': actors.anonymous.csrf } : {}

function multipart(pairs: [string, string][]): { body: Buffer; headers: Record<string, string> } {
  const boundary = 'fuzz-boundary'
  const part = (head: string, content: string | Buffer) =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ])
  const file = pick<[string, string | Buffer]>([
    ['x.png', Buffer.from([0x89, 0x50])],
    ['../../x.md', 'text'],
    ['course.zip', Buffer.from('PK\x03\x04rubbish')],
    ['x.vtt', 'WEBVTT\n\n99:99.999 --> 1\nx'],
    ['x.mp4', Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom\xff\xff')],
    ['x.mp3', Buffer.from('ID3\x04\0\0\0\0')],
    ['', ''],
    ['a'.repeat(500), 'x'],
    ['x.json', '{"a":'],
    ['x.webm', Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ])
  const name = pick(['files', 'file', 'archive', 'upload', '__proto__'])
  const parts = [
    ...pairs.map(([field, value]) => part(`name="${field.replace(/["\r\n\0]/g, '')}"`, value)),
    part(`name="${name}"; filename="${file[0]}"`, file[1]),
  ]
  const whole = Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)])
  return {
    body: chance(0.85) ? whole : whole.subarray(0, below(whole.length)),
    headers: {
      'content-type': chance(0.95) ? `multipart/form-data; boundary=${boundary}` : 'multipart/form-data',
    },
  }
}

/** The body of a program, correctly signed in most cases. */
function machineBody(path: string): { body: Buffer; headers: Record<string, string> } {
  const value = (real: unknown) => (chance(0.8) ? real : rubbish.json(random))
  const isStripe = path.startsWith('/stripe/')
  const id = pick(world.parameters.id!)
  const content = isStripe
    ? {
        id: value(`evt_${below(1e6)}`),
        object: 'event',
        type: value(pick(stripeTypes)),
        created: value(Math.floor(Date.now() / 1000)),
        data: value({
          object: value({
            id: value(`cs_${below(5)}`),
            object: value(pick(['checkout.session', 'charge', 'refund', 'dispute'])),
            client_reference_id: value(id),
            metadata: value({ order: value(id) }),
            payment_intent: value(`pi_${id}`),
            payment_status: value('paid'),
            status: value(pick(['complete', 'succeeded', 'failed', 'won', 'lost', 'needs_response'])),
            amount: value(24_000),
            amount_total: value(24_000),
            amount_refunded: value(below(24_000)),
            currency: value('eur'),
          }),
        }),
      }
    : {
        type: value(
          pick([
            'opportunity.won',
            'opportunity.lost',
            'lead.accepted',
            'lead.rejected',
            'opportunity.opened',
          ]),
        ),
        data: value({
          external_id: value(id),
          crm_id: value('opp-1'),
          occurred_at: value(new Date().toISOString()),
          amount_minor: value(100),
          currency: value('EUR'),
          reason_code: value('other'),
          reason_text: value('text'),
        }),
      }
  const text = JSON.stringify(chance(0.9) ? content : rubbish.json(random)) ?? ''
  const signed = isStripe ? signedByStripe(text) : signedByCrm(world, `msg-${below(1e9)}`, text)
  const type = chance(0.9) ? 'application/json' : pick(['text/plain', 'application/json; charset=utf-7', ''])
  return {
    body: Buffer.from(text),
    headers: { ...(type && { 'content-type': type }), ...(chance(0.85) ? signed : {}) },
  }
}

/** Remembers the forms of a page. */
function learnFields({ status, text }: FuzzAnswer): void {
  if (status !== 200 && status !== 422) return
  for (const [, attributes = ''] of text.matchAll(/<(?:input|button|select|textarea)([^>]*)>/g)) {
    const name = attribute(attributes, 'name')
    if (name && name !== '_csrf' && fields.size < 2000)
      fields.set(name, attribute(attributes, 'value') ?? 'x')
  }
  for (const [, attributes = '', inside = ''] of text.matchAll(/<form([^>]*)>([^]*?)<\/form>/g)) {
    const action = attribute(attributes, 'action')
    // A visitor who signs out or deletes their account makes no more useful requests in this round.
    if (!action?.startsWith('/') || /sign-out|erasure|\/sessions\//.test(action) || !/post/i.test(attributes))
      continue
    const names = [...inside.matchAll(/\sname="([^"]+)"/g)]
      .map(([, name]) => name!)
      .filter(name => name !== '_csrf')
    if (forms.size < 500) forms.set(action, [...new Set(names)])
  }
}

function attribute(attributes: string, name: string): string | null {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(attributes)?.[1]
  return found?.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'") ?? null
}

function describeRequest({ method, path, actor, headers, body }: Sent): string {
  const { cookie: _cookie, 'content-length': _length, ...shown } = headers
  const sentBody = body.length ? ` ${body.toString('latin1').slice(0, 400)}` : ''
  return `${actor} ${method} ${path.slice(0, 300)} ${JSON.stringify(shown).slice(0, 300)}${sentBody}`
}

/** Does work for each item, several at a time. */
async function inParallel<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const next = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, next))
}
