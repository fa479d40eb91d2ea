/**
 * Returns the processor time of a task in milliseconds. Other programs on the computer don't change it, unlike the time
 * on the clock.
 */
export async function cpuTimeOf(task: () => unknown): Promise<number> {
  const start = process.cpuUsage()
  await task()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}
