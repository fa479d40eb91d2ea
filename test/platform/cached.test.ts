import { cached, clearCaches, memoized } from '../../src/platform/cached'
import { holdMachineClock } from '../kit/clock'

afterEach(() => jest.restoreAllMocks())

/** A cache with room for 2 values, whose reads the test resolves. */
function slowCache() {
  const resolves: ((value: string) => void)[] = []
  const rejects: ((reason: Error) => void)[] = []
  const read = cached(
    1000,
    () =>
      new Promise<string>((resolve, reject) => {
        resolves.push(resolve)
        rejects.push(reject)
      }),
    { max: 2 },
  )
  return { read, resolves, rejects }
}

test('concurrent readers share one read, and later ones get its result until it expires', async () => {
  const clock = holdMachineClock()
  const { read, resolves } = slowCache()
  const both = [read('a'), read('a')]
  resolves[0]!('first')
  expect(await Promise.all(both)).toEqual(['first', 'first'])
  clock.move(1000)
  expect(await read('a')).toBe('first')
  clock.move(1)
  void read('a')
  expect(resolves).toHaveLength(2)
})

test('a reader after a change does not get the result of a read before it', async () => {
  const { read, resolves } = slowCache()
  const early = read('a')
  read.forget('a')
  const late = read('a')
  resolves[1]!('after')
  resolves[0]!('before')
  expect(await Promise.all([early, late, read('a')])).toEqual(['before', 'after', 'after'])
})

test('a failed read is not cached', async () => {
  const { read, resolves, rejects } = slowCache()
  const failed = read('a')
  rejects[0]!(new Error('the database is down'))
  await expect(failed).rejects.toThrow('down')
  const retried = read('a')
  resolves[1]!('up')
  expect(await retried).toBe('up')
})

test('a full cache drops its values', async () => {
  const { read, resolves } = slowCache()
  for (const key of ['a', 'b', 'c']) void read(key)
  void read('a')
  expect(resolves).toHaveLength(4)
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

test('a read that finds nothing new returns the same object, until the database is another one', async () => {
  let version = 1
  const read = cached<void, { version: number }>(1000, (_, last) =>
    Promise.resolve(last?.version === version ? last : { version }),
  )
  const first = await read()
  read.forget()
  expect(await read()).toBe(first)
  version = 2
  read.forget()
  const second = await read()
  expect(second).toEqual({ version: 2 })
  clearCaches()
  expect(read.known()).toBeUndefined()
  const ofAnother = await read()
  expect(ofAnother).toEqual(second)
  expect(ofAnother).not.toBe(second)
})
