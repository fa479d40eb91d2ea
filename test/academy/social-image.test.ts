import sharp from 'sharp'
import { saveAsset } from '../../src/courses/asset'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let visitor: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  visitor = await anonymous()
})
afterAll(() => academy.close())

/** The pixels of a picture, the part with the text, and the part with the cover. */
async function pixelsOf(slug: string) {
  const { body, headers } = await visitor.get(`/courses/${slug}/cover.png`).expect(200)
  const image = sharp(body as Buffer)
  expect(await image.metadata()).toMatchObject({ width: 1200, height: 630, format: 'png' })
  const dark = async (left: number, width: number) => {
    const part = image.clone().extract({ left, top: 130, width, height: 350 }).removeAlpha().raw()
    const pixels = await part.toBuffer()
    let count = 0
    for (let n = 0; n < pixels.length; n += 3) if (pixels[n]! + pixels[n + 1]! + pixels[n + 2]! < 150) count++
    return count
  }
  return { dark, headers, size: (body as Buffer).length }
}

test.each([
  ['en', 'Find the failing pump', 'ltr'],
  ['ar', 'كيف تكتشف المضخة المعطلة', 'rtl'],
  ['he', 'איך למצוא את המשאבה', 'rtl'],
  ['hi', 'पंप को पहचानें', 'ltr'],
  ['ja', '故障する前に', 'ltr'],
])(
  'a title in %s is drawn where its text begins, without fonts of the system',
  async (language, title, dir) => {
    const { slug } = await make.course({ slug: `in-${language}`, title, language })
    const { dark, headers, size } = await pixelsOf(slug)
    expect(await dark(dir === 'rtl' ? 900 : 64, 200)).toBeGreaterThan(1500)
    expect(size).toBeLessThan(60_000)
    expect(headers).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'public, max-age=86400',
      'cross-origin-resource-policy': 'cross-origin',
    })
    await visitor.get(`/courses/${slug}/cover.png`).set('if-none-match', headers.etag!).expect(304)
  },
)

test('a course with a picture of its own shows it beside the title', async () => {
  const black = { create: { width: 800, height: 500, channels: 3 as const, background: '#000' } }
  const bytes = await sharp(black).png().toBuffer()
  const hash = await saveAsset(bytes, 'image/png')
  const cover = {
    path: 'assets/cover.png',
    hash,
    size: bytes.length,
    type: 'image/png',
    width: 800,
    height: 500,
  }
  await make.course({ slug: 'pictured', cover: cover.path, assets: [{ ...cover, alt: 'Black' }] as never })
  const { dark } = await pixelsOf('pictured')
  expect(await dark(640, 560)).toBe(560 * 350)
})

test('a course that not everyone sees has no picture, and its page names none', async () => {
  await make.course({ slug: 'hidden', visibility: 'signed-in' })
  const member = await as(await make.person())
  const { text } = await member.get('/courses/hidden').expect(200)
  expect(text).not.toContain('cover.png')
  for (const who of [member, visitor]) await who.get('/courses/hidden/cover.png').expect(404)
})

test('a hidden lesson isn’t counted', async () => {
  const lesson = (n: number) => (n === 2 ? { visibility: 'invited' as const } : {})
  await make.course({ slug: 'partly', title: 'Same', lesson })
  const member = await as(await make.person({ role: 'author' }))
  const [theirs, ours] = [
    await member.get('/courses/partly/cover.png').expect(200),
    await visitor.get('/courses/partly/cover.png').expect(200),
  ]
  expect(theirs.headers.etag).toBe(ours.headers.etag)
})
