import { createHash, randomBytes } from 'node:crypto'
import { assetBytes, assetNamed, assetUrl, findAsset, readAsset, saveAsset } from '../../src/courses/asset'
import { openAcademy, type Academy } from '../kit/academy'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())

async function read(hash: string, range?: { start: number; end: number }): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of readAsset((await findAsset(hash))!, range)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

test('a file is stored under its hash and can be read whole or in part', async () => {
  const bytes = randomBytes(600_000)
  const hash = await saveAsset(bytes, 'video/webm')
  expect(hash).toBe(createHash('sha256').update(bytes).digest('hex'))
  expect(await findAsset(hash)).toMatchObject({ _id: hash, size: 600_000, type: 'video/webm' })
  expect((await read(hash)).equals(bytes)).toBe(true)
  for (const [start, end] of [
    [0, 0],
    [262_143, 262_144],
    [262_144, 524_287],
    [599_999, 599_999],
    [100, 599_000],
  ] as const) {
    expect((await read(hash, { start, end })).equals(bytes.subarray(start, end + 1))).toBe(true)
  }
})

test('the same bytes are stored once, even when three uploads arrive together', async () => {
  const bytes = randomBytes(300_000)
  const hashes = await Promise.all([1, 2, 3].map(() => saveAsset(bytes, 'image/png')))
  expect(new Set(hashes).size).toBe(1)
  expect((await assetBytes(hashes[0]!))!.equals(bytes)).toBe(true)
})

test('a small file is read again from the cache', async () => {
  const bytes = Buffer.from('WEBVTT\n')
  const hash = await saveAsset(bytes, 'text/vtt')
  expect(await read(hash)).toEqual(bytes)
  expect(await read(hash, { start: 3, end: 5 })).toEqual(Buffer.from('VTT'))
})

test('a file that was never stored is not found', async () => {
  expect(await findAsset('0'.repeat(64))).toBeNull()
  expect(await findAsset('../../etc/passwd')).toBeNull()
  expect(await assetBytes('0'.repeat(64))).toBeNull()
})

test('lessons refer to files by their path, relative to any folder', () => {
  const asset = { path: 'assets/a b.png', hash: 'h', size: 1, type: 'image/png' }
  for (const name of ['assets/a b.png', 'assets/a%20b.png', '../assets/a%20b.png', './assets/a b.png#x']) {
    expect(assetNamed([asset], name)).toBe(asset)
  }
  expect(assetNamed([asset], 'assets/%zz')).toBeUndefined()
  expect(assetNamed([asset], 'https://x.example/assets/a b.png')).toBeUndefined()
  expect(assetUrl('h', asset.path)).toBe('/assets/h/a%20b.png')
})
