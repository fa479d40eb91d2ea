import { Emails, type Email } from '../../src/mail/email'
import { runAllDue } from '../kit/ledger'
import type { Walk } from './journey'

const email = 'amara@northwind-pumps.example'
const password = 'a walk by the river'

/** A stranger looks around: catalogue, facets, a course, its open lesson, search, prices, needs. */
export async function lookAround({ page, look, withScript }: Walk): Promise<void> {
  await page.goto('/')
  await look()
  await page.getByRole('link', { name: 'Courses', exact: true }).first().click()
  await look()
  await page.getByRole('checkbox', { name: /^Beginner/ }).check()
  if (!withScript) await page.getByRole('button', { name: 'Show' }).first().click()
  await page.waitForURL('**/courses?level=beginner')
  await page.getByText('1 course').first().waitFor()
  await look()

  await page.getByRole('link', { name: 'Pumps, plainly' }).click()
  await page.getByRole('heading', { level: 1, name: 'Pumps, plainly' }).waitFor()
  await look()
  await page.getByRole('link', { name: 'Read lesson 1 first' }).click()
  await page.getByText('A pump moves water.').waitFor()
  await look()
  await page.goto('/courses/pumps/lessons/lesson-2')
  await page.getByText('This lesson is for people who have joined.').waitFor()
  await look()

  await page.goto('/search?q=pressure')
  await page.getByRole('link', { name: 'What a pump is' }).waitFor()
  await look()
  await page.goto('/search?q=xylophone')
  await look()
  for (const path of ['/pricing', '/pricing/compare', '/paths', '/sharing', '/scoring', '/nowhere']) {
    await page.goto(path)
    await look()
  }
}

/** Joins with a mistake first, opens the letter's link in the same browser, goes out and comes in again. */
export async function join({ page, look, withScript }: Walk): Promise<void> {
  await page.goto('/sign-up?next=/courses/pumps')
  await look()
  await page.getByLabel('Your name').fill('Amara Okonkwo')
  await page.getByLabel('Work e-mail').fill(email)
  await page.getByLabel('Password').fill('short')
  await page.getByRole('button', { name: 'Join', exact: true }).click()
  await page.getByText('The password is too short: it has 5 characters of at least 10').first().waitFor()
  expect(await page.getByLabel('Your name').inputValue()).toBe('Amara Okonkwo')
  await look()

  await page.getByLabel('Password').fill(password)
  if (withScript) {
    await page.getByRole('button', { name: 'Show' }).click()
    expect(await page.getByLabel('Password').getAttribute('type')).toBe('text')
  }
  await page.getByLabel(/may count what I do/).check()
  await page.getByLabel(/tell its sales team/).check()
  await page.getByRole('button', { name: 'Join', exact: true }).click()
  await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
  await look()

  await page.goto(await linkInLetter())
  await look()
  await page.getByRole('button', { name: 'Finish joining' }).click()
  await page.waitForURL('**/courses/pumps')
  await page.getByText('You have joined.').waitFor()

  await page.getByText('Amara Okonkwo').first().click()
  await page.getByRole('button', { name: 'Sign out' }).first().click()
  await page.goto('/sign-in')
  await look()
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL('**/learning')
  await look()
}

