import mongoose from 'mongoose'
import request from 'supertest'
import sharp from 'sharp'
import { assetUrl, findAsset, saveAsset, type Asset } from '../../src/courses/asset'
import { exportCourse } from '../../src/courses/export-course'
import { imageInWidth } from '../../src/courses/image-sizes'
import { inspectMedia } from '../../src/courses/media'
import { enrol } from '../../src/learning/enrol'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { anonymous, as } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

async function stored(bytes: Buffer, name: string): Promise<Asset> {
  const { asset, bytes: cleaned } = await inspectMedia(`assets/${name}`, bytes)
  return { ...asset!, hash: await saveAsset(cleaned!, asset!.type) }
}

const photoOf = (width: number, height: number, seed = 1) =>
  sharp({
    create: {
      width: 300,
      height: 200,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', sigma: 40 + seed },
    },
  })
    .resize(width, height)
    .jpeg({ quality: 95 })
    .toBuffer()

/** A window with a frame, a bar and lines of text: five colours. */
const screenshot = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .composite(
      Array.from({ length: 40 }, (_, n) => ({
        input: {
          create: {
            width: 40 + n * 13,
            height: 9,
            channels: 3,
            background: ['#123456', '#c0392b', '#777777'][n % 3]!,
          },
        } as const,
        left: 20 + n * 3,
        top: 20 + n * 14,
      })),
    )
    .png()
    .toBuffer()

const get = (url: string) => request(theApp()).get(url)

/** The addresses and widths that a page offers of its only picture. */
function offered(html: string): { url: string; width: number }[] {
  const [, srcset = ''] = /<source type="image\/webp" srcset="([^"]*)"/.exec(html) ?? []
  return srcset
    .split(', ')
    .filter(Boolean)
    .map(each => {
      const [url = '', width] = each.split(' ')
      return { url: url.replaceAll('&amp;', '&'), width: Number.parseInt(width!, 10) }
    })
}

test('a phone gets a small picture, and the original stays as it is', async () => {
  const bytes = await photoOf(2400, 1600)
  const photo = await stored(bytes, 'Kaffee Küche.jpg')
  const course = await make.course({
    assets: [photo],
    lessons: 1,
    lesson: () => ({ body: '![A kitchen](<assets/Kaffee Küche.jpg>)' }),
  })
  const { text } = await (await anonymous()).get(`/courses/${course.slug}/lessons/lesson-1`).expect(200)
  expect(text).toMatch(
    /<picture><source [^>]*sizes="[^"]+"[^>]*><img [^>]*width="2400" height="1600"[^>]*><\/picture>/,
  )
  const sizes = offered(text)
  expect(sizes.map(({ width }) => width)).toEqual([480, 960, 1600])
  let last = 0
  for (const { url, width } of sizes) {
    const response = await get(url).expect(200)
    expect(response.headers).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    const body = response.body as Buffer
    expect(await sharp(body).metadata()).toMatchObject({ format: 'webp', width })
    expect(body.length).toBeGreaterThan(last)
    expect(body.length).toBeLessThan(bytes.length / 2)
    last = body.length
    expect((await get(url)).body).toEqual(body)
  }
  expect((await get(assetUrl(photo.hash, photo.path))).body).toEqual(bytes)
  const files = await exportCourse(course.slug, course.content)
  expect(files.find(({ path }) => path.endsWith('.jpg'))!.bytes).toEqual(bytes)
})

test('the preview offers the same sizes, and no size is larger than the picture', async () => {
  const photo = await stored(await photoOf(1200, 800), 'a.jpg')
  const body = '![A](assets/a.jpg)'
  const course = await make.course({ assets: [photo], lessons: 1, lesson: () => ({ body }) })
  const author = await as(await make.person({ role: 'author' }))
  const preview = await author.get(`/studio/courses/${course.slug}/lessons/lesson-1/preview`).expect(200)
  expect(offered(preview.text).map(({ width }) => width)).toEqual([480, 960, 1200])
})

