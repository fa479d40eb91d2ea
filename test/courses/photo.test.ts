import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { inspectMedia } from '../../src/courses/media'

const phone = readFileSync(join(__dirname, 'reported/20-phone-photo-gps-orientation6.jpg'))

/** An image of 40 × 20 pixels, red at its left, as a camera turned it, with the name of its author. */
const taken = (format: 'jpeg' | 'png' | 'webp', orientation: number) =>
  sharp({ create: { width: 40, height: 20, channels: 3, background: 'blue' } })
    .composite([
      { input: { create: { width: 10, height: 20, channels: 3, background: 'red' } }, left: 0, top: 0 },
    ])
    .withExif({ IFD0: { Artist: 'Ines Halvorsen' } })
    .withMetadata({ orientation })
    .toFormat(format)
    .toBuffer()

test('a phone’s photo is stored upright, in its right size, without the place where it was taken', async () => {
  const { asset, bytes } = await inspectMedia('assets/phone.jpg', phone)
  expect(asset).toMatchObject({ width: 200, height: 400, size: bytes!.length, type: 'image/jpeg' })
  const { orientation, exif, xmp, iptc } = await sharp(bytes).metadata()
  expect({ orientation, exif, xmp, iptc }).toEqual({})
})

test.each([
  ['jpeg', 'jpg', 1, [40, 20]],
  ['jpeg', 'jpg', 3, [40, 20]],
  ['jpeg', 'jpg', 8, [20, 40]],
  ['png', 'png', 6, [20, 40]],
  ['webp', 'webp', 6, [20, 40]],
] as const)('a %s (.%s) with orientation %i loses its author', async (format, ending, orientation, size) => {
  const given = await taken(format, orientation)
  expect(given.includes('Ines')).toBe(true)
  const { asset, bytes } = await inspectMedia(`assets/a.${ending}`, given)
  expect([asset!.width, asset!.height]).toEqual(size)
  expect(bytes!.includes('Ines')).toBe(false)
  expect((await sharp(bytes).metadata()).format).toBe(format)
})

test('a photo that was turned shows its red side where its owner saw it', async () => {
  const { bytes } = await inspectMedia('assets/a.png', await taken('png', 6))
  const [red, , blue] = await sharp(bytes).extract({ left: 10, top: 2, width: 1, height: 1 }).raw().toBuffer()
  expect([red! > 200, blue! < 60]).toEqual([true, true])
})

test('an image without such data keeps its bytes, and an animation its frames', async () => {
  const plain = await sharp({ create: { width: 4, height: 2, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  expect((await inspectMedia('assets/a.png', plain)).bytes).toBe(plain)
  const frame = (background: string) =>
    sharp({ create: { width: 4, height: 2, channels: 4, background } })
      .png()
      .toBuffer()
  const frames = await sharp([await frame('red'), await frame('blue')], { join: { animated: true } })
    .gif()
    .toBuffer()
  const { bytes, asset } = await inspectMedia('assets/a.gif', frames)
  expect([(await sharp(bytes, { animated: true }).metadata()).pages, asset!.height]).toEqual([2, 2])
})
