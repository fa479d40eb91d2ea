import { connect } from 'node:net'
import { settingKey, type Storage } from './storage'

/**
 * One process at a time: the owner's address stands in the store itself, written in a transaction, and the owner is
 * alive as long as something answers there. So a killed process leaves no lock behind, and two that start at the same
 * moment cannot both win.
 */
export async function acquireLock(storage: Storage, address: string, folder: string): Promise<void> {
  const key = settingKey('owner')
  for (;;) {
    const owner = storage.get(key)?.toString()
    if (owner !== undefined && owner !== address && (await isAlive(owner)))
      throw new Error(
        `The data folder ${folder} is open in another process (it listens on ${owner}). Stop that one first, or use another folder.`,
      )
    const won = await storage.write(() => {
      if (storage.get(key)?.toString() !== owner) return false
      storage.put(key, Buffer.from(address))
      return true
      // Also on a full disk: whoever is to make room must be able to read.
    }, true)
    if (won) return
  }
}

/** A tool that works on the file without a socket names its process instead. */
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

function isAlive(address: string): Promise<boolean> {
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
