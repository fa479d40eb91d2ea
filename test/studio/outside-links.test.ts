import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Courses } from '../../src/courses/course'
import { changeDraft } from '../../src/courses/change-draft'
import { openPage } from '../../src/courses/open-page'
import { linkCaps, OutsideLinks } from '../../src/courses/outside-link'
import { changeLesson } from '../../src/courses/outline'
import { recheckOutsideLinks, resultOf, tryOutsideLinks } from '../../src/courses/try-outside-links'
import { days, hours, later, now, setClock } from '../../src/platform/clock'
import { config } from '../../src/platform/config'
import { drainQueue } from '../../src/worker'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

/* Outside links are opened by the worker. A server on this computer stands in for the sites. */

type Seen = { method: string; path: string; agent: string; at: number }
let academy: Academy
let author: Visitor
let site: Server
let home: string
let seen: Seen[] = []
const startedAt = Date.now()
let offset = 0

const answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/ok': (_request, response) => response.end('x'.repeat(5_000_000)),
  '/gone': (_request, response) => response.writeHead(404).end(),
  '/no-robots': (_request, response) => response.writeHead(403).end(),
  '/no-head': ({ method }, response) => response.writeHead(method === 'HEAD' ? 405 : 200).end(),
  '/moved': (_request, response) => response.writeHead(301, { location: '/ok' }).end(),
  '/inside': (_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
  '/other-protocol': ({ socket }) =>
    void socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  '/loop': (_request, response) => response.writeHead(302, { location: '/loop' }).end(),
}

beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author' }))
  site = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    seen.push({ method, path: url, agent: headers['user-agent'] ?? '', at: now().getTime() })
    const answer = answers[url]
    if (answer) answer(request, response)
    else response.writeHead(500).end()
  })
  await new Promise<void>(resolve => site.listen(0, '127.0.0.1', resolve))
  home = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
})
beforeEach(async () => {
  seen = []
  // Ten times as fast, since the calls of a host wait for each other.
  setClock(() => startedAt + (Date.now() - startedAt) * 10 + offset)
  await OutsideLinks.deleteMany({})
})
afterEach(() => {
  setClock()
  config.outsideLinks = 'loopback'
})
afterAll(async () => {
  site.close()
  await academy.close()
})

/** Opens everything that is due, waiting for the turns of the host. */
async function work(): Promise<void> {
  while (await OutsideLinks.exists({ dueAt: { $lte: later(now(), 60_000) } })) {
    if (!(await drainQueue(tryOutsideLinks))) await new Promise(resolve => setTimeout(resolve, 100))
  }
}

async function courseWith(body: string) {
  const { slug, course } = await make.course({ lessons: 1 })
  await changeDraft(course, draft => changeLesson(draft, 'lesson-1', { body }))
  const url = `/studio/courses/${slug}/lessons/lesson-1`
  return { course, slug, checks: async () => plain((await author.get(url).expect(200)).text) }
}

function plain(html: string): string {
  const [, list = ''] = /data-checks>(.*?)<\/aside>/s.exec(html) ?? []
  return list
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
}

test('an author sees what became of each outside link, and when', async () => {
  const { checks } = await courseWith(
    `[a](${home}/ok#part) and [b](${home}/gone)\n[c](${home}/no-robots) and ${home}/moved, [d](${home}/no-head)`,
  )
  expect(await checks()).toContain(`Not tried yet: ${home}/ok`)
  expect(seen).toEqual([])
  await work()
  const today = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' }).format(now())
  const [month, day] = today.split(' ')
  const shown = await checks()
  const on = `on (${day} ${month}|${month} ${day})`
  expect(shown).toMatch(new RegExp(`Answered ${on}: ${home}/ok `))
  expect(shown).toMatch(new RegExp(`Not found ${on}: ${home}/gone \\(status 404\\). It will be tried again`))
  expect(shown).toMatch(new RegExp(`Could not be checked ${on}: ${home}/no-robots .*status 403`))
  expect(shown).toContain(`It has moved for good to ${home}/ok.`)
  expect(shown).toMatch(new RegExp(`Answered ${on}: ${home}/no-head`))
  expect(seen.filter(({ path }) => path === '/no-head').map(({ method }) => method)).toEqual(['HEAD', 'GET'])
  expect(new Set(seen.map(({ agent }) => agent))).toEqual(
    new Set([`Academy-Link-Check/1.0 (+${config.baseUrl})`]),
  )
  // One request may arrive late and the next in time, so only all of them together take as long as they should.
  expect(seen.at(-1)!.at - seen[0]!.at).toBeGreaterThan(900 * (seen.length - 1))
}, 60_000)

