import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { BrowserContext, Page } from 'playwright-core'
import sharp from 'sharp'
import { rightAnswer } from '../src/courses/grade'
import { hasChoices, type Question } from '../src/courses/question'
import { questionsOf } from '../src/courses/quiz'
import { openBrowser } from '../test/kit/browser'
import { demoPassword } from '../src/people/demo-accounts'

/**
 * Takes the screenshots for the README and for the lessons of the demo, and makes the demo's video from them:
 *
 *     npm run screenshots                           seeds an academy in a temporary folder
 *     npm run screenshots -- http://127.0.0.1:3000  uses a demo that is already running
 *
 * The browser is 1280 x 800 in light mode. Each screenshot goes into the assets of every course whose lessons show
 * it, as a PNG with a palette. The video needs `ffmpeg` with VP9 on the path (Debian: `apt-get install ffmpeg`).
 */
async function takePictures(): Promise<void> {
  const academy = process.argv[2] ? { url: process.argv[2], close: async () => {} } : await startDemo()
  const browser = await openBrowser()
  const frames = await mkdtemp(join(tmpdir(), 'lyceum-frames-'))
  try {
    const as = async (who: string | null, options = {}) => {
      const context = await browser.newContext({
        baseURL: academy.url,
        viewport: { width: 1280, height: 800 },
        reducedMotion: 'reduce',
        ...options,
      })
      if (who) await signIn(context, who)
      return context.newPage()
    }
    const coursesByShot = await findCoursesByShot()
    const pages = new Map<string | null, Page>()
    for (const shot of shots) {
      const page = pages.get(shot.who) ?? (await as(shot.who))
      pages.set(shot.who, page)
      await open(page, shot)
      const png = await page.screenshot()
      for (const course of coursesByShot.get(shot.name) ?? []) {
        if (!shot.course || shot.course === course) {
          await save(png, join(courses, course, 'assets', `${shot.name}.png`))
        }
      }
      if (shot.readme) await save(png, join(home, 'readme', `${shot.readme}.png`))
      if (!shot.course) await page.screenshot({ path: join(frames, `${shot.name}.png`), fullPage: true })
    }
    const phone = await as('prospect', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
    await open(phone, { name: 'phone', who: 'prospect', at: lesson('what-a-healthy-pump-sounds-like') })
    await phone.waitForFunction('document.querySelector("video").readyState > 0')
    await save(await phone.screenshot(), join(home, 'readme', 'phone.png'))
    await makeVideo(frames)
  } finally {
    await browser.close()
    await academy.close()
    await rm(frames, { recursive: true, force: true })
  }
}

const home = join(__dirname, '../../scripts')
const courses = join(home, 'demo/courses')
const pump = '/courses/find-the-failing-pump'
const lesson = (slug: string) => `${pump}/lessons/${slug}`

type Shot = {
  name: string
  /** Who signs in, or null for an anonymous visitor. */
  who: string | null
  /** The path of the page, or how to get there. */
  at: string | ((page: Page) => Promise<void>)
  /** Selector of the element at the top of the screenshot. The default is the top of the page. */
  from?: string
  /** The only course that shows this version of the screenshot. */
  course?: string
  /** File name of the screenshot in the README. */
  readme?: string
}

const shots: Shot[] = [
  { name: 'shot-catalogue', who: null, at: '/courses' },
  { name: 'home', who: null, at: '/', readme: 'catalogue' },
  { name: 'shot-course', who: null, at: pump },
  { name: 'shot-sign-up', who: null, at: `/sign-up?next=${pump}` },
  { name: 'shot-outbox', who: null, at: '/demo/mail' },
  {
    name: 'shot-lesson',
    who: 'prospect',
    at: lesson('read-a-vibration-trend'),
    readme: 'lesson',
  },
  { name: 'shot-quiz-result', who: 'prospect', at: answerEightOfTen },
  { name: 'shot-sharing', who: 'prospect', at: '/account/sharing' },
  { name: 'shot-certificate', who: 'prospect', at: '/courses/alarms-people-act-on/certificate' },
  { name: 'shot-leads', who: 'saleslead', at: '/sales/leads' },
  { name: 'shot-lead', who: 'saleslead', at: openAmara, readme: 'lead' },
  {
    name: 'shot-lead',
    who: 'saleslead',
    at: openAmara,
    from: '#score',
    course: 'lead-scores-you-can-explain',
  },
  { name: 'shot-deliveries', who: 'saleslead', at: '/integrations/deliveries' },
  {
    name: 'shot-endpoints',
    who: 'saleslead',
    at: page => follow(page, '/integrations/endpoints', '.row-table .name a'),
  },
  { name: 'shot-insights', who: 'saleslead', at: '/insights', readme: 'insights' },
  {
    name: 'shot-studio-lesson',
    who: 'author',
    at: '/studio/courses/find-the-failing-pump/lessons/read-a-vibration-trend',
  },
  { name: 'shot-studio-course', who: 'author', at: '/studio/courses/find-the-failing-pump' },
]

async function open(page: Page, { at, from }: Shot): Promise<void> {
  if (typeof at === 'string') await page.goto(at)
  else await at(page)
  // The demo banner is not part of the product.
  await page.evaluate("document.querySelector('.demo-strip')?.remove()")
  if (from)
    await page.evaluate(`scrollBy(0, document.querySelector('${from}').getBoundingClientRect().top - 32)`)
  await page.evaluate('document.fonts.ready.then(() => undefined)')
  // A picture in view loads lazily, and a size of it is made when it's first wanted.
  await page.waitForFunction(
    '[...document.images].every(image => image.complete || image.getBoundingClientRect().top > innerHeight)',
  )
  await page.waitForTimeout(200)
}

async function openAmara(page: Page): Promise<void> {
  await follow(page, '/sales/leads?q=Amara', '.leads .name a')
}

async function follow(page: Page, from: string, link: string): Promise<void> {
  await page.goto(from)
  await page.locator(link).first().click()
  await page.waitForLoadState()
}

/** Takes the quiz as Noor, with 8 correct answers out of 10, as the video says. */
async function answerEightOfTen(page: Page): Promise<void> {
  const result = `${lesson('final-quiz')}/attempts/1?only=incorrect`
  if ((await page.goto(result))!.ok()) return
  const source = join(home, 'demo/tarnwell/courses/find-the-failing-pump/03-prove-it/01-final-quiz.md')
  await page.goto(lesson('final-quiz'))
  for (const [n, question] of questionsOf(await readFile(source, 'utf8')).entries()) {
    await answerQuestion(page, question, n === 3 || n === 6)
  }
  await page.locator('form[action$="/attempts"] .button-main').click()
  await page.goto(result)
}

/** Answers a question by what the page says, since answers are shuffled. Only choices can be answered wrong. */
async function answerQuestion(page: Page, question: Question, isWrong: boolean): Promise<void> {
  const fields = page.locator(`#q-${question.id}`)
  await page.locator(`[data-steps] a[href="#q-${question.id}"]`).click()
  const right = rightAnswer(question)
  if (hasChoices(question)) {
    for (const [index, { content, isCorrect }] of question.choices.entries()) {
      const isChosen = isWrong ? index === question.choices.findIndex(choice => !choice.isCorrect) : isCorrect
      if (isChosen) await fields.locator('label', { hasText: content }).locator('input').check()
    }
    return
  }
  switch (question.kind) {
    case 'text':
    case 'number':
      return fields.locator('input').fill(String(right[0]))
    case 'match':
      for (const [n, { match }] of question.pairs.entries()) {
        await fields.locator('select').nth(n).selectOption({ label: match })
      }
      return
    case 'order':
      // Each item goes to the top, the last one first.
      for (const item of question.items.toReversed()) {
        const up = fields.locator('[data-row]', { hasText: item }).locator('[data-step="-1"]')
        while ((await up.getAttribute('aria-disabled')) !== 'true') await up.click()
      }
      return
    case 'cloze':
      for (const [n, { kind }] of question.gaps.entries()) {
        const field = fields.locator(`[name="q-${question.id}.${n}"]`)
        if (kind === 'select') await field.selectOption(String(right[n]))
        else await field.fill(String(right[n]))
      }
  }
}

async function signIn(context: BrowserContext, who: string): Promise<void> {
  const page = await context.newPage()
  await page.goto('/sign-in')
  await page.fill('#email', `${who}@tarnwell.example`)
  await page.fill('#password', demoPassword)
  await page.press('#password', 'Enter')
  await page.waitForURL(url => url.pathname !== '/sign-in')
  await page.close()
}

async function save(screenshot: Buffer, file: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true })
  const png = await sharp(screenshot).png({ palette: true, colours: 128, effort: 10, dither: 0 }).toBuffer()
  await writeFile(file, png)
  console.log(`${file.slice(home.length + 1)}: ${Math.round(png.length / 1024)} kB`)
}

