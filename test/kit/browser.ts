import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

/** A real browser: the one that `CHROME_PATH` names, the system's, or the one that comes inside an npm package. */
export async function openBrowser(): Promise<Browser> {
  const known = [process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
    path => path && existsSync(path),
  )
  return chromium.launch({
    executablePath: known ?? unpackedBrowser(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
    ],
  })
}

/**
 * The browser inside the package. It is unpacked aside, by a process that takes that place for its temporary folder, and moved when it
 * is whole: two workers may need it at once, and one may be stopped half-way.
 */
function unpackedBrowser(): string {
  const place = join(tmpdir(), 'lyceum-browser')
  if (!existsSync(place)) {
    const aside = mkdtempSync(`${place}-`)
    const unpack = 'require(process.argv[1]).executablePath()'
    execFileSync(process.execPath, ['-e', unpack, require.resolve('@sparticuz/chromium')], {
      env: { ...process.env, TMPDIR: aside },
    })
    try {
      renameSync(aside, place)
    } catch {
      // The other worker was first.
      rmSync(aside, { recursive: true, force: true })
    }
  }
  return join(place, 'chromium')
}

const sizes = { wide: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } }

/** Somebody with a browser of their own: its page, and what its console said, which should be nothing. */
export type Walker = { page: Page; context: BrowserContext; said: string[] }

export async function openPage(
  browser: Browser,
  options: { baseURL: string; javaScriptEnabled?: boolean },
): Promise<Walker> {
  const context = await browser.newContext({ viewport: sizes.wide, reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const said: string[] = []
  page.on('console', message => {
    // Chromium notes each page that answers 4xx: a refused form, a lesson for others. What a page loads must be there.
    const isThePage = message.location().url === page.url()
    if (!isThePage || !message.text().startsWith('Failed to load resource'))
      said.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', error => said.push(`${page.url()}: ${error.message}`))
  return { page, context, said }
}

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * What axe finds on the page, wide and narrow, by day and by night, and whether the page scrolls sideways there or between. By night only the
 * colours differ, so only the rules that look at them are asked again.
 */
export async function faultsOf(page: Page): Promise<string[]> {
  const faults: string[] = []
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport)
    if (await scrollsSideways(page)) faults.push(`${page.url()} (${size}): scrolls sideways`)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const { id, nodes } of colorScheme === 'light' ? await askAxe(page) : await askOfColours(page)) {
        const where = nodes.map(node => node.html).join(' | ')
        faults.push(`${page.url()} (${size}, ${colorScheme}): ${id}: ${where.slice(0, 400)}`)
      }
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  for (const width of [768, 1024]) {
    await page.setViewportSize({ ...sizes.wide, width })
    if (await scrollsSideways(page)) faults.push(`${page.url()} (${width}): scrolls sideways`)
  }
  await page.setViewportSize(sizes.wide)
  return faults
}

function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')
}

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

type Violation = { id: string; nodes: { html: string }[] }

/** Everything; puts axe into the page first, unless it is there. */
async function askAxe(page: Page): Promise<Violation[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe)
  return violations(page, { type: 'tag', values: standards })
}

/** Only the rules of colour, of the axe that is in the page since it was asked everything. */
function askOfColours(page: Page): Promise<Violation[]> {
  return violations(page, ['color-contrast', 'link-in-text-block'])
}

/** Only what is wrong is described: to describe what is right takes most of the time. */
function violations(page: Page, runOnly: object): Promise<Violation[]> {
  const asked = JSON.stringify({ runOnly, resultTypes: ['violations'] })
  return page.evaluate<Violation[]>(`axe.run(${asked}).then(found => found.violations)`)
}
