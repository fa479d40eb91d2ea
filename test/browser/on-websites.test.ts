import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { changeEmbeddingSites } from '../../src/brand/embedding-sites'
import { openAcademy, type Academy } from '../kit/academy'
import { openBrowser, openPage, problemsOn } from '../kit/browser'
import * as make from '../kit/make'

let academy: Academy
let browser: Browser
let baseURL: string
let website: Server
let site: string
beforeAll(async () => {
  academy = await openAcademy()
  baseURL = await academy.listen()
  const title = 'Pumps in short'
  await make.course({
    slug: 'pumps',
    title,
    lesson: n => (n === 1 ? { body: 'A line.\n\n'.repeat(60) } : {}),
  })
  browser = await openBrowser()
  const tag = (more: string) =>
    `<script src="${baseURL}/embed.js" data-course="pumps" ${more} async></script>`
  website = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<!doctype html><title>Northwind</title><body>${tag('')}${tag('data-lesson="lesson-1"')}`)
  })
  await new Promise<void>(resolve => website.listen(0, '127.0.0.1', resolve))
  // Another host than the academy's, and so another site.
  site = `http://localhost:${(website.address() as AddressInfo).port}`
}, 60_000)
afterAll(async () => {
  await browser.close()
  await new Promise(resolve => website.close(resolve))
  await academy.close()
})

test('a website shows a course once it is listed, as high as it needs, and its link opens the academy', async () => {
  const { page, context, consoleMessages } = await openPage(browser, { baseURL })
  const refused = page.waitForEvent('console', {
    predicate: message => message.text().includes('frame-ancestors'),
  })
  await page.goto(`${site}/?utm_campaign=spring`)
  await refused
  expect(await page.evaluate('document.querySelector("iframe").style.height')).toBe('24rem')

  const { _id } = await make.person({ role: 'admin' })
  await changeEmbeddingSites('academy', [site], 0, _id)
  consoleMessages.length = 0
  await page.reload()
  const course = page.frameLocator('iframe').first()
  await course.getByRole('heading', { name: 'Pumps in short' }).waitFor()
  const heights = 'Array.from(document.querySelectorAll("iframe"), each => parseInt(each.style.height))'
  await page.waitForFunction(`${heights}[1] > 1500`)
  expect(consoleMessages).toEqual([])
  expect(await page.locator('iframe').first().getAttribute('title')).toContain('Pumps in short')
  expect(await context.cookies()).toEqual([])

  // The primary address of the brand, at which nothing listens in this test.
  await context.route('http://127.0.0.1:3000/**', route => route.fulfill({ body: 'The academy' }))
  const [opened] = await Promise.all([
    context.waitForEvent('page'),
    course.getByRole('link', { name: 'View course' }).click(),
  ])
  await opened.waitForURL(/\/courses\/pumps/)
  const { searchParams } = new URL(opened.url())
  const given = ['source', 'medium', 'campaign'].map(name => searchParams.get(`utm_${name}`))
  expect(given).toEqual(['localhost', 'embed', 'spring'])
  await context.close()
})

test.each(['/embed', '/embed/courses/pumps', '/embed/courses/pumps/lessons/lesson-1'])(
  '%s can be read by everyone, on a phone and in the dark',
  async path => {
    const { page, context, consoleMessages } = await openPage(browser, { baseURL })
    await page.goto(path)
    expect(await problemsOn(page)).toEqual([])
    expect(consoleMessages).toEqual([])
    await context.close()
  },
)