/** Says what is needed, begins, and finishes all but the final check. */
export async function learn({ page, look, withScript }: Walk): Promise<void> {
  await page.goto('/needs-assessment')
  await look()
  for (const answer of ['Sales', 'me']) await page.getByLabel(answer).first().check()
  await page.getByRole('button', { name: 'Propose a path' }).click()
  await page.getByText('Choose one answer: How much time do you have?').first().waitFor()
  await look()
  for (const set of await page.locator('main fieldset').all()) await set.locator('input').first().check()
  await page.getByRole('button', { name: 'Propose a path' }).click()
  await page.waitForURL('**/needs-assessment?*')
  await look()

  await page.goto('/courses/pumps')
  await page.getByRole('button', { name: 'Begin' }).first().click()
  await page.getByRole('heading', { level: 1, name: 'What a pump is' }).waitFor()
  await look()
  await page.getByRole('button', { name: 'Mark as done' }).click()
  await page.getByRole('heading', { level: 1, name: 'When to call' }).waitFor()

  await page.getByRole('button', { name: 'Check my answer' }).click()
  await page.getByText('Choose an answer first.').waitFor()
  await page.getByLabel('That it is proud.').check()
  await page.getByRole('button', { name: 'Check my answer' }).click()
  await page.getByText('Not yet.').waitFor()
  expect(page.url().includes('/practice')).toBe(!withScript)
  await look()
  await page.getByRole('link', { name: 'Try again' }).click()
  await page.getByLabel('That air is in it.').check()
  await page.getByRole('button', { name: 'Check my answer' }).click()
  await page.getByText('Air makes the noise.').waitFor()

  await page.goto('/courses/pumps/lessons/lesson-2')
  await page.getByRole('button', { name: 'Mark as done' }).click()
  await page.getByText('Each column is a lesson.').waitFor()
  await look()
  await page.getByRole('button', { name: 'Mark as done' }).click()
  await page.getByRole('heading', { level: 1, name: 'Final check' }).waitFor()
  await look()
}

/** Fails the final check once, passes it, and shows the certificate to the world. */
export async function takeTheCheck({ page, look }: Walk): Promise<void> {
  await page.goto('/courses/pumps/lessons/final-check')
  await page.getByLabel('Wrong 1').check()
  await page.getByRole('button', { name: 'Give my answers' }).click()
  await page.getByText('Question 2 has no answer yet.').first().waitFor()
  await look()
  await page.getByLabel('Wrong 2').check()
  await page.getByRole('button', { name: 'Give my answers' }).click()
  await page.getByRole('heading', { name: 'Not passed yet.' }).waitFor()
  await look()
  await page.getByRole('link', { name: 'Try again' }).click()
  await page.getByLabel('Right 1').check()
  await page.getByLabel('Right 2').check()
  await page.getByRole('button', { name: 'Give my answers' }).click()
  await page.getByRole('heading', { name: 'You passed.' }).waitFor()
  await runAllDue()
  await page.reload()
  await look()

  await page.getByRole('link', { name: 'See your certificate' }).click()
  await page.getByRole('heading', { name: 'It is genuine' }).waitFor()
  await look()
  const pdf = await page.getByRole('link', { name: /PDF/ }).getAttribute('href')
  const file = await page.request.get(pdf!)
  expect([file.status(), file.headers()['content-type']]).toEqual([200, 'application/pdf'])
}

/** Raises a hand, looks at what is shared, pauses it and goes on. */
export async function decide({ page, look, withScript }: Walk): Promise<void> {
  await page.goto('/courses/pumps')
  await look()
  await page.getByRole('link', { name: 'Book a demo' }).click()
  await look()
  await page.getByLabel('What should they know before?').fill('Does this write to our CRM?')
  const send = page.getByRole('button', { name: 'Send it to a person' })
  const sent: string[] = []
  page.on('request', request => void (request.method() === 'POST' && sent.push(request.url())))
  // With a script a second press is not sent.
  await (withScript ? send.dblclick() : send.click())
  await page.getByRole('heading', { name: 'It is with a person now' }).waitFor()
  expect(sent).toHaveLength(1)
  await look()
  await runAllDue()

  await page.goto('/account/sharing')
  await look()
  await page.getByRole('button', { name: 'Pause sharing' }).click()
  await page.getByText('Sharing is paused.').waitFor()
  await look()
  await page.getByRole('button', { name: 'Resume sharing' }).click()
  await page.getByText('Sharing is on').waitFor()
  await runAllDue()
  for (const path of [
    '/learning',
    '/account',
    '/account/email-preferences',
    '/account/data',
    '/certificates',
  ]) {
    await page.goto(path)
    await look()
  }
}

async function linkInLetter(): Promise<string> {
  await runAllDue()
  const letter = await Emails.findOne({ to: email }).sort({ createdAt: -1 }).lean<Email>()
  return new URL(/https?:\/\/\S+\/links\/\S+/.exec(letter!.text)![0]).pathname
}
