import { publishAcademies, publishCatalogues } from '../../scripts/demo/academies'
import { tarnwellLists } from '../../scripts/demo/tarnwell'
import { config } from '../../src/platform/config'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as } from '../kit/as'
import * as make from '../kit/make'

const tarnwell = new URL(config.baseUrl).host
const guide = `guide.localhost:${new URL(config.baseUrl).port}`

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy(async () => {
    await publishAcademies()
    await publishCatalogues(null)
  })
}, 60_000)
afterAll(() => academy.close())

const read = async (host: string, path: string) =>
  (await (await anonymous()).get(path).set('host', host).expect(200)).text
const linksTo = (text: string, kind: 'courses' | 'paths') => [
  ...new Set([...text.matchAll(new RegExp(`/${kind}/([\\w-]+)`, 'g'))].map(([, slug]) => slug)),
]

test('a visitor meets a maker of pump panels first, and finds Lyceum’s guide from there and back', async () => {
  const first = await read(tarnwell, '/')
  expect(first).toContain('Tarnwell Academy')
  expect(first).toMatch(new RegExp(`href="http://${guide}"[^>]*>Other academy: Lyceum Guide<`))
  const second = await read(guide, '/')
  expect(second).toMatch(new RegExp(`href="${config.baseUrl}"[^>]*>Other academy: Tarnwell Academy<`))
})

test('no page of Tarnwell but the link in the demo’s strip mentions Lyceum', async () => {
  const pages = ['/', '/courses', '/paths', '/pricing', '/pricing/compare', '/needs-assessment', '/privacy']
  for (const page of [...pages, '/terms', '/sharing', '/scoring', '/sign-in', '/sign-up', '/sitemap.xml']) {
    const text = (await read(tarnwell, page)).replace('Other academy: Lyceum Guide', '')
    expect([page, /lyceum/i.exec(text)?.[0]]).toEqual([page, undefined])
  }
})

test('each academy shows its own courses and paths, prices and questions', async () => {
  const [first, second] = await Promise.all([tarnwell, guide].map(host => read(host, '/sitemap.xml')))
  for (const kind of ['courses', 'paths'] as const) {
    const [own, others] = [linksTo(first!, kind), linksTo(second!, kind)]
    expect([own.length, others.length]).toEqual(kind === 'courses' ? [6, 6] : [3, 3])
    expect(own.filter(slug => others.includes(slug))).toEqual([])
  }
  expect(await read(tarnwell, '/pricing')).toContain('£5,400')
  expect(await read(tarnwell, '/pricing/compare')).toMatch(/Single sign-on<[^]*No<[^]*No<[^]*included</)
  expect(await read(guide, '/pricing')).toContain('€240')
  expect(await read(tarnwell, '/needs-assessment')).toContain('I keep pumps running')
  expect(await read(guide, '/needs-assessment')).toContain('Which area do you work in?')
})

test('whoever says how much time they have gets a path of the academy that asked', async () => {
  const answers = { work: 'install', goal: 'commission', now: 'stops', stations: 'few', time: 'weeks' }
  const proposal = await read(
    tarnwell,
    `/needs-assessment?${new URLSearchParams({ ...answers, when: 'year' })}`,
  )
  expect(proposal).toContain('From box to hand-over')
  expect(linksTo(proposal, 'courses')).toEqual(expect.arrayContaining(['commission-a-panel-7']))
})

test('an administrator files the answers of Tarnwell’s questions under its own topics', async () => {
  const admin = await as(await make.person({ role: 'admin' }))
  const { text } = await admin.get('/admin/brands/academy/needs-assessment/questions/work').expect(200)
  const [, topics] = /name="topics-0"([^]*?)<\/fieldset>/.exec(text)!
  const offered = [...`value${topics}`.matchAll(/value="([\w-]+)"/g)].map(([, id]) => id)
  expect(offered).toEqual(tarnwellLists.topics.map(({ id }) => id))
})
