import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'

export type ServerProcess = {
  /** True once it answers; false when it ended before. */
  isOpen: () => Promise<boolean>
  /** `kill -9`: it finishes nothing. */
  kill: () => Promise<void>
  /** As an operator stops it; answers its exit code. */
  stop: () => Promise<number | null>
  /** What it has logged. */
  said: () => string
}

/**
 * The real server as a process of its own. `ahead` moves its clock, in milliseconds: a restart some minutes later needs no
 * waiting, and the leases of the process that died have run out.
 */
export function startServer(wish: {
  code: string
  port: number
  dataDir: string
  ahead: number
}): ServerProcess {
  const clock = `const now = Date.now; Date.now = () => now() + ${wish.ahead}`
  const child = spawn(process.execPath, ['--import', `data:text/javascript,${clock}`, wish.code], {
    env: {
      ...process.env,
      NODE_ENV: 'development',
      PORT: String(wish.port),
      DATA_DIR: wish.dataDir,
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk))
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  return {
    isOpen: async () => {
      while (isRunning(child)) {
        if (await answers(`http://127.0.0.1:${wish.port}/healthz`)) return true
        await Promise.race([rest(20), ended])
      }
      return false
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
    said: () => said,
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

export const rest = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    answer => answer.ok,
    () => false,
  )
}
