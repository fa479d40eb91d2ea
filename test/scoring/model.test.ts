import mongoose from 'mongoose'
import { definitionOf } from '../../src/events/definitions'
import { firstModel } from '../../src/scoring/first-model'
import { fitOf, gradeOf } from '../../src/scoring/fit'
import { activeModel, Models } from '../../src/scoring/model'
import { modelContentOf, modelSchema, type Fact, type FitSet } from '../../src/scoring/model-content'
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

const unknown = {
  title: null,
  country: null,
  company: null,
  emailKind: 'company' as const,
  needsAssessment: null,
  firstTouch: null,
}
const company = { domain: 'northwind-pumps.example', name: 'Northwind Pumps' }

test.each([
  ['a head of enablement at a company in a target country', 'Head of Enablement', company, 'GB', 84],
  ['the same person without a country', 'Head of Enablement', company, null, 74],
  ['a training manager', 'Training Manager', company, 'DE', 78],
  ['a person with a work email and an empty profile', null, company, null, 20],
  ['a person with a free email address and an empty profile', null, null, null, 0],
  ['a headmaster, because titles match by whole words', 'Headmaster', company, null, 32],
])('fit: %s', (_who, title, of, country, points) => {
  const fit = fitOf({ ...unknown, title, country, company: of }, firstModel.fit)
  expect(fit.points).toBe(points)
  expect(fit.reasons.reduce((sum, each) => sum + each.points, 0)).toBe(points)
})

test('needs assessment answers count up to a cap', () => {
  const answers = { work: 'sales', people: 'company', when: 'soon' }
  const needs = { answers, path: null, at: new Date('2026-11-23T09:00:00Z') }
  expect(fitOf({ ...unknown, company, needsAssessment: needs }, firstModel.fit).points).toBe(36)
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

describe('fit', () => {
  const touch = {
    at: new Date(0),
    landing: '/',
    referrer: null,
    medium: null,
    campaign: null,
    term: null,
    content: null,
  }
  const holds = (when: Fact, person: Partial<Parameters<typeof fitOf>[0]>, answers = {}) => {
    const set: FitSet = { id: 'one', take: 'all', cap: 100, rules: [{ id: 'it', when, points: 10 }] }
    return fitOf({ ...unknown, ...person }, [set], answers).points === 10
  }

  test.each<[string, Fact, Partial<Parameters<typeof fitOf>[0]>, boolean]>([
    ['a job title', { fact: 'title', words: ['head'] }, { title: 'Head of Pumps' }, true],
    ['another job title', { fact: 'title', words: ['head'] }, { title: 'Headmaster' }, false],
    ['any job title', { fact: 'title', words: [] }, { title: 'Cook' }, true],
    ['no job title', { fact: 'title', words: [] }, {}, false],
    ['a company', { fact: 'company', domains: [company.domain] }, { company }, true],
    ['another company', { fact: 'company', domains: ['x.example'] }, { company }, false],
    ['a free address', { fact: 'email', kinds: ['free'] }, { emailKind: 'free' }, true],
    [
      'a source',
      { fact: 'source', sources: ['newsletter'] },
      { firstTouch: { ...touch, source: 'newsletter' } },
      true,
    ],
    [
      'another source',
      { fact: 'source', sources: ['paid'] },
      { firstTouch: { ...touch, source: 'newsletter' } },
      false,
    ],
  ])('%s', (_what, fact, person, expected) => expect(holds(fact, person)).toBe(expected))

  test.each([
    ['a value of the list', { values: ['200+', '50-199'], from: null, to: null }, '200+', true],
    ['another value', { values: ['200+'], from: null, to: null }, '1-9', false],
    ['the lower end of a range', { values: [], from: 50, to: 200 }, '50', true],
    ['the upper end', { values: [], from: 50, to: 200 }, '200', true],
    ['above it', { values: [], from: 50, to: 200 }, '200.5', false],
    ['an open range', { values: [], from: 50, to: null }, '1000000', true],
    ['no number', { values: [], from: 0, to: null }, 'many', false],
    ['no answer', { values: [], from: 0, to: null }, '', false],
  ])('an answer: %s', (_what, rest, answer, expected) => {
    const question = '0'.repeat(24)
    expect(holds({ fact: 'answer', question, ...rest }, {}, { [question]: answer })).toBe(expected)
  })

  test('negative points take off, never below 0, and a set is held to its cap by one factor', () => {
    const rules = [
      { id: 'a', when: { fact: 'company' as const, domains: [] }, points: 30 },
      { id: 'b', when: { fact: 'title' as const, words: [] }, points: 10 },
    ]
    const off = { id: 'c', when: { fact: 'country' as const, codes: ['GB'] }, points: -90 }
    const person = { ...unknown, company, title: 'Cook', country: 'GB' }
    const capped = fitOf(person, [{ id: 'set', take: 'all', cap: 20, rules }])
    expect(capped).toMatchObject({ points: 20, reasons: [{ points: 15 }, { points: 5 }] })
    expect(fitOf(person, [{ id: 'set', take: 'first', cap: 100, rules }]).points).toBe(30)
    expect(fitOf(person, [{ id: 'set', take: 'all', cap: 100, rules: [...rules, off] }]).points).toBe(0)
  })
})

test("a version from before fit was a list of sets says the same in today's shape", () => {
  const { fit: _fit, blocked: _blocked, ...rest } = firstModel
  const stored = {
    ...rest,
    fit: {
      seniority: [{ id: 'manager', words: ['manager'], points: 24 }],
      area: [{ id: 'coreArea', words: ['training'], points: 24 }],
      workEmail: 20,
      countries: { codes: ['DE'], points: 10 },
      answers: [
        { question: 'people', answer: 'company', points: 12 },
        { question: 'when', answer: 'soon', points: 8 },
      ],
      answersCap: 16,
    },
    blocked: { domains: ['rival.com'], titles: ['student'] },
  }
  const content = modelContentOf(stored)
  expect(modelSchema.parse(content)).toEqual(content)
  expect(content.blocked).toEqual({
    ...{ domains: ['rival.com'], titles: ['student'] },
    ...{ customers: 'company', universities: true, disposable: true },
  })
  const needs = { answers: { people: 'company', when: 'soon' }, path: null, at: new Date(0) }
  const person = { ...unknown, company, title: 'Training Manager', country: 'DE', needsAssessment: needs }
  expect(fitOf(person, content.fit).points).toBe(94)
})

test('the first model follows its own schema', () => {
  expect(modelSchema.parse(firstModel)).toEqual(firstModel)
})
