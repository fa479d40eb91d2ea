import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { openCanvas } from './demo/tarnwell/drawings/canvas'
import { images } from './demo/tarnwell/drawings/images'
import { p2Readings } from './demo/tarnwell/drawings/p2-readings'
import { makeVideo } from './demo/tarnwell/video/make-video'

/**
 * Draws every picture of Tarnwell's academy, and makes its video:
 *
 *     npm run tarnwell            all pictures
 *     npm run tarnwell -- cover   those with "cover" in their path
 *     npm run tarnwell -- video   the video; needs `ffmpeg` with VP9 and Opus (Debian: `apt-get install ffmpeg`)
 *
 * Each picture is an SVG of drawings/, rendered by Chromium with the academy's fonts, and saved as WebP or PNG.
 */
async function make(): Promise<void> {
  const wanted = process.argv[2] ?? ''
  const failingPump = join(home, 'courses/find-the-failing-pump/assets')
  if (wanted === 'video') return makeVideo(failingPump)
  const canvas = await openCanvas(2)
  try {
    for (const { file, svg, scale = 2 } of images.filter(each => each.file.includes(wanted))) {
      const target = join(home, file)
      await mkdir(dirname(target), { recursive: true })
      if (file.endsWith('.svg')) await writeFile(target, `${svg.replace(/\s+/g, ' ')}\n`)
      else {
        const bytes = await save(await canvas.shoot(svg, { type: 'png' }), target, scale)
        console.log(`${file}: ${Math.round(bytes / 1024)} kB`)
      }
    }
  } finally {
    await canvas.close()
  }
  await writeFile(join(failingPump, 'p2-november.csv'), p2Readings())
}

const home = join(__dirname, '../../scripts/demo/tarnwell')

/** Saves a screenshot, which has two pixels per unit, with `scale` pixels per unit. Returns the bytes of the file. */
async function save(png: Buffer, file: string, scale: number): Promise<number> {
  const { width } = await sharp(png).metadata()
  const sized = sharp(png).resize(Math.round((width * scale) / 2))
  const encoded = file.endsWith('.png')
    ? sized.png({ palette: true, colours: 128, effort: 10 })
    : sized.webp({ quality: 86, effort: 6, smartSubsample: true })
  const bytes = await encoded.toBuffer()
  await writeFile(file, bytes)
  return bytes.length
}

void make()
