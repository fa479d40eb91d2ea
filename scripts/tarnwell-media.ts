import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { openBrowser } from '../test/kit/browser'
import { images } from './demo/tarnwell/drawings/images'

/**
 * Draws every picture of Tarnwell's academy:
 *
 *     npm run tarnwell            all pictures
 *     npm run tarnwell -- cover   those with "cover" in their path
 *
 * Each is an SVG from drawings/, rendered by Chromium with the academy's fonts, saved as WebP or PNG.
 */
async function drawAll(): Promise<void> {
  const wanted = process.argv[2] ?? ''
  const browser = await openBrowser()
  try {
    const page = await (await browser.newContext({ deviceScaleFactor: 2 })).newPage()
    await page.setContent(
      `<style>${await fontFaces()} body { margin: 0 } svg { display: block }</style><main></main>`,
    )
    for (const { file, svg, scale = 2 } of images.filter(each => each.file.includes(wanted))) {
      const target = join(home, file)
      await mkdir(dirname(target), { recursive: true })
      if (file.endsWith('.svg')) {
        await writeFile(target, `${svg.replace(/\s+/g, ' ')}\n`)
        continue
      }
      const bytes = await save(await shoot(page, svg), target, scale)
      console.log(`${file}: ${Math.round(bytes / 1024)} kB`)
    }
  } finally {
    await browser.close()
  }
}

const home = join(__dirname, '../../scripts/demo/tarnwell')
const fonts = join(__dirname, '../../public/fonts')

async function fontFaces(): Promise<string> {
  const faces = [
    ['Hanken', 'hanken-grotesk-latin-wght-normal'],
    ['Hanken', 'hanken-grotesk-latin-ext-wght-normal'],
    ['Brygada', 'brygada-1918-latin-wght-normal'],
  ]
  const rules = faces.map(async ([family, file]) => {
    const bytes = await readFile(join(fonts, `${file}.woff2`))
    const range = file!.includes('-ext-') ? 'unicode-range: U+0100-02AF, U+1E00-1EFF;' : ''
    const source = `url(data:font/woff2;base64,${bytes.toString('base64')})`
    return `@font-face { font-family: ${family}; font-weight: 100 900; src: ${source}; ${range} }`
  })
  return (await Promise.all(rules)).join('\n')
}

async function shoot(page: Page, svg: string): Promise<Buffer> {
  await page.evaluate(`document.querySelector('main').innerHTML = ${JSON.stringify(svg)}`)
  await page.evaluate('document.fonts.ready.then(() => undefined)')
  return page.locator('svg').screenshot({ omitBackground: true, type: 'png' })
}

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

void drawAll()
