import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openBrowser } from '../../../../test/kit/browser'

type Shot = { type: 'png' } | { type: 'jpeg'; quality: number }
export type Canvas = { shoot(svg: string, shot: Shot): Promise<Buffer>; close(): Promise<void> }

/** Opens a browser that renders drawings with the academy's fonts, with `scale` pixels per unit. */
export async function openCanvas(scale: number): Promise<Canvas> {
  const browser = await openBrowser()
  const context = await browser.newContext({
    deviceScaleFactor: scale,
    viewport: { width: 1280, height: 900 },
  })
  const page = await context.newPage()
  const css = `${await fontFaces()} body { margin: 0 } svg { display: block }`
  await page.setContent(`<style>${css}</style><main></main>`)
  return {
    async shoot(svg, shot) {
      await page.evaluate(`document.querySelector('main').innerHTML = ${JSON.stringify(svg)}`)
      await page.evaluate('document.fonts.ready.then(() => undefined)')
      return page.locator('main > svg').screenshot({ omitBackground: shot.type === 'png', ...shot })
    },
    close: () => browser.close(),
  }
}

const fonts = join(__dirname, '../../../../../public/fonts')

async function fontFaces(): Promise<string> {
  const faces = [
    ['Hanken', 'hanken-grotesk-latin-wght-normal'],
    ['Hanken', 'hanken-grotesk-latin-ext-wght-normal'],
    ['Brygada', 'brygada-1918-latin-wght-normal'],
  ] as const
  const rules = faces.map(async ([family, file]) => {
    const bytes = await readFile(join(fonts, `${file}.woff2`))
    const range = file.includes('-ext-') ? 'unicode-range: U+0100-02AF, U+1E00-1EFF;' : ''
    const source = `url(data:font/woff2;base64,${bytes.toString('base64')})`
    return `@font-face { font-family: ${family}; font-weight: 100 900; src: ${source}; ${range} }`
  })
  return (await Promise.all(rules)).join('\n')
}
