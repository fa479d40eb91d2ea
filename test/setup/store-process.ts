import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RunningStore {
  process: ChildProcess
  folder: string
  uri: string
}

/** A store in a process of its own, so that neither slows the other's thread, in memory where the system has such a folder. */
export async function runStore(
  code: string,
  folder = makeFolder(),
  env: NodeJS.ProcessEnv = {},
): Promise<RunningStore> {
  const command = [process.execPath, '--enable-source-maps', join(__dirname, 'run-store.js'), code, folder]
  const limit = env.LYCEUM_TEST_FILE_LIMIT
  // The shell sets the limit on the size of files, in blocks, and becomes the store.
  const [run, ...rest] = limit ? ['bash', '-c', `ulimit -f ${limit}; exec "$0" "$@"`, ...command] : command
  const child = spawn(run!, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
  const uri = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('\n')) resolve(said.trim())
    })
    child.once('exit', status => reject(new Error(`the store of the tests ended with ${status}`)))
  })
  // A test that fails must not wait for a store that it did not end.
  child.unref()
  for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref(): void }).unref()
  return { process: child, folder, uri }
}

export function makeFolder(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lyceum-test-'))
}

/** Ends a store the gentle way; its folder goes too unless it is to be looked at. */
export async function endStore({ process: child, folder }: RunningStore, keepFolder = false): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.stdin!.end()
    await ended
  }
  if (!keepFolder) rmSync(folder, { recursive: true, force: true })
}