test('a screenshot keeps its colours in every size', async () => {
  const shot = await stored(await screenshot(1500, 800), 'shot.png')
  await make.course({ assets: [shot], lessons: 1, lesson: () => ({ body: '![S](assets/shot.png)' }) })
  const { body, headers } = await get(`${assetUrl(shot.hash, shot.path)}?width=1500`).expect(200)
  expect(headers['content-type']).toBe('image/webp')
  const pixel = (bytes: Buffer) =>
    sharp(bytes).extract({ left: 25, top: 22, width: 1, height: 1 }).raw().toBuffer()
  expect([...(await pixel(body as Buffer))]).toEqual([0x12, 0x34, 0x56])
})

test('an animation and a small picture are served as they are, and so is a width that is not offered', async () => {
  const frame = (background: string) =>
    sharp({ create: { width: 900, height: 20, channels: 4, background } })
      .png()
      .toBuffer()
  const frames = () => sharp([frameA, frameB], { join: { animated: true } })
  const [frameA, frameB] = [await frame('red'), await frame('blue')]
  const assets = [
    await stored(await frames().gif().toBuffer(), 'moves.gif'),
    await stored(await frames().webp().toBuffer(), 'moves.webp'),
    await stored(await photoOf(300, 200), 'small.jpg'),
    await stored(await photoOf(1000, 500, 2), 'wide.jpg'),
  ]
  const body = assets.map(({ path }) => `![x](${path})`).join('\n\n')
  const course = await make.course({ assets, lessons: 1, lesson: () => ({ body }) })
  const { text } = await (await anonymous()).get(`/courses/${course.slug}/lessons/lesson-1`).expect(200)
  expect(text.match(/<picture>/g)).toHaveLength(2)
  for (const [n, width] of [480, 480, 480, 555].entries()) {
    const url = assetUrl(assets[n]!.hash, assets[n]!.path)
    expect((await get(`${url}?width=${width}`).expect(200)).body).toEqual((await get(url)).body)
  }
  await get(`${assetUrl(assets[0]!.hash, 'x.gif')}?width=1e9`).expect(200)
})

test('a size of a picture is only for those who may open the picture', async () => {
  const photo = await stored(await photoOf(1000, 600, 3), 'paid.jpg')
  const course = await make.course({
    assets: [photo],
    lessons: 2,
    lesson: n => (n === 2 ? { body: '![P](assets/paid.jpg)' } : {}),
  })
  const url = `${assetUrl(photo.hash, photo.path)}?width=480`
  await get(url).expect(404)
  const ada = await make.person()
  await enrol({ person: ada._id, published: course, paid: false })
  const response = await (await as(ada)).get(url).expect(200)
  expect(response.headers['cache-control']).not.toContain('public')
})

test.each([
  ['photo.heic', 'heic', '\0\0\0\x18ftypheic\0\0\0\0'],
  ['photo.jpg', 'heic', '\0\0\0\x18ftypmif1\0\0\0\0'],
  ['logo.svg', 'svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['scan.tiff', 'image', 'II*\0'],
  ['clip.mov', 'video', '\0\0\0\x14ftypqt  '],
  ['slides.pptx', 'document', 'PK\x03\x04'],
  ['prices.xlsx', 'table', 'PK\x03\x04'],
])('%s is refused with what to do about it', async (name, advice, start) => {
  const { fault } = await inspectMedia(`assets/${name}`, Buffer.from(start.padEnd(64), 'latin1'))
  expect(fault).toMatchObject({ file: `assets/${name}`, key: `studio:faults.convert.${advice}` })
})

test('a width that is not offered is read once, and then costs nothing', async () => {
  const asset = await stored(await photoOf(900, 600, 9), 'wide.jpg')
  const original = (await findAsset(asset.hash))!
  expect(await imageInWidth(original, 481)).toEqual(original)
  await mongoose.connection
    .collection<{ _id: string }>('asset_pieces')
    .deleteMany({ _id: new RegExp(`^${asset.hash}`) })
  for (const width of [1, 482, 901, 1600]) expect(await imageInWidth(original, width)).toEqual(original)
})
