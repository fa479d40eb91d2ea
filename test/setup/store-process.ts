import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RunningStore {
  process: ChildProcess
  folder: string
  uri: string
  /** Resolves with the exit code of the process, or the name of the signal that ended it. */
  ended: Promise<number | string>
  /** Returns what the process wrote to its standard error. */
  stderr(): string
}

/**
 * Runs a store in its own process, so that it and the test do not slow each other down. The default folder is in memory
 * where the system has `/dev/shm`.
 */
export async function runStore(
  code: string,
  folder = makeFolder(),
  env: NodeJS.ProcessEnv = {},
): Promise<RunningStore> {
  const command = [process.execPath, '--enable-source-maps', join(__dirname, 'run-store.js'), code, folder]
  const [executable, ...rest] = throughShell(command, folder, env)
  const child = spawn(executable!, rest, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
    // A test that provokes a fault expects its messages.
    if (!env.LYCEUM_FAULT) process.stderr.write(chunk)
  })
  const ended = new Promise<number | string>(resolve =>
    child.once('close', (status, signal) => resolve(status ?? signal!)),
  )
  const uri = await new Promise<string>((resolve, reject) => {
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.includes('\n')) resolve(output.trim())
    })
    child.once('exit', status => reject(new Error(`The test store exited with ${status}`)))
  })
  // Jest must be able to exit when a failing test leaves its store running.
  child.unref()
  for (const stream of [child.stdin, child.stdout, child.stderr])
    (stream as unknown as { unref(): void }).unref()
  return { process: child, folder, uri, ended, stderr: () => errors }
}

export function makeFolder(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lyceum-test-'))
}

/** Shuts a store down and deletes its folder, unless the test still needs it. */
export async function endStore({ process: child, folder }: RunningStore, keepFolder = false): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.stdin!.end()
    await ended
  }
  if (!keepFolder) rmSync(folder, { recursive: true, force: true })
}

/** Runs the store through a shell that first limits the size of its files (in blocks) or mounts a small file system. */
function throughShell(command: string[], folder: string, env: NodeJS.ProcessEnv): string[] {
  const { LYCEUM_TEST_FILE_LIMIT: limit, LYCEUM_TEST_MOUNT: size, LYCEUM_TEST_KEEP: keep } = env
  if (limit) return ['bash', '-c', `ulimit -f ${limit}; exec "$0" "$@"`, ...command]
  if (!size) return command
  const script =
    `mkdir -p "${keep}"; mount -t tmpfs -o size=${size} tmpfs "${folder}" && ` +
    `cp -r "${keep}/." "${folder}" && { "$0" "$@"; cp -r "${folder}/." "${keep}"; }`
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, ...command]
}
