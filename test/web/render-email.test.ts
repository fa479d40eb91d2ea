import { randomBytes } from 'node:crypto'
import mongoose from 'mongoose'
import { brandOf, defaultBrandId } from '../../src/brand/brand'
import { connectDatabase, disconnectDatabase } from '../../src/platform/database'
import { publishGuideBrand } from '../../scripts/demo/brand'
import { renderEmail } from '../../src/web/render-email'

beforeAll(async () => {
  const name = `test_${randomBytes(6).toString('hex')}`
  await connectDatabase(process.env[`LYCEUM_TEST_STORE_${process.env.JEST_WORKER_ID}`], name)
  await publishGuideBrand(defaultBrandId)
})
afterAll(async () => {
  await mongoose.connection.dropDatabase()
  await disconnectDatabase()
})

test('a process that is only a worker, without a server, renders emails', async () => {
  const { subject, html } = renderEmail('welcome', { name: 'Ada' }, await brandOf(defaultBrandId))
  expect(subject).toMatch(/^[A-Z]/)
  expect(html).toContain('Ada')
})
