import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { minutes } from '../../src/platform/clock'
import { Paths } from '../../src/courses/path'
import type { Person } from '../../src/people/person'
import { videoLesson } from '../academy/video-file'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { faultsOf, openBrowser, openPage, type Walker } from '../kit/browser'
import { setTime, advance } from '../kit/clock'
import * as make from '../kit/make'

/** Somebody on a journey. `look` remembers what is wrong with the page that is open; `crm` is an address that takes messages. */
export type Walk = Walker & { withScript: boolean; look: () => Promise<void>; crm: string }

let academy: Academy
let browser: Browser
let baseURL: string
let crm: Server
const faults: string[] = []
const looked = new Set<string>()

/** An academy on a port of its own with one course to walk through, a CRM that takes everything, and a browser. */
export async function openDoors(): Promise<void> {
  setTime('2026-11-23T09:00:00Z')
  academy = await openAcademy()
  baseURL = await academy.listen()
  crm = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(204).end())
  })
  await new Promise<void>(resolve => crm.listen(0, '127.0.0.1', resolve))
  browser = await openBrowser()
  await makeCourse()
}

export async function closeDoors(): Promise<void> {
  await browser.close()
  crm.closeAllConnections()
  await new Promise(resolve => crm.close(resolve))
  await academy.close()
}

/** Somebody comes: a stranger, or a person who is signed in already. */
export async function come(withScript: boolean, person?: Person): Promise<Walk> {
  const walker = await openPage(browser, { baseURL, javaScriptEnabled: withScript })
  if (person) {
    const [name, value] = (await as(person)).cookie.split('=') as [string, string]
    await walker.context.addCookies([{ name, value, url: baseURL }])
  }
  return {
    ...walker,
    withScript,
    look: () => lookAt(walker, withScript),
    crm: `http://127.0.0.1:${(crm.address() as AddressInfo).port}/hooks`,
  }
}

/** Lives through a story, five minutes after the one before. Answers what was wrong with its pages, and what their console said. */
export async function live(story: (walk: Walk) => Promise<void>, walk: Walk): Promise<string[]> {
  advance(minutes(5))
  try {
    await story(walk)
  } catch (error) {
    const shown = await walk.page.locator('body').innerText()
    throw new Error(`${(error as Error).message}\nThe page is ${walk.page.url()}:\n${shown.slice(0, 1500)}`, {
      cause: error,
    })
  }
  // A page that is left open and never painted complains about its fonts.
  await walk.page.goto('about:blank')
  return [...faults.splice(0), ...walk.said.splice(0)]
}

/** Asks axe once for each page of the product in each state: without a script the pages are the same. */
async function lookAt({ page }: Walker, withScript: boolean): Promise<void> {
  // What is awaited may be there before its style is.
  await page.waitForLoadState('load')
  const { pathname, searchParams } = new URL(page.url())
  const states = await page.locator('.is-wrong, .flash, .empty, .statement').allInnerTexts()
  const seen = [pathname, ...searchParams.keys(), ...states].join(' ')
  if (!withScript || looked.has(seen)) return
  looked.add(seen)
  faults.push(...(await faultsOf(page)))
}

async function makeCourse(): Promise<void> {
  const film = await videoLesson(20)
  await make.course({
    slug: 'pumps',
    title: 'Pumps, plainly',
    lessons: 3,
    quiz: 2,
    assets: film.assets.map(each => (each.type === 'video/webm' ? { ...each, seconds: 20 } : each)),
    lesson: n => {
      if (n === 1) return { title: 'What a pump is', body: text }
      if (n === 2) return { title: 'When to call', body: text + question }
      return { title: 'A film of a pump', ...film.lesson, completion: 'read' as const, body: text }
    },
  })
  await Paths.create({
    slug: 'all-about-pumps',
    title: 'All about pumps',
    audience: 'sales',
    summary: 'One course is enough.',
    courses: ['pumps'],
  })
}

const text = `A pump moves water. It does so all day.

## What to look at

1. the pressure,
2. the noise.

> Nobody asks a pump how it feels.
`
const question = `
\`\`\`quiz
id: noise
kind: single
prompt: What does a loud pump tell you?
choices:
  - content: That it is proud.
    explanation: Pumps are not.
  - content: That air is in it.
    isCorrect: true
    explanation: Air makes the noise.
\`\`\`
`
