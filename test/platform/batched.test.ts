import { batched, valuesOf } from '../../src/platform/batched'

test('a run that never ends holds up only its own keys, however many wait', async () => {
  let runs = 0
  const double = batched((keys: number[]) => {
    runs++
    return runs === 1 ? new Promise<never>(() => {}) : Promise.resolve(valuesOf(keys.map(key => key * 2)))
  })
  const first = Array.from({ length: 201 }, (_, n) => double(n))
  await new Promise(resolve => setTimeout(resolve, 50))
  const later = Array.from({ length: 50 }, (_, n) => double(n))
  expect(await Promise.all([first[200], ...later])).toEqual([400, ...later.map((_, n) => n * 2)])
})

test('keys at the same moment share a run, and an error reaches only its key', async () => {
  let runs = 0
  const half = batched((keys: number[]) => {
    runs++
    return Promise.resolve(keys.map(key => (key % 2 ? { error: new Error('odd') } : { value: key / 2 })))
  })
  const results = await Promise.allSettled([half(2), half(3), half(4)])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(runs).toBe(1)
})

test('a single caller of a busy process waits for nobody', async () => {
  const one = batched((keys: number[]) => Promise.resolve(valuesOf(keys)))
  const timers = jest.spyOn(global, 'setTimeout')
  // Longer than the periods over which a process is measured, without a rest.
  for (const until = performance.now() + 450; performance.now() < until;) {
    await one(1)
    for (const since = performance.now(); performance.now() < since + 1;);
  }
  expect(timers).not.toHaveBeenCalled()
  timers.mockRestore()
})