/** Returns the courses whose lessons show each screenshot. */
async function findCoursesByShot(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  for (const course of await readdir(courses)) {
    const files = await readdir(join(courses, course), { recursive: true }).catch(() => [])
    for (const file of files.filter(each => each.endsWith('.md') && !each.startsWith('assets'))) {
      const markdown = await readFile(join(courses, course, file), 'utf8')
      for (const [, name] of markdown.matchAll(/assets\/(shot-[a-z-]+)\.png/g))
        found.set(name!, [...new Set([...(found.get(name!) ?? []), course])])
    }
  }
  return found
}

type Scene = { cueStart: number; cueEnd: number; shot: string }

/**
 * Creates the one-minute video from the scenes stored next to its captions. Each scene scrolls its page by up to
 * `scrollBy` pixels, and fades into the next. VP9 without sound.
 */
async function makeVideo(frames: string): Promise<void> {
  const assets = join(courses, 'read-the-evidence/assets')
  const scenes = JSON.parse(await readFile(join(assets, 'tour.scenes.json'), 'utf8')) as Scene[]
  const [scrollBy, scrollSeconds, fade] = [480, 3, 0.5]
  const inputs: string[] = []
  const filters: string[] = []
  for (const [n, { cueStart, cueEnd, shot }] of scenes.entries()) {
    const length = cueEnd - cueStart + fade
    const progress = `clip((t-${(length - scrollSeconds) / 2})/${scrollSeconds},0,1)`
    inputs.push('-loop', '1', '-framerate', '20', '-t', String(length), '-i', join(frames, `${shot}.png`))
    filters.push(
      `[${n}:v]crop=1280:720:0:'min(ih-oh,${scrollBy})*${progress}*${progress}*(3-2*${progress})',format=yuv420p[s${n}]`,
    )
    if (n) {
      const before = n === 1 ? 's0' : `f${n - 1}`
      filters.push(`[${before}][s${n}]xfade=duration=${fade}:offset=${cueStart - fade / 2}[f${n}]`)
    }
  }
  const video = join(assets, 'tour.webm')
  const codec = ['-c:v', 'libvpx-vp9', '-crf', '50', '-b:v', '0', '-deadline', 'realtime', '-cpu-used', '6']
  const reproducible = [
    '-g',
    '400',
    '-row-mt',
    '1',
    '-threads',
    '2',
    '-fflags',
    '+bitexact',
    '-flags:v',
    '+bitexact',
  ]
  await promisify(execFile)('ffmpeg', [
    ...['-y', '-loglevel', 'error', ...inputs],
    ...['-filter_complex', filters.join(';'), '-map', `[f${scenes.length - 1}]`],
    ...['-t', String(scenes.at(-1)!.cueEnd), ...codec, ...reproducible, video],
  ])
  console.log(`tour.webm: ${Math.round((await readFile(video)).length / 1024)} kB`)
}

/** Seeds the demo into a temporary folder and starts it on its own port. */
async function startDemo(): Promise<{ url: string; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'lyceum-screenshots-'))
  const url = 'http://127.0.0.1:3917'
  const env = { ...process.env, DATA_DIR: folder, PORT: '3917', LOG_LEVEL: 'warn' }
  const run = (file: string) => spawn(process.execPath, [join(__dirname, file)], { env, stdio: 'inherit' })
  // The seed serves the academy itself while it runs, so this waits until it has finished before requesting pages.
  await once(run('seed.js'), 'exit')
  const server = run('../src/server.js')
  const ended = once(server, 'exit')
  const isOpen = () =>
    fetch(`${url}/healthz`)
      .then(response => response.ok)
      .catch(() => false)
  while (server.exitCode === null && !(await isOpen())) await setTimeout(250)
  return {
    url,
    close: async () => {
      server.kill()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

void takePictures()
