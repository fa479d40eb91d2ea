import { runAllDue } from '../kit/ledger'
import type { BrowserUser } from './journey'

/** Reads why a lead is ready, accepts her, undoes that, rejects her with a reason and accepts her after all. */
export async function respondToLead({ page, check, withScript }: BrowserUser): Promise<void> {
  await page.goto('/sales/leads')
  await check()
  await page.getByRole('link', { name: 'Amara Okonkwo' }).click()
  await page.getByRole('heading', { name: 'Why now' }).waitFor()
  await check()
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByRole('button', { name: 'Undo acceptance' }).click()
  await page.getByRole('link', { name: /^Reject/ }).click()
  await check()
  // With scripts, the page opens as a dialog.
  await page
    .locator(withScript ? 'dialog' : 'main')
    .getByRole('button', { name: 'Reject' })
    .click()
  await page.getByText('Choose a reason').first().waitFor()
  await check()
  await page.getByRole('link', { name: /Amara/ }).last().click()
  await page.getByRole('button', { name: 'Accept' }).click()
  await page
    .getByText(/^Accepted/)
    .first()
    .waitFor()
  await check()
  for (const path of [
    '/sales/leads?tab=nearThreshold',
    '/sales/leads?q=nobody',
    '/sales/scoring-model',
    '/sales/routing',
    '/sales/routing/draft?edit=rules.new',
    '/sales/routing/draft?edit=pools.new',
    '/sales/routing/rehearsal',
    '/sales/routing/versions',
    '/integrations/inbound-events',
  ]) {
    await page.goto(path)
    await check()
  }
}

/** Adds an endpoint after a mistake, sends a test message and rotates the secret. */
export async function addEndpoint({ page, check, crmUrl }: BrowserUser): Promise<void> {
  const add = page.getByRole('button', { name: 'Add endpoint' })
  await page.goto('/integrations/endpoints')
  await check()
  await page.getByRole('link', { name: 'Add endpoint' }).first().click()
  await page.getByLabel('Name').fill('Sales CRM')
  await add.click()
  await page.locator('.is-wrong').first().waitFor()
  await check()
  await page.getByLabel('URL').fill(crmUrl)
  await add.click()
  await page.locator('input[value^="whsec_"]').waitFor()
  await check()
  await page.getByRole('button', { name: 'Send test' }).click()
  await page.getByText(/^204/).waitFor()
  await check()
  await page.getByRole('link', { name: 'Secret', exact: true }).click()
  await page.getByText(/^whsec_…/).waitFor()
  await page.getByRole('button', { name: 'Rotate secret' }).click()
  await page.locator('input[value^="whsec_"]').waitFor()
  await page.goto('/integrations/endpoints')
  await check()
}

/** Opens a delivery next to the list. */
export async function readDeliveries({ page, check }: BrowserUser): Promise<void> {
  await runAllDue()
  await page.goto('/integrations/deliveries')
  await check()
  await page.locator('.deliveries tbody a').first().click()
  await page.waitForURL(url => /^msg_/.test(url.searchParams.get('open') ?? ''))
  await page.locator('.attempts').first().waitFor()
  await page.goto('/webhooks/message-types')
  await check()
}

export async function readInsights({ page, check }: BrowserUser): Promise<void> {
  await page.goto('/insights')
  await page
    .getByText(/signed up/)
    .first()
    .waitFor()
  await check()
  await page.getByRole('link', { name: 'View by course' }).click()
  await check()
}

/** Edits a lesson, previews it, publishes the course and opens the other pages of the studio. */
export async function editCourse({ page, check, withScript }: BrowserUser): Promise<void> {
  await page.goto('/studio')
  await check()
  await page.getByRole('link', { name: 'Pumps, plainly' }).click()
  await check()
  // Text typed before the script has loaded is saved too, so this holds the script back until then.
  let loadScript = () => {}
  const typed = new Promise<void>(resolve => (loadScript = resolve))
  await page.route('**/js/studio.js*', route => typed.then(() => route.continue()))
  // Presence is sent too, to another address.
  const isSave = (url: string) => new URL(url).pathname === '/studio/courses/pumps/lessons/lesson-2'
  const saved = page.waitForResponse(
    response => response.request().method() === 'POST' && isSave(response.url()),
  )
  await page.getByRole('link', { name: 'When to call' }).first().click({ noWaitAfter: true })
  await page.getByLabel('Lesson text in Markdown').fill('Call when it is silent.\n')
  loadScript()
  // With scripts, the editor saves by itself two seconds later.
  if (!withScript) await page.getByRole('button', { name: 'Save' }).click()
  expect((await saved).status()).toBe(withScript ? 200 : 303)
  await check()
  await page.getByRole('link', { name: 'Preview' }).click()
  await page.waitForURL('**/lessons/lesson-2/preview')
  await page.getByText('Call when it is silent.').waitFor()
  await check()
  await page.goto('/studio/courses/pumps')
  await page.getByRole('link', { name: 'Publish…' }).click()
  await page.getByRole('heading', { name: 'Publish version 2' }).waitFor()
  await check()
  await page.getByRole('button', { name: 'Publish now' }).click()
  await page.getByText('Version 2 published').first().waitFor()
  await check()
  for (const path of [
    'settings',
    'files',
    'team',
    'review',
    'revisions',
    'lessons/lesson-2/history',
    'lessons/lesson-2/settings',
  ]) {
    await page.goto(`/studio/courses/pumps/${path}`)
    await check()
  }
  for (const path of [
    '/studio/media',
    '/studio/courses/new',
    '/studio/imports/new',
    '/studio/catalogue',
    '/studio/sessions',
    '/studio/sessions/new',
  ]) {
    await page.goto(path)
    await check()
  }
}

export async function readAudit({ page, check }: BrowserUser): Promise<void> {
  await page.goto('/admin/people')
  await check()
  await page.goto('/admin/audit')
  await page.getByText('lead.accepted').first().waitFor()
  await check()
}
