import { connect } from 'node:net'
import { settingKey, type Storage } from './storage'

/**
 * Takes ownership of the data folder, so that only one process has it open. The owner's address is recorded
 * in the store itself, in a transaction, and an owner counts as alive as long as something listens there. A
 * killed process therefore leaves no stale lock, and two processes that start at the same moment cannot both
 * win.
 *
 * @throws Error when another process has the folder open
 */
export async function acquireLock(storage: Storage, address: string, folder: string): Promise<void> {
  const key = settingKey('owner')
  for (;;) {
    const owner = storage.get(key)?.toString()
    if (owner !== undefined && owner !== address && (await isAlive(owner)))
      throw new Error(
        `The data folder ${folder} is open in another process (listening on ${owner}). ` +
          'Stop that process first, or use another folder.',
      )
    const won = await storage.write(
      () => {
        if (storage.get(key)?.toString() !== owner) return false
        storage.put(key, Buffer.from(address))
        return true
      },
      // Someone who has to free space must be able to read.
      { evenWhenFull: true },
    )
    if (won) return
  }
}

/** Returns the address of a tool that works on the file without listening on a socket: its process id. */
export function offlineAddress(): string {
  return `offline:${process.pid}`
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Whether something listens on an address, or the tool with that process id runs. */
export function isAlive(address: string): Promise<boolean> {
  const pid = /^offline:(\d+)$/.exec(address)?.[1]
  if (pid) return Promise.resolve(isRunning(Number(pid)))
  return new Promise(resolve => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
