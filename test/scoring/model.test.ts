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

test('several processes that start at once make one first model', async () => {
  const models = await Promise.all(
    Array.from({ length: 5 }, () => {
      activeModel.forget()
      return activeModel()
    }),
  )
  expect(new Set(models.map(({ hash }) => hash)).size).toBe(1)
  expect(await Models.countDocuments()).toBe(1)
})

test('a model in force cannot be changed: what tries is ignored', async () => {
  const { hash } = await activeModel()
  await Models.updateOne({ _id: 1 }, { $set: { content: { ...firstModel, enter: 1 }, hash: 'x' } })
  activeModel.forget()
  expect(await activeModel()).toMatchObject({ hash, content: { enter: 60 } })
})

test('a model that somebody has changed behind our back is refused', async () => {
  await activeModel()
  await Models.collection.updateOne({ _id: 1 as never }, { $set: { 'content.enter': 1 } })
  activeModel.forget()
  await expect(activeModel()).rejects.toThrow('hash does not match')
})

const company = { domain: 'northwind-pumps.example', name: 'Northwind Pumps' }

test.each([
  ['a head of enablement of a company in a country we sell in', 'Head of Enablement', company, 'GB', 84],
  ['the same without a country', 'Head of Enablement', company, null, 74],
  ['a manager of training', 'Training Manager', company, 'DE', 78],
  ['somebody of a company who says nothing', null, company, null, 20],
  ['somebody with free mail who says nothing', null, null, null, 0],
  ['a title is compared by whole words', 'Headmaster', company, null, 32],
])('fit: %s', (_who, title, of, country, points) => {
  const fit = fitOf({ title, country, company: of, needsAssessment: null }, firstModel.fit)
  expect(fit.points).toBe(points)
  expect(fit.reasons.reduce((sum, each) => sum + each.points, 0)).toBe(points)
})

test('what somebody told about their needs counts up to a cap', () => {
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
])('a fit of %d and an engagement of %d are graded %s', (fit, engagement, grade) => {
  expect(gradeOf(fit, engagement, firstModel)).toBe(grade)
})
