import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

/** Starts a real browser: the one at `CHROME_PATH`, the system's, or the one inside an npm package. */
export async function openBrowser(): Promise<Browser> {
  const installed = [process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
    path => path && existsSync(path),
  )
  return chromium.launch({
    executablePath: installed ?? unpackedBrowser(),
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
 * Returns the path of the browser inside the package. A child process unpacks it into a temporary folder, which is
 * renamed when it is complete: two workers may need it at once, and one of them may be interrupted.
 */
function unpackedBrowser(): string {
  const folder = join(tmpdir(), 'lyceum-browser')
  if (!existsSync(folder)) {
    const unfinished = mkdtempSync(`${folder}-`)
    const unpack = 'require(process.argv[1]).executablePath()'
    execFileSync(process.execPath, ['-e', unpack, require.resolve('@sparticuz/chromium')], {
      env: { ...process.env, TMPDIR: unfinished },
    })
    try {
      renameSync(unfinished, folder)
    } catch {
      // The other worker was first.
      rmSync(unfinished, { recursive: true, force: true })
    }
  }
  return join(folder, 'chromium')
}

const sizes = { wide: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } }

/** A page in its own browser context. `consoleMessages` should stay empty. */
export type OpenPage = { page: Page; context: BrowserContext; consoleMessages: string[] }

export async function openPage(
  browser: Browser,
  options: { baseURL: string; javaScriptEnabled?: boolean },
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: sizes.wide, reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const consoleMessages: string[] = []
  page.on('console', message => {
    // Chromium reports that it followed the header of a sign-out.
    if (message.text().startsWith('Clear-Site-Data header') && message.type() === 'info') return
    // Chromium logs each page with a 4xx status, such as an invalid form. Only the resources of a page have to load.
    const isThePage = message.location().url === page.url()
    if (!isThePage || !message.text().startsWith('Failed to load resource'))
      consoleMessages.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', error => consoleMessages.push(`${page.url()}: ${error.message}`))
  return { page, context, consoleMessages }
}

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * Returns what axe finds on the page, wide and narrow, in light and dark mode, and the widths at which it scrolls
 * sideways. In dark mode only the colours differ, so only the colour rules run again.
 *
 * @param alsoRightToLeft runs all rules on the page from right to left, too.
 */
export async function problemsOn(page: Page, { alsoRightToLeft = false } = {}): Promise<string[]> {
  const problems: string[] = []
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport)
    await settled(page)
    if (await scrollsSideways(page)) problems.push(`${page.url()} (${size}): scrolls sideways`)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      const violations = colorScheme === 'light' ? await runAllRules(page) : await runColourRules(page)
      for (const { id, nodes } of violations) {
        const html = nodes.map(node => node.html).join(' | ')
        problems.push(`${page.url()} (${size}, ${colorScheme}): ${id}: ${html.slice(0, 400)}`)
      }
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  if (alsoRightToLeft) {
    await page.setViewportSize(sizes.phone)
    await page.evaluate('document.documentElement.dir = "rtl"')
    await settled(page)
    if (await scrollsSideways(page)) problems.push(`${page.url()} (right to left): scrolls sideways`)
    const found = (await runAllRules(page)).map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 400)}`)
    problems.push(...found.map(each => `${page.url()} (right to left): ${each}`))
    await page.evaluate('document.documentElement.dir = "ltr"')
  }
  for (const width of [768, 1024]) {
    await page.setViewportSize({ ...sizes.wide, width })
    if (await scrollsSideways(page)) problems.push(`${page.url()} (${width}): scrolls sideways`)
  }
  await page.setViewportSize(sizes.wide)
  return problems
}

/** Waits until the page has followed a change of its window. */
function settled(page: Page): Promise<unknown> {
  return page.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))')
}

/** Whether a page is wider than its window. */
export function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')
}

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

type Violation = { id: string; nodes: { html: string }[] }

/** Runs all rules of the standards. Loads axe into the page first, unless it is there. */
async function runAllRules(page: Page): Promise<Violation[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe)
  return runAxe(page, { type: 'tag', values: standards })
}

/** Runs the colour rules with the axe that `runAllRules` has loaded. */
function runColourRules(page: Page): Promise<Violation[]> {
  return runAxe(page, ['color-contrast', 'link-in-text-block'])
}

/** Returns violations only: describing the elements that pass takes most of the time. */
function runAxe(page: Page, runOnly: object): Promise<Violation[]> {
  const options = JSON.stringify({ runOnly, resultTypes: ['violations'] })
  return page.evaluate<Violation[]>(`axe.run(${options}).then(result => result.violations)`)
}
