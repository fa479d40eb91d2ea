/**
 * Returns a function that runs one task at a time, in the order they come, so that only one of them needs memory. It
 * returns what the task returns.
 */
export function oneAtATime(): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return task => {
    const result = last.then(task)
    last = result.catch(() => undefined)
    return result
  }
}