test('a page that is not found twice is a warning with its line, and publishing goes on', async () => {
  const { checks, course, slug } = await courseWith(`Text.\n\n[b](${home}/gone)`)
  await work()
  expect(await checks()).not.toContain('Go to it')
  offset += hours(1) + 1000
  await work()
  expect(await checks()).toMatch(/Not found on [^:]*: http\S+\/gone \(status 404\)\. Go to it/)
  const { draftNumber } = (await Courses.findById(course))!
  await author.post(`/studio/courses/${slug}/publication`, { draftNumber: String(draftNumber) }).expect(303)
  answers['/gone'] = (_request, response) => response.writeHead(200).end()
  offset += days(8)
  await recheckOutsideLinks()
  await work()
  expect(await checks()).toMatch(/Answered on [^:]*: http\S+\/gone/)
  answers['/gone'] = (_request, response) => response.writeHead(404).end()
}, 60_000)

test('a link never leads the academy into a private network, nor around in circles', async () => {
  const { checks } = await courseWith(`[a](${home}/inside) [b](${home}/loop)`)
  await work()
  expect(await checks()).toMatch(
    /Could not be checked on [^:]*: http\S+\/inside redirects to a private network/,
  )
  expect(await checks()).toMatch(/No answer on [^:]*: http\S+\/loop redirects without end/)
  expect(seen.filter(({ path }) => path === '/loop').length).toBeLessThanOrEqual(6)
}, 60_000)

test('a site that switches to another protocol keeps no link waiting', async () => {
  const opened = await openPage(`${home}/other-protocol`)
  expect(opened).toEqual({ status: null, reason: 'noConnection', movedTo: null })
})

test('in production only public hosts and the ports of websites are called', async () => {
  config.outsideLinks = 'public'
  const { checks } = await courseWith(
    `[a](${home}/ok) [b](http://10.0.0.7/) [c](https://example.com:22/) [d](https://intranet/)`,
  )
  expect(await OutsideLinks.count()).toBe(0)
  const shown = await checks()
  expect(shown).toContain(`Not tried: ${home}/ok isn't on the public internet.`)
  expect(shown).toContain("Not tried: http://10.0.0.7/ isn't on the public internet.")
  expect(shown).toContain("Not tried: https://example.com:22/ uses a port that websites don't have.")
})

test('the demo and an academy that opens no outside links call nobody, and say so', async () => {
  const { checks, course } = await courseWith('[a](https://example.com/)')
  expect(await OutsideLinks.count()).toBe(0)
  expect(await checks()).toContain("Not tried yet: https://example.com/. This academy doesn't open links")
  config.outsideLinks = 'none'
  await changeDraft(course, draft => changeLesson(draft, 'lesson-1', { body: `[a](${home}/ok)` }))
  expect(await OutsideLinks.count()).toBe(0)
})

test('links in questions and settings are tried too, and code is not', async () => {
  const { course } = await make.course({ lessons: 1 })
  const fields = `kind: single\nprompt: See ${home}/q.\nchoices:\n  - {content: a}\n  - {content: b}\n`
  const question = `\`\`\`quiz\n${fields}\`\`\``
  await changeDraft(course, draft => ({
    ...changeLesson(draft, 'lesson-1', { body: `\`${home}/code\`\n\n${question}\n` }),
    description: `[site](${home}/d)`,
    forYou: [`you know ${home}/f`],
  }))
  const urls = (await OutsideLinks.find()).map(({ url }) => url.replace(home, ''))
  expect(urls.sort()).toEqual(['/d', '/f', '/q'])
})

test('a course can only have so many new addresses opened in a day', async () => {
  const links = (from: number) =>
    Array.from({ length: 150 }, (_, n) => `[x](${home}/${from + n})`).join('\n\n')
  const { course, checks } = await courseWith(links(0))
  await changeDraft(course, draft => changeLesson(draft, 'lesson-1', { body: links(1000) }))
  expect(await OutsideLinks.count()).toBe(linkCaps.perCourseAndDay)
  expect(await checks()).toContain('And 120 more outside links.')
  offset += days(1)
  await recheckOutsideLinks()
  expect(await OutsideLinks.count({ course })).toBe(300)
})

test('failures on one day are not enough to call a link dead, failures on two days are', () => {
  const monday = new Date('2026-11-23T09:00:00Z')
  const down = { status: null, reason: 'timeout', movedTo: null } as const
  const first = resultOf({ failedOn: null, notFound: 0 }, down, monday)
  expect(first).toMatchObject({ outcome: 'failed', failedOn: '2026-11-23', dueAt: later(monday, days(1)) })
  const again = { failedOn: '2026-11-23', notFound: 0 }
  expect(resultOf(again, down, later(monday, hours(3))).outcome).toBe('failed')
  expect(resultOf(again, down, later(monday, days(1))).outcome).toBe('dead')
  const busy = { status: 429, reason: 'status', movedTo: null } as const
  expect(resultOf(again, busy, later(monday, days(1)))).toMatchObject({ outcome: 'refused', failedOn: null })
  expect(resultOf(again, { ...busy, status: 999 }, monday).outcome).toBe('refused')
})
