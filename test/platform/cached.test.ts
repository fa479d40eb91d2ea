import { cached, memoized } from '../../src/platform/cached'
import { holdMachineClock } from '../kit/clock'

afterEach(() => jest.restoreAllMocks())

/** Readings that answer when they are told to. */
function slowly() {
  const answers: ((value: string) => void)[] = []
  const refusals: ((reason: Error) => void)[] = []
  const read = cached(
    1000,
    () =>
      new Promise<string>((resolve, reject) => {
        answers.push(resolve)
        refusals.push(reject)
      }),
    { max: 2 },
  )
  return { read, answers, refusals }
}

test('who asks while it is read waits for the same reading, and later ones get what it said', async () => {
  const clock = holdMachineClock()
  const { read, answers } = slowly()
  const both = [read('a'), read('a')]
  answers[0]!('first')
  expect(await Promise.all(both)).toEqual(['first', 'first'])
  clock.move(1000)
  expect(await read('a')).toBe('first')
  clock.move(1)
  void read('a')
  expect(answers).toHaveLength(2)
})

test('a change that comes while it is read is not missed by the next who asks', async () => {
  const { read, answers } = slowly()
  const early = read('a')
  read.forget('a')
  const late = read('a')
  answers[1]!('after')
  answers[0]!('before')
  expect(await Promise.all([early, late, read('a')])).toEqual(['before', 'after', 'after'])
})

test('a reading that failed is not kept', async () => {
  const { read, answers, refusals } = slowly()
  const failed = read('a')
  refusals[0]!(new Error('the database is away'))
  await expect(failed).rejects.toThrow('away')
  const again = read('a')
  answers[1]!('here')
  expect(await again).toBe('here')
})

test('no more is kept than was said', async () => {
  const { read, answers } = slowly()
  for (const key of ['a', 'b', 'c']) void read(key)
  void read('a')
  expect(answers).toHaveLength(4)
})

test('the values used least recently make room for new ones', () => {
  const computed: string[] = []
  const upperCase = memoized(
    (word: string) => {
      computed.push(word)
      return word.toUpperCase()
    },
    { max: 2 },
  )
  expect(['a', 'b', 'a', 'c', 'a', 'b'].map(upperCase)).toEqual(['A', 'B', 'A', 'C', 'A', 'B'])
  expect(computed).toEqual(['a', 'b', 'c', 'b'])
})
