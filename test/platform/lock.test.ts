import mongoose from 'mongoose'
import { hours, later, now } from '../../src/platform/clock'
import { withLock } from '../../src/platform/lock'
import { openAcademy, type Academy } from '../kit/academy'

let academy: Academy
beforeAll(async () => void (academy = await openAcademy()))
afterAll(() => academy.close())

test('a lock whose holder died before the clock was set back is free', async () => {
  await mongoose.connection
    .collection<{ _id: string }>('locks')
    .insertOne({ _id: 'left', holder: 'dead', until: later(now(), hours(1)) } as { _id: string })
  expect(await withLock('left', () => Promise.resolve('done'))).toBe('done')
})
