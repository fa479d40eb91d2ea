import { runAllDue } from '../kit/ledger'
import type { Walk } from './journey'

/** Finds the lead, reads why, accepts, takes it back, rejects with a reason and accepts after all. */
export async function answerLead({ page, look, withScript }: Walk): Promise<void> {
  await page.goto('/sales/leads')
  await look()
  await page.getByRole('link', { name: 'Amara Okonkwo' }).click()
  await page.getByRole('heading', { name: 'Why now' }).waitFor()
  await look()
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByRole('button', { name: 'Undo the acceptance' }).click()
  await page.getByRole('link', { name: 'Reject with a reason' }).click()
  await look()
  // With a script the page opens as a dialog.
  await page
    .locator(withScript ? 'dialog' : 'main')
    .getByRole('button', { name: 'Reject' })
    .click()
  await page.getByText('Choose the reason that comes nearest').first().waitFor()
  await look()
  await page.getByRole('link', { name: /Amara/ }).last().click()
  await page.getByRole('button', { name: 'Accept' }).click()
  await page
    .getByText(/^Accepted by/)
    .first()
    .waitFor()
  await look()
  for (const path of [
    '/sales/leads?tab=nearThreshold',
    '/sales/leads?q=nobody',
    '/sales/scoring-model',
    '/integrations/inbound-events',
  ]) {
    await page.goto(path)
    await look()
  }
}

/** Adds a receiver on a socket, sends a test, makes a new secret, and sees what it was told. */
export async function addReceiver({ page, look, crm }: Walk): Promise<void> {
  await page.goto('/integrations/endpoints')
  await look()
  await page.getByRole('link', { name: 'Add a receiver' }).first().click()
  await page.getByLabel('Name').fill('Sales CRM')
  await page.getByRole('button', { name: 'Add and show the secret' }).click()
  await page.locator('.is-wrong').first().waitFor()
  await look()
  await page.getByLabel('Address').fill(crm)
  await page.getByRole('button', { name: 'Add and show the secret' }).click()
  await page.getByText(/^whsec_/).waitFor()
  await look()
  await page.getByRole('link', { name: 'I have copied it' }).click()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByText(/^204/).waitFor()
  await look()
  await page.getByRole('button', { name: 'Make a new secret' }).click()
  await page.getByText(/^whsec_/).waitFor()
  await page.goto('/integrations/endpoints')
  await look()
}

/** Looks at what was delivered; with a script the delivery opens beside the list. */
export async function readDeliveries({ page, look, withScript }: Walk): Promise<void> {
  await runAllDue()
  await page.goto('/integrations/deliveries')
  await look()
  await page.locator('.deliveries tbody a').first().click()
  await page.locator('.tries').first().waitFor()
  expect(new URL(page.url()).pathname === '/integrations/deliveries').toBe(withScript)
  await page.goto('/webhooks/message-types')
  await look()
}

export async function readInsights({ page, look }: Walk): Promise<void> {
  await page.goto('/insights')
  await page
    .getByText(/signed up/)
    .first()
    .waitFor()
  await look()
  await page.getByRole('link', { name: 'by course' }).click()
  await look()
}

/** Changes a lesson, looks at it as a learner would, publishes it and finds the new version. */
export async function write({ page, look, withScript }: Walk): Promise<void> {
  await page.goto('/studio')
  await look()
  await page.getByRole('link', { name: 'Pumps, plainly' }).click()
  await look()
  // What is typed before the script has come is saved too: it is held back until then.
  let letScriptCome = () => {}
  const typed = new Promise<void>(resolve => (letScriptCome = resolve))
  await page.route('**/js/studio.js*', route => typed.then(() => route.continue()))
  const saved = page.waitForResponse(answer => answer.request().method() === 'POST')
  await page.getByRole('link', { name: 'When to call' }).first().click({ noWaitAfter: true })
  await page.getByLabel('Text of the lesson, in Markdown').fill('Call when it is silent.\n')
  letScriptCome()
  // With a script it saves by itself, two seconds later.
  if (!withScript) await page.getByRole('button', { name: 'Save' }).click()
  expect((await saved).status()).toBe(withScript ? 200 : 303)
  await look()
  await page.getByRole('link', { name: 'Preview' }).click()
  await page.getByText('Call when it is silent.').waitFor()
  await look()
  await page.goto('/studio/courses/pumps')
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByText('Version 2 is open').first().waitFor()
  await look()
  for (const path of [
    'settings',
    'files',
    'revisions',
    'lessons/lesson-2/history',
    'lessons/lesson-2/settings',
  ]) {
    await page.goto(`/studio/courses/pumps/${path}`)
    await look()
  }
  for (const path of ['/studio/courses/new', '/studio/imports/new']) {
    await page.goto(path)
    await look()
  }
}

export async function keepOrder({ page, look }: Walk): Promise<void> {
  await page.goto('/admin/people')
  await look()
  await page.goto('/admin/audit')
  await page.getByText('lead.accepted').first().waitFor()
  await look()
}
