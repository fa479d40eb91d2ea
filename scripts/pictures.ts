import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { BrowserContext, Page } from 'playwright-core'
import sharp from 'sharp'
import { questionsOf } from '../src/courses/quiz'
import { openBrowser } from '../test/kit/browser'
import { password } from './demo/people'

/**
 * The pictures of the product: for the README, for the lessons of the demo academy, and the film that they make.
 *
 *     npm run pictures                          of a freshly seeded academy, in a folder that is thrown away
 *     npm run pictures -- http://127.0.0.1:3000 of a demo that runs already
 *
 * A browser takes each picture as light on 1280 x 800. It goes into the assets of every course whose lessons show it, as a PNG with a
 * palette. The film needs `ffmpeg` with VP9 on the path (Debian: `apt-get install ffmpeg`); everything else comes from npm.
 */
async function takePictures(): Promise<void> {
  const academy = process.argv[2] ? { url: process.argv[2], close: async () => {} } : await openFresh()
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
    const places = await lessonsThatShow()
    const pages = new Map<string | null, Page>()
    for (const shot of shots) {
      const page = pages.get(shot.who) ?? (await as(shot.who))
      pages.set(shot.who, page)
      await show(page, shot)
      const taken = await page.screenshot()
      for (const course of places.get(shot.name) ?? []) {
        if (!shot.course || shot.course === course) {
          await save(taken, join(home, 'demo/courses', course, 'assets', `${shot.name}.png`))
        }
      }
      if (shot.readme) await save(taken, join(home, 'readme', `${shot.readme}.png`))
      if (!shot.course) await page.screenshot({ path: join(frames, `${shot.name}.png`), fullPage: true })
    }
    const phone = await as('prospect', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
    await show(phone, { name: 'phone', who: 'prospect', at: lesson('three-histories-one-question') })
    await phone.waitForFunction('document.querySelector("video").readyState > 0')
    await save(await phone.screenshot(), join(home, 'readme', 'phone.png'))
    await makeFilm(frames)
  } finally {
    await browser.close()
    await academy.close()
    await rm(frames, { recursive: true, force: true })
  }
}

const home = join(__dirname, '../../scripts')
const evidence = '/courses/read-the-evidence'
const lesson = (slug: string) => `${evidence}/lessons/${slug}`

type Shot = {
  name: string
  /** Who signs in; null for a stranger. */
  who: string | null
  /** Where the picture is taken, or how to get there. */
  at: string | ((page: Page) => Promise<void>)
  /** What stands at the top of the picture; the top of the page unless said. */
  from?: string
  /** The one course that shows the page like this. */
  course?: string
  /** Its name among the README's pictures. */
  readme?: string
}

const shots: Shot[] = [
  { name: 'shot-catalogue', who: null, at: '/courses' },
  { name: 'home', who: null, at: '/', readme: 'catalogue' },
  { name: 'shot-course', who: null, at: evidence },
  { name: 'shot-join', who: null, at: `/sign-up?next=${evidence}` },
  { name: 'shot-outbox', who: null, at: '/demo/mail' },
  {
    name: 'shot-lesson',
    who: 'prospect',
    at: lesson('attention-you-can-verify'),
    readme: 'lesson',
  },
  { name: 'shot-quiz-result', who: 'prospect', at: answerEightOfTen },
  { name: 'shot-sharing', who: 'prospect', at: '/account/sharing' },
  { name: 'shot-certificate', who: 'prospect', at: '/courses/consent-plainly/certificate' },
  { name: 'shot-leads', who: 'saleslead', at: '/sales/leads' },
  { name: 'shot-lead', who: 'saleslead', at: openAmara, readme: 'lead' },
  {
    name: 'shot-lead',
    who: 'saleslead',
    at: openAmara,
    from: '#score',
    course: 'score-leads-you-can-explain',
  },
  { name: 'shot-deliveries', who: 'saleslead', at: '/integrations/deliveries' },
  {
    name: 'shot-receivers',
    who: 'saleslead',
    at: page => follow(page, '/integrations/endpoints', '.row-table .name a'),
  },
  { name: 'shot-insights', who: 'saleslead', at: '/insights', readme: 'insights' },
  {
    name: 'shot-studio-lesson',
    who: 'author',
    at: '/studio/courses/write-a-course-that-sells/lessons/the-first-ninety-seconds',
  },
  { name: 'shot-studio-course', who: 'author', at: '/studio/courses/write-a-course-that-sells' },
]

