import { Emails } from '../../src/mail/email'
import { runAllDue } from '../kit/ledger'
import type { BrowserUser } from './journey'

const email = 'amara@northwind-pumps.example'
const password = 'a river full of pumps'

/** Looks around: the catalogue, filters, a course, its free preview, search and pricing. */
export async function browse({ page, check, withScript }: BrowserUser): Promise<void> {
  await page.goto('/')
  await check()
  await page.getByRole('link', { name: 'Courses', exact: true }).first().click()
  await check()
  await page.getByRole('checkbox', { name: /^Beginner/ }).check()
  if (!withScript) await page.getByRole('button', { name: 'Apply filters' }).first().click()
  await page.waitForURL('**/courses?level=beginner')
  await page.getByText('1 course').first().waitFor()
  await check()

  await page.getByRole('link', { name: 'Pumps, plainly' }).click()
  await page.getByRole('heading', { level: 1, name: 'Pumps, plainly' }).waitFor()
  await check()
  await page.getByRole('link', { name: 'Read lesson 1 free' }).click()
  await page.getByText('A pump moves water.').waitFor()
  await check()
  await page.goto('/courses/pumps/lessons/lesson-2')
  await page.getByText('Sign up to open this lesson.').waitFor()
  await check()

  await page.goto('/search?q=pressure')
  await page.getByRole('link', { name: 'What a pump is' }).waitFor()
  await check()
  await page.goto('/search?q=xylophone')
  await check()
  for (const path of ['/pricing', '/pricing/compare', '/paths', '/sharing', '/scoring', '/nowhere']) {
    await page.goto(path)
    await check()
  }
}

/** Signs up after a mistake, opens the email's link in the same browser, signs out and signs in again. */
export async function signUp({ page, check, withScript }: BrowserUser): Promise<void> {
  await page.goto('/sign-up?next=/courses/pumps')
  await check()
  const signUpButton = page.getByRole('main').getByRole('button', { name: 'Sign up', exact: true })
  await page.getByLabel('Your name').fill('Amara Okonkwo')
  await page.getByLabel('Work email').fill(email)
  await page.getByLabel('Password').fill('short')
  await signUpButton.click()
  await page.getByText('Choose a password of at least 10 characters. This one has 5').first().waitFor()
  expect(await page.getByLabel('Your name').inputValue()).toBe('Amara Okonkwo')
  await check()

  await page.getByLabel('Password').fill(password)
  if (withScript) {
    await page.getByRole('button', { name: 'Show' }).click()
    expect(await page.getByLabel('Password').getAttribute('type')).toBe('text')
  }
  await page.locator('[name="profiling"]').check()
  await page.locator('[name="share_with_sales"]').check()
  await signUpButton.click()
  await page.getByRole('heading', { name: 'Check your inbox' }).waitFor()
  await check()

  await page.goto(await linkInEmail())
  await check()
  await page.getByRole('button', { name: 'Finish signing up' }).click()
  await page.waitForURL('**/courses/pumps')
  await page.getByText("You're signed up.").waitFor()

  await page.getByText('Amara Okonkwo').first().click()
  await page.getByRole('button', { name: 'Sign out' }).first().click()
  await page.goto('/sign-in')
  await check()
  await page.getByLabel('Email', { exact: true }).fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL('**/learning')
  await check()
}

