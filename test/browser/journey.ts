import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { minutes } from '../../src/platform/clock'
import type { Person } from '../../src/people/person'
import { videoLesson } from '../academy/video-file'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { openBrowser, openPage, problemsOn, type OpenPage } from '../kit/browser'
import { setTime, advance } from '../kit/clock'
import * as make from '../kit/make'

/** A person with a browser. `check` collects the problems of the current page; `crmUrl` accepts every webhook. */
export type BrowserUser = OpenPage & { withScript: boolean; check: () => Promise<void>; crmUrl: string }

let academy: Academy
let browser: Browser
let baseURL: string
let crm: Server
const problems: string[] = []
const checked = new Set<string>()

/** Starts an academy with one course on its own port, a CRM that accepts every webhook, and a browser. */
export async function startJourney(): Promise<void> {
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

export async function endJourney(): Promise<void> {
  await browser.close()
  crm.closeAllConnections()
  await new Promise(resolve => crm.close(resolve))
  await academy.close()
}

/** Opens a page for a person who is signed in, or for an anonymous visitor. */
export async function openPageFor(withScript: boolean, person?: Person): Promise<BrowserUser> {
  const opened = await openPage(browser, { baseURL, javaScriptEnabled: withScript })
  if (person) {
    const [name, value] = (await as(person)).cookie.split('=') as [string, string]
    await opened.context.addCookies([{ name, value, url: baseURL }])
  }
  return {
    ...opened,
    withScript,
    check: () => checkPage(opened, withScript),
    crmUrl: `http://127.0.0.1:${(crm.address() as AddressInfo).port}/hooks`,
  }
}

/** Runs a step, 5 minutes after the one before. Returns the problems of its pages and their console messages. */
export async function runStep(
  step: (user: BrowserUser) => Promise<void>,
  user: BrowserUser,
): Promise<string[]> {
  advance(minutes(5))
  try {
    await step(user)
  } catch (error) {
    const text = await user.page.locator('body').innerText()
    throw new Error(`${(error as Error).message}\nThe page is ${user.page.url()}:\n${text.slice(0, 1500)}`, {
      cause: error,
    })
  }
  // A page that stays open without being painted logs warnings about its fonts.
  await user.page.goto('about:blank')
  return [...problems.splice(0), ...user.consoleMessages.splice(0)]
}

/** Runs axe once for each page in each of its states. Without scripts the pages are the same, so it is skipped. */
async function checkPage({ page }: OpenPage, withScript: boolean): Promise<void> {
  // Text may be there before its style sheet is.
  await page.waitForLoadState('load')
  const { pathname, searchParams } = new URL(page.url())
  const states = await page.locator('.is-wrong, .flash, .empty, .statement').allInnerTexts()
  const state = [pathname, ...searchParams.keys(), ...states].join(' ')
  if (!withScript || checked.has(state)) return
  checked.add(state)
  problems.push(...(await problemsOn(page)))
}

async function makeCourse(): Promise<void> {
  const video = await videoLesson(20)
  await make.course({
    slug: 'pumps',
    title: 'Pumps, plainly',
    lessons: 3,
    quiz: 2,
    assets: video.assets.map(each => (each.type === 'video/webm' ? { ...each, seconds: 20 } : each)),
    lesson: n => {
      if (n === 1) return { title: 'What a pump is', body: text }
      if (n === 2) return { title: 'When to call', body: text + question }
      return { title: 'A video of a pump', ...video.lesson, completion: 'read' as const, body: text }
    },
  })
  // With one course, there is nothing to filter by.
  await make.course({ slug: 'valves', title: 'Valves, plainly', level: 'advanced', lessons: 1 })
  await make.path({
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