async function show(page: Page, { at, from }: Shot): Promise<void> {
  if (typeof at === 'string') await page.goto(at)
  else await at(page)
  // The strip that says that this is a demo is no part of the product.
  await page.evaluate("document.querySelector('.demo-strip')?.remove()")
  if (from)
    await page.evaluate(`scrollBy(0, document.querySelector('${from}').getBoundingClientRect().top - 32)`)
  await page.evaluate('document.fonts.ready.then(() => undefined)')
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

/** Noor takes the final check as the film says: eight right answers of ten. */
async function answerEightOfTen(page: Page): Promise<void> {
  const result = `${lesson('final-check')}/attempts/1?only=wrong`
  if ((await page.goto(result))!.ok()) return
  const text = join(home, 'academy/read-the-evidence/03-when-you-are-wrong/02-final-check.md')
  await page.goto(lesson('final-check'))
  for (const [n, question] of questionsOf(await readFile(text, 'utf8')).entries()) {
    for (const [index, { isCorrect }] of question.choices.entries()) {
      const isWrongOnPurpose = n === 3 || n === 8
      if (isCorrect !== isWrongOnPurpose)
        await page.locator(`[name="q-${question.id}"][value="${index}"]`).check()
    }
  }
  await page.locator('form[action$="/attempts"] .button-main').click()
  await page.goto(result)
}

async function signIn(context: BrowserContext, who: string): Promise<void> {
  const page = await context.newPage()
  await page.goto('/sign-in')
  await page.fill('#email', `${who}@lyceum.example`)
  await page.fill('#password', password)
  await page.press('#password', 'Enter')
  await page.waitForURL(url => url.pathname !== '/sign-in')
  await page.close()
}

async function save(picture: Buffer, file: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true })
  const small = await sharp(picture).png({ palette: true, colours: 128, effort: 10, dither: 0 }).toBuffer()
  await writeFile(file, small)
  console.log(`${file.slice(home.length + 1)}: ${Math.round(small.length / 1024)} kB`)
}

/** Which courses show which picture in their lessons. */
async function lessonsThatShow(): Promise<Map<string, string[]>> {
  const places = new Map<string, string[]>()
  for (const course of await readdir(join(home, 'demo/courses'))) {
    const files = await readdir(join(home, 'demo/courses', course), { recursive: true }).catch(() => [])
    const texts = files.filter(file => file.endsWith('.md') && !file.startsWith('assets'))
    for (const text of texts) {
      const shown = (await readFile(join(home, 'demo/courses', course, text), 'utf8')).matchAll(
        /assets\/(shot-[a-z-]+)\.png/g,
      )
      for (const [, name] of shown) places.set(name!, [...new Set([...(places.get(name!) ?? []), course])])
    }
  }
  return places
}

type Scene = { cueStart: number; cueEnd: number; shot: string }

/**
 * The film of one minute, by the scenes beside its captions: in the middle of each, its page is moved by `reach` pixels, and one
 * page fades into the next. VP9 without sound.
 */
async function makeFilm(frames: string): Promise<void> {
  const assets = join(home, 'academy/read-the-evidence/assets')
  const scenes = JSON.parse(await readFile(join(assets, 'tour.scenes.json'), 'utf8')) as Scene[]
  const [reach, moving, fade] = [480, 3, 0.5]
  const inputs: string[] = []
  const filters: string[] = []
  for (const [n, { cueStart, cueEnd, shot }] of scenes.entries()) {
    const length = cueEnd - cueStart + fade
    const part = `clip((t-${(length - moving) / 2})/${moving},0,1)`
    inputs.push('-loop', '1', '-framerate', '20', '-t', String(length), '-i', join(frames, `${shot}.png`))
    filters.push(
      `[${n}:v]crop=1280:720:0:'min(ih-oh,${reach})*${part}*${part}*(3-2*${part})',format=yuv420p[s${n}]`,
    )
    if (n) {
      const before = n === 1 ? 's0' : `f${n - 1}`
      filters.push(`[${before}][s${n}]xfade=duration=${fade}:offset=${cueStart - fade / 2}[f${n}]`)
    }
  }
  const film = join(assets, 'tour.webm')
  const coding = ['-c:v', 'libvpx-vp9', '-crf', '50', '-b:v', '0', '-deadline', 'realtime', '-cpu-used', '6']
  const same = ['-g', '400', '-row-mt', '1', '-threads', '2', '-fflags', '+bitexact', '-flags:v', '+bitexact']
  await promisify(execFile)('ffmpeg', [
    ...['-y', '-loglevel', 'error', ...inputs],
    ...['-filter_complex', filters.join(';'), '-map', `[f${scenes.length - 1}]`],
    ...['-t', String(scenes.at(-1)!.cueEnd), ...coding, ...same, film],
  ])
  console.log(`tour.webm: ${Math.round((await readFile(film)).length / 1024)} kB`)
}

/** The demo, seeded into a folder of its own, on a port of its own. */
async function openFresh(): Promise<{ url: string; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'lyceum-pictures-'))
  const url = 'http://127.0.0.1:3917'
  const env = { ...process.env, DATA_DIR: folder, PORT: '3917', LOG_LEVEL: 'warn' }
  const run = (file: string) => spawn(process.execPath, [join(__dirname, file)], { env, stdio: 'inherit' })
  // The seed serves the academy itself while it lives through the past, so the pages are asked only afterwards.
  await once(run('seed.js'), 'exit')
  const server = run('../src/server.js')
  const ended = once(server, 'exit')
  const isOpen = () =>
    fetch(`${url}/healthz`)
      .then(answer => answer.ok)
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
