import mongoose from 'mongoose'
import { definitionOf } from '../../src/events/definitions'
import { firstModel } from '../../src/scoring/first-model'
import { fitOf, gradeOf } from '../../src/scoring/fit'
import { activeModel, Models } from '../../src/scoring/model'
import { openAcademy, type Academy } from '../kit/academy'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())
beforeEach(() => activeModel.forget())

test('several processes that start at the same time create one first model', async () => {
  const models = await Promise.all(
    Array.from({ length: 5 }, () => {
      activeModel.forget()
      return activeModel()
    }),
  )
  expect(new Set(models.map(({ hash }) => hash)).size).toBe(1)
  expect(await Models.count()).toBe(1)
})

test("an active model can't be changed: the update is ignored", async () => {
  const { hash } = await activeModel()
  await Models.updateOne({ _id: 1 }, { $set: { content: { ...firstModel, qualifyAt: 1 }, hash: 'x' } })
  activeModel.forget()
  expect(await activeModel()).toMatchObject({ hash, content: { qualifyAt: 60 } })
})

test('a model changed directly in the database is refused', async () => {
  await activeModel()
  await storedModels().updateOne({ _id: 1 }, { $set: { 'content.qualifyAt': 1 } })
  activeModel.forget()
  await expect(activeModel()).rejects.toThrow("hash doesn't match")
})

const company = { domain: 'northwind-pumps.example', name: 'Northwind Pumps' }

test.each([
  ['a head of enablement at a company in a target country', 'Head of Enablement', company, 'GB', 84],
  ['the same person without a country', 'Head of Enablement', company, null, 74],
  ['a training manager', 'Training Manager', company, 'DE', 78],
  ['a person with a work email and an empty profile', null, company, null, 20],
  ['a person with a free email address and an empty profile', null, null, null, 0],
  ['a headmaster, because titles match by whole words', 'Headmaster', company, null, 32],
])('fit: %s', (_who, title, of, country, points) => {
  const fit = fitOf({ title, country, company: of, needsAssessment: null }, firstModel.fit)
  expect(fit.points).toBe(points)
  expect(fit.reasons.reduce((sum, each) => sum + each.points, 0)).toBe(points)
})

test('needs assessment answers count up to a cap', () => {
  const answers = { work: 'sales', people: 'company', when: 'soon' }
  const needs = { answers, path: null, at: new Date('2026-11-23T09:00:00Z') }
  expect(fitOf({ title: null, country: null, company, needsAssessment: needs }, firstModel.fit).points).toBe(
    36,
  )
})

test.each([
  [84, 69.8, 'A1'],
  [70, 61.2, 'A2'],
  [69, 62, 'B1'],
  [45, 44.9, 'B3'],
  [44, 45, 'C2'],
])('a fit of %d and an engagement of %d are grade %s', (fit, engagement, grade) => {
  expect(gradeOf(fit, engagement, firstModel)).toBe(grade)
})

/** The collection without the schema that keeps a model from being changed. */
function storedModels() {
  return mongoose.connection.collection<{ _id: number }>('scoring_models')
}

test('whoever reads a score in their CRM reads what each point is for, and no name of an event', () => {
  const scored = firstModel.rules.flatMap(({ events }) => events)
  expect(scored.length).toBeGreaterThan(10)
  expect(scored.filter(name => definitionOf(name).description === null)).toEqual([])
})
