import request from 'supertest'
import { assetUrl, saveAsset } from '../../src/courses/asset'
import { openAcademy, theApp, type Academy } from '../kit/academy'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

const video = Buffer.from(Array.from({ length: 1000 }, (_, n) => n % 251))
const address = async (type: string, name: string, bytes = video) =>
  assetUrl(await saveAsset(bytes, type), name)

test('a browser caches a video for good and can request ranges of it', async () => {
  const url = await address('video/webm', 'tour.webm')
  const whole = await request(theApp()).get(url).expect(200)
  expect(whole.headers).toMatchObject({
    'content-type': 'video/webm',
    'content-length': '1000',
    'accept-ranges': 'bytes',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  })
  const part = await request(theApp()).get(url).set('range', 'bytes=100-199').expect(206)
  expect(part.headers['content-range']).toBe('bytes 100-199/1000')
  expect(part.body).toEqual(video.subarray(100, 200))
  const end = await request(theApp()).get(url).set('range', 'bytes=-10').expect(206)
  expect(end.body).toEqual(video.subarray(990))
  await request(theApp()).get(url).set('range', 'bytes=2000-').expect(416)
  await request(theApp()).get(url).set('if-none-match', whole.headers.etag!).expect(304)
})

test('a file that a browser could run is always a download', async () => {
  for (const type of ['image/svg+xml', 'text/html', 'application/javascript']) {
    const answer = await request(theApp()).get(await address(type, 'a b.svg', Buffer.from(type)))
    expect(answer.headers['content-type']).toBe('application/octet-stream')
    expect(answer.headers['content-disposition']).toContain('attachment; filename="a b.svg"')
  }
  const sheet = await request(theApp()).get(
    await address('application/pdf', 'sheet.pdf', Buffer.from('%PDF')),
  )
  expect(sheet.headers['content-disposition']).toContain('attachment')
})

test('an unknown file is not found', async () => {
  await request(theApp())
    .get(`/assets/${'0'.repeat(64)}/x.png`)
    .expect(404)
  await request(theApp()).get('/assets/../x.png').expect(404)
  await request(theApp()).get('/assets/short/x.png').expect(404)
})
