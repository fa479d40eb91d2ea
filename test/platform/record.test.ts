import {
  date,
  defineRecord,
  free,
  list,
  mapOf,
  nested,
  nullable,
  number,
  oneOf,
  optional,
  string,
  withDefault,
} from '../../src/platform/record'
import { openAcademy, type Academy } from '../kit/academy'

const Boxes = defineRecord(
  'TestBox',
  'test_boxes',
  {
    _id: string(),
    weight: number(),
    state: withDefault(oneOf(['open', 'closed']), 'open'),
    colour: nullable(oneOf(['red', 'blue'])),
    log: list(nested({ at: date(), note: nullable(string()) })),
    parts: mapOf(nested({ openedAt: date(), seconds: optional(number()) })),
    owner: nullable(nested({ domain: string(), name: withDefault(string(), '') })),
    data: free<Record<string, unknown>>(),
  },
  { indexes: [[{ weight: 1, _id: 1 }]] },
)

const Labels = defineRecord(
  'TestLabel',
  'test_labels',
  { text: string(), printedAt: nullable(date()) },
  { indexes: [[{ text: 1 }, { unique: true }]] },
)

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())
afterEach(async () => {
  await Boxes.deleteMany({})
  await Labels.deleteMany({})
})

const at = new Date('2026-11-28T09:00:00Z')

test('what is left out has its default, and reads come back as plain objects', async () => {
  const made = await Boxes.create({ _id: 'a', weight: 3, data: { any: [1] } })
  const plain = {
    _id: 'a',
    weight: 3,
    state: 'open',
    colour: null,
    log: [],
    parts: {},
    owner: null,
    data: { any: [1] },
  }
  expect(made).toEqual(plain)
  expect(await Boxes.findById('a')).toEqual(plain)
  expect(await Boxes.find({ weight: 3 }, { state: 1 })).toEqual([{ _id: 'a', state: 'open' }])
})

test('parts, lists and values under their own keys are written and read back', async () => {
  await Boxes.insertOnce({
    _id: 'a',
    weight: 1,
    colour: 'blue',
    log: [{ at, note: 'x' }],
    parts: { first: { openedAt: at } },
    owner: { domain: 'northwind.example' },
    data: {},
  })
  await Boxes.updateOne({ _id: 'a' }, { $set: { 'parts.second.openedAt': at, 'parts.first.seconds': 4 } })
  await Boxes.updateOne({ _id: 'a' }, { $push: { log: { at, note: null } } })
  expect(await Boxes.findOne({ _id: 'a' })).toMatchObject({
    log: [
      { at, note: 'x' },
      { at, note: null },
    ],
    parts: { first: { openedAt: at, seconds: 4 }, second: { openedAt: at } },
    owner: { domain: 'northwind.example', name: '' },
  })
})

test('a record under a deterministic id is inserted once, also by ten at the same time', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => Boxes.insertOnce({ _id: 'a', weight: n, data: {} })),
  )
  expect(answers.filter(Boolean)).toHaveLength(1)
  expect(await Boxes.count()).toBe(1)
})

test('ten people who print the same label at the same time share the one that was printed first', async () => {
  const printed = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      Labels.createOrFind({ text: 'Fragile', printedAt: new Date(n) }, { text: 'Fragile' }),
    ),
  )
  const [label, ...others] = await Labels.find()
  expect(others).toEqual([])
  expect(printed.filter(({ isNew }) => isNew)).toHaveLength(1)
  for (const { record } of printed) expect(record).toEqual(label)
})

test('a label is refused when another one has taken its id', async () => {
  const { record } = await Labels.createOrFind({ text: 'Fragile' }, { text: 'Fragile' })
  await expect(
    Labels.createOrFind({ _id: record._id, text: 'This side up' }, { text: 'This side up' }),
  ).rejects.toThrow('Another TestLabel has taken a unique key')
  expect(await Labels.find()).toEqual([record])
})

test('an upsert changes only what fits its filter', async () => {
  const write = (weight: number) =>
    Boxes.upsertIfMatching({ _id: 'a', weight: { $lte: weight } }, { $set: { weight, data: {} } })
  expect(await write(5)).toBe(true)
  expect(await write(4)).toBe(false)
  expect(await Boxes.findById('a')).toMatchObject({ weight: 5 })
})

test('a field that the record does not have is refused in inserts, updates and filters', async () => {
  const typo: Record<string, unknown> = { wieght: 1 }
  await expect(Boxes.create({ _id: 'a', weight: 1, data: {}, ...typo })).rejects.toThrow(/wieght/)
  await Boxes.create({ _id: 'a', weight: 1, data: {} })
  await expect(Boxes.updateOne({ _id: 'a' }, { $set: typo })).rejects.toThrow(/wieght/)
  await expect(Boxes.find(typo)).rejects.toThrow(/wieght/)
  await expect(Boxes.insertOnce({ _id: 'b', weight: 1, colour: 'green' as 'red', data: {} })).rejects.toThrow(
    /colour/,
  )
})

test('each of several updates at once gets its own result', async () => {
  await Boxes.insertMany([
    { _id: 'a', weight: 1, data: {} },
    { _id: 'b', weight: 2, data: {} },
  ])
  await Labels.insertMany([{ text: 'taken' }, { text: 'free' }])
  const [wrong, unknown, fine] = await Promise.allSettled([
    Boxes.update({ _id: 'a' }, { $set: { weight: 'heavy' as unknown as number } }),
    Boxes.update({ _id: 'a' }, { $set: { wieght: 5 } as object }),
    Boxes.update({ _id: 'b' }, { $set: { weight: 3 } }),
  ])
  expect([wrong.status, unknown.status, fine.status]).toEqual(['rejected', 'rejected', 'fulfilled'])
  expect(await Boxes.findById('b')).toMatchObject({ weight: 3 })
  const [uncast, duplicate, other] = await Promise.allSettled([
    Labels.update({ text: 'free' }, { $set: { printedAt: 'never' as unknown as Date } }),
    Labels.update({ text: 'free' }, { $set: { text: 'taken' } }),
    Labels.update({ text: 'taken' }, { $set: { printedAt: at } }),
  ])
  expect(uncast).toMatchObject({ reason: { name: 'CastError' } })
  expect(duplicate).toMatchObject({ reason: { code: 11000 } })
  expect(other.status).toBe('fulfilled')
  await expect(
    Boxes.updateEach([{ filter: { _id: 'a' }, change: { $set: { wieght: 5 } as object } }]),
  ).rejects.toThrow()
})
