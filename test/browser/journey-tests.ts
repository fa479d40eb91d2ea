import * as make from '../kit/make'
import { endJourney, openPageFor, runStep, startJourney, type BrowserUser } from './journey'
import { browse, learn, requestDemo, signUp, takeQuiz } from './prospect-steps'
import {
  addEndpoint,
  editCourse,
  readAudit,
  readDeliveries,
  readInsights,
  respondToLead,
} from './staff-steps'

/** Defines one journey through the whole product, as tests that build on each other. */
export function testJourney(withScript: boolean): void {
  let amara: BrowserUser, petra: BrowserUser, ines: BrowserUser, idris: BrowserUser

  beforeAll(async () => {
    await startJourney()
    const open = async (role: 'sales-lead' | 'author' | 'admin', name: string) =>
      openPageFor(withScript, await make.person({ role, name }))
    amara = await openPageFor(withScript)
    petra = await open('sales-lead', 'Petra Novotná')
    ines = await open('author', 'Ines Halvorsen')
    idris = await open('admin', 'Idris Bello')
  }, 60_000)
  afterAll(() => endJourney())

  test.each([
    ['the head of sales adds an endpoint for leads', addEndpoint, () => petra],
    ['an anonymous visitor looks around', browse, () => amara],
    ['she signs up after a mistake, with the link in the email', signUp, () => amara],
    ['she finds her path, enrols and learns', learn, () => amara],
    ['she fails the quiz, passes it and gets a certificate', takeQuiz, () => amara],
    ['she requests a demo, pauses sharing and resumes it', requestDemo, () => amara],
    ['sales rejects the lead and accepts her after all', respondToLead, () => petra],
    ['sales reads the deliveries', readDeliveries, () => petra],
    ['sales reads the performance of the academy', readInsights, () => petra],
    ['an author edits a lesson and publishes it', editCourse, () => ines],
    ['an administrator reads who did what', readAudit, () => idris],
  ])('%s', async (_title, step, user) => expect(await runStep(step, user())).toEqual([]), 180_000)
}