/** Completes the needs assessment, enrols and finishes every lesson but the quiz. */
export async function learn({ page, check, withScript }: BrowserUser): Promise<void> {
  await page.goto('/needs-assessment')
  await check()
  for (const answer of ['Sales', 'Just me']) await page.getByLabel(answer).first().check()
  await page.getByRole('button', { name: 'Show my path' }).click()
  await page.getByText('Choose an answer: How much time do you have?').first().waitFor()
  await check()
  for (const set of await page.locator('main fieldset').all()) await set.locator('input').first().check()
  await page.getByRole('button', { name: 'Show my path' }).click()
  await page.waitForURL('**/needs-assessment?*')
  await check()

  await page.goto('/courses/pumps')
  await page.getByRole('button', { name: 'Start course' }).first().click()
  await page.getByRole('heading', { level: 1, name: 'What a pump is' }).waitFor()
  await check()
  await page.getByRole('button', { name: 'Mark as done' }).click()
  await page.getByRole('heading', { level: 1, name: 'When to call' }).waitFor()
  // Until the scripts are there, the answer is a page of its own.
  await page.waitForLoadState()

  await page.getByRole('button', { name: 'Check answer' }).click()
  await page.getByText('Choose an answer', { exact: true }).waitFor()
  await page.getByLabel('That it is proud.').check()
  await page.getByRole('button', { name: 'Check answer' }).click()
  await page.getByText('Not quite.').waitFor()
  expect(page.url().includes('/practice')).toBe(!withScript)
  await check()
  await page.getByRole('link', { name: 'Try again' }).click()
  await page.getByLabel('That air is in it.').check()
  await page.getByRole('button', { name: 'Check answer' }).click()
  await page.getByText('Air makes the noise.').waitFor()

  await page.goto('/courses/pumps/lessons/lesson-2')
  await page.getByRole('button', { name: 'Mark as done' }).click()
  await page.getByText('Each column is a lesson.').waitFor()
  await check()
  await page.getByRole('button', { name: 'Mark as done' }).click()
  await page.getByRole('heading', { level: 1, name: 'Final check' }).waitFor()
  await check()
}

/** Fails the quiz once, passes it and opens the certificate. */
export async function takeQuiz({ page, check, withScript }: BrowserUser): Promise<void> {
  const submit = page.getByRole('button', { name: 'Submit answers' })
  const goOn = async () => {
    if (withScript) await page.getByRole('button', { name: 'Save and continue' }).click()
  }
  await page.goto('/courses/pumps/lessons/final-quiz')
  await page.getByLabel('Wrong 1').check()
  await goOn()
  await submit.click()
  await page.getByText('Answer question 2').first().waitFor()
  await check()
  await page.getByLabel('Wrong 2').check()
  await submit.click()
  await page.getByRole('heading', { name: 'Not passed yet' }).waitFor()
  await check()
  await page.getByRole('link', { name: 'Try again' }).click()
  await page.getByLabel('Right 1').check()
  await goOn()
  await page.getByLabel('Right 2').check()
  await submit.click()
  await page.getByRole('heading', { name: 'You passed' }).waitFor()
  await runAllDue()
  await page.reload()
  await check()

  await page.getByRole('link', { name: 'View certificate' }).click()
  await page.getByRole('heading', { name: 'Verified' }).waitFor()
  await check()
  const pdf = await page.getByRole('link', { name: /PDF/ }).getAttribute('href')
  const file = await page.request.get(pdf!)
  expect([file.status(), file.headers()['content-type']]).toEqual([200, 'application/pdf'])
}

/** Requests a demo, reads what is shared, pauses sharing and resumes it. */
export async function requestDemo({ page, check, withScript }: BrowserUser): Promise<void> {
  await page.goto('/courses/pumps')
  await check()
  await page.getByRole('link', { name: 'Book a demo' }).click()
  await check()
  await page.getByLabel('Is there anything we should know first?').fill('Does this write to our CRM?')
  const submit = page.getByRole('button', { name: 'Request a demo' })
  const posts: string[] = []
  page.on('request', request => void (request.method() === 'POST' && posts.push(request.url())))
  // With scripts, a second click sends nothing.
  await (withScript ? submit.dblclick() : submit.click())
  await page.getByRole('heading', { name: 'Request sent' }).waitFor()
  expect(posts).toHaveLength(1)
  await check()
  await runAllDue()

  await page.goto('/account/sharing')
  await check()
  await page.getByRole('button', { name: 'Pause sharing' }).click()
  await page.getByText('Sharing is paused.').waitFor()
  await check()
  await page.getByRole('button', { name: 'Resume sharing' }).click()
  await page.getByText('Sharing has been on').waitFor()
  await runAllDue()
  for (const path of [
    '/learning',
    '/account',
    '/account/email-preferences',
    '/account/data',
    '/certificates',
  ]) {
    await page.goto(path)
    await check()
  }
}

/** Returns the path of the link in the newest email. */
async function linkInEmail(): Promise<string> {
  await runAllDue()
  const newest = await Emails.findOne({ to: email }).sort({ createdAt: -1 })
  return new URL(/https?:\/\/\S+\/links\/[\w-]+/.exec(newest!.text)![0]).pathname
}
