import * as make from '../kit/make'
import { decide, join, learn, lookAround, takeTheCheck } from './newcomer'
import { addReceiver, answerLead, keepOrder, readDeliveries, readInsights, write } from './staff'
import { closeDoors, come, live, openDoors, type Walk } from './journey'

/** One journey through the whole product, told in tests that follow on each other. */
export function tellStories(withScript: boolean): void {
  let amara: Walk, petra: Walk, ines: Walk, idris: Walk

  beforeAll(async () => {
    await openDoors()
    amara = await come(withScript)
    petra = await come(withScript, await make.person({ role: 'sales-lead', name: 'Petra Novotná' }))
    ines = await come(withScript, await make.person({ role: 'author', name: 'Ines Halvorsen' }))
    idris = await come(withScript, await make.person({ role: 'admin', name: 'Idris Bello' }))
  }, 60_000)
  afterAll(() => closeDoors())

  test.each([
    ['sales adds a receiver for its leads', addReceiver, () => petra],
    ['a stranger looks around', lookAround, () => amara],
    ['she joins after a mistake, by the link in the letter', join, () => amara],
    ['she says what she needs, begins and learns', learn, () => amara],
    ['she fails, passes, and has a certificate', takeTheCheck, () => amara],
    ['she raises a hand, pauses sharing and resumes it', decide, () => amara],
    ['sales answers the lead', answerLead, () => petra],
    ['sales sees what was delivered', readDeliveries, () => petra],
    ['sales reads what the academy brought', readInsights, () => petra],
    ['an author changes a lesson and publishes it', write, () => ines],
    ['an administrator sees who did what', keepOrder, () => idris],
  ])('%s', async (_title, story, who) => expect(await live(story, who())).toEqual([]), 180_000)
}
