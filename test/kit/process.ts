import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'

export type ServerProcess = {
  /** Resolves to true when the server responds, or to false when it exits first. */
  isOpen: () => Promise<boolean>
  /** Sends SIGKILL, which doesn't let the process finish anything. */
  kill: () => Promise<void>
  /** Sends SIGTERM, as an operator does, and returns the exit code. */
  stop: () => Promise<number | null>
  /** Resolves to the exit code when the process ends; null when a signal ended it. */
  ended: Promise<number | null>
  /** Returns what the process has printed. */
  output: () => string
}

/**
 * Starts the real server in its own process. `ahead` moves its clock forward, in milliseconds, so that the leases of a
 * killed process have expired without waiting.
 */
export function startServer(options: {
  code: string
  port: number
  dataDir: string
  ahead: number
  env?: Record<string, string>
}): ServerProcess {
  const { code, port, dataDir, ahead, env } = options
  const clock = `const now = Date.now; Date.now = () => now() + ${ahead}`
  const child = spawn(process.execPath, ['--import', `data:text/javascript,${clock}`, code], {
    env: {
      ...process.env,
      NODE_ENV: 'development',
      PORT: String(port),
      DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  return {
    isOpen: async () => {
      while (isRunning(child)) {
        if (await responds(`http://127.0.0.1:${port}/healthz`)) return true
        await Promise.race([sleep(20), exited])
      }
      return false
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    stop: async () => {
      child.kill('SIGTERM')
      await exited
      return child.exitCode
    },
    ended: exited.then(() => child.exitCode),
    output: () => output,
  }
}

/** Returns a port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

export const sleep = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

function responds(url: string): Promise<boolean> {
  return fetch(url).then(
    response => response.ok,
    () => false,
  )
}
