import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readDemoLook } from '../../scripts/demo/brand-look'
import { defaultBrandId, readBrand } from '../../src/brand/brand'
import { publishBrand, saveBrandDraft } from '../../src/brand/change-brand'
import { blankBrand, brandContent, type BrandContent } from '../../src/brand/content'
import { filesIn, maxFilesMegabytes } from '../../src/brand/file'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous } from '../kit/as'

let academy: Academy
let content: BrandContent
beforeAll(async () => {
  academy = await openAcademy()
  content = brandContent.parse({
    ...blankBrand,
    academyName: 'Tarnwell Academy',
    ...(await readDemoLook('tarnwell')),
  })
})
afterAll(() => academy.close())

const home = join(__dirname, '../../scripts/demo/tarnwell')

test('Tarnwell’s look and home page are a brand that can be published, and a visitor sees them', async () => {
  const { draftNumber } = await readBrand()
  await publishBrand(defaultBrandId, await saveBrandDraft(defaultBrandId, content, draftNumber), null)
  const visitor = await anonymous()
  const { text } = await visitor.get('/').expect(200)
  expect(text).toContain('Know your pumps before they fail.</h1>')
  expect(text).toContain('Hartley Dairies')
  expect(text).toMatch(/<track\s+kind="captions"/)
  for (const { hash, name } of filesIn(content)) await visitor.get(`/assets/${hash}/${name}`).expect(200)
})

test('its files are small enough to be exported and imported again', () => {
  const total = filesIn(content).reduce((sum, { size }) => sum + size, 0)
  expect(total).toBeLessThan(maxFilesMegabytes * 1024 * 1024)
})

test('its home page leads to paths and courses that are in the demo', () => {
  const paths = (parse(readFileSync(join(home, 'paths.yml'), 'utf8')) as { slug: string }[]).map(
    ({ slug }) => slug,
  )
  const targets = JSON.stringify(content.home)
    .match(/"\/(?:paths|courses)\/[^"]+"/g)!
    .map(each => each.slice(1, -1))
  expect(targets.length).toBeGreaterThan(4)
  for (const target of targets) {
    const [, kind, slug = ''] = target.split('/')
    const isThere = kind === 'paths' ? paths.includes(slug) : existsSync(join(home, 'courses', slug))
    expect([target, isThere]).toEqual([target, true])
  }
})
