import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RunningStore {
  process: ChildProcess
  folder: string
  uri: string
  /** Resolves with the code, or the name of the signal, with which the process ended. */
  ended: Promise<number | string>
  /** What it wrote to its standard error. */
  said(): string
}

/** A store in a process of its own, so that neither slows the other's thread, in memory where the system has such a folder. */
export async function runStore(
  code: string,
  folder = makeFolder(),
  env: NodeJS.ProcessEnv = {},
): Promise<RunningStore> {
  const command = [process.execPath, '--enable-source-maps', join(__dirname, 'run-store.js'), code, folder]
  const [run, ...rest] = inShell(command, folder, env)
  const child = spawn(run!, rest, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
    // Where a fault is provoked, its words are no news.
    if (!env.LYCEUM_FAULT) process.stderr.write(chunk)
  })
  const ended = new Promise<number | string>(resolve =>
    child.once('close', (status, signal) => resolve(status ?? signal!)),
  )
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
  for (const stream of [child.stdin, child.stdout, child.stderr])
    (stream as unknown as { unref(): void }).unref()
  return { process: child, folder, uri, ended, said: () => errors }
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

/** A shell may set a limit on the size of files (in blocks), or a file system that is full soon, before it becomes the store. */
function inShell(command: string[], folder: string, env: NodeJS.ProcessEnv): string[] {
  const { LYCEUM_TEST_FILE_LIMIT: limit, LYCEUM_TEST_MOUNT: size, LYCEUM_TEST_KEEP: keep } = env
  if (limit) return ['bash', '-c', `ulimit -f ${limit}; exec "$0" "$@"`, ...command]
  if (!size) return command
  const script =
    `mkdir -p "${keep}"; mount -t tmpfs -o size=${size} tmpfs "${folder}" && ` +
    `cp -r "${keep}/." "${folder}" && { "$0" "$@"; cp -r "${folder}/." "${keep}"; }`
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, ...command]
}
