import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { demoPassword } from '../../src/people/demo-accounts'
import type { Target } from './load'

export type Running = { pid: number; base: string; stop: () => Promise<void> }

const defaultPort = 4790

/** Kills the child when this process exits, so that a failed run leaves no server on the port. */
function killOnExit(child: ChildProcess): void {
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
}

/** Starts the built server on a seeded folder, without logs, and measures the milliseconds until its first page. */
export async function startAcademy(
  dataDir: string,
  settings: Record<string, string> = {},
  port = defaultPort,
): Promise<Running & { ms: number }> {
  const base = `http://127.0.0.1:${port}`
  const startedAt = performance.now()
  const child = spawn(process.execPath, [join(__dirname, '../../src/server.js')], {
    env: {
      ...process.env,
      NODE_ENV: 'demo',
      DATA_DIR: dataDir,
      PORT: String(port),
      LOG_LEVEL: 'silent',
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  killOnExit(child)
  while (!(await responds(`${base}/`))) {
    if (child.exitCode !== null) throw new Error(`The server exited with ${child.exitCode}`)
    await new Promise(resolve => setTimeout(resolve, 3))
  }
  return { pid: child.pid!, base, ms: performance.now() - startedAt, stop: () => stop(child, 'SIGTERM') }
}

/** Starts a script in this folder, which prints the URL it listens on as its first line. */
export async function startScript(name: string, dataDir = ''): Promise<Running> {
  const child = spawn(process.execPath, [join(__dirname, `${name}.js`)], {
    env: { ...process.env, NODE_ENV: 'demo', DATA_DIR: dataDir, LOG_LEVEL: 'silent' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  killOnExit(child)
  const [base] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { pid: child.pid!, base, stop: () => stop(child, 'SIGTERM') }
}

export type Session = { headers: Record<string, string>; csrf: string }

/** Signs in with the form, as one of the demo's people. */
export async function signIn(base: string, name: string): Promise<Session> {
  const form = await fetch(`${base}/sign-in`)
  const response = await fetch(`${base}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookieOf(form) },
    body: new URLSearchParams({
      _csrf: tokenIn(await form.text()),
      email: `${name}@tarnwell.example`,
      password: demoPassword,
    }),
  })
  if (response.status !== 303) throw new Error(`${name} could not sign in: ${response.status}`)
  const headers = { cookie: cookieOf(response) }
  const account = await fetch(`${base}/account`, { headers })
  return { headers, csrf: tokenIn(await account.text()) }
}

/** Returns the first link on a page that matches the pattern. */
export async function linkOn(url: string, session: Session, pattern: RegExp): Promise<string> {
  const page = await (await fetch(url, { headers: session.headers })).text()
  const match = pattern.exec(page)
  if (!match) throw new Error(`${url} has no link that matches ${pattern}`)
  return match[0]
}

/**
 * Returns 10 progress reports, each for a different learner and lesson. Two at once for the same lesson would count as
 * two tabs, and one of them would be rejected.
 */
export async function progressReports(
  { base, pid }: Running,
  course: string,
  sessions: Session[],
): Promise<Target[]> {
  const targets: Target[] = []
  for (const session of sessions) {
    const headers = { ...session.headers, 'x-csrf-token': session.csrf }
    await fetch(`${base}${course}/enrolment`, { method: 'POST', headers, redirect: 'manual' })
    const page = await (await fetch(`${base}${course}`, { headers })).text()
    const lessons = [...new Set(page.match(new RegExp(`${course}/lessons/[\\w-]+`, 'g')))]
    for (const lesson of lessons.slice(0, 2)) {
      await fetch(`${base}${lesson}`, { headers })
      targets.push({
        url: `${base}${lesson}/progress`,
        pid,
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{"seconds":1}',
      })
    }
  }
  return targets.slice(0, 10)
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

function responds(url: string): Promise<boolean> {
  return fetch(url).then(
    async response => (await response.arrayBuffer(), response.ok),
    () => false,
  )
}

function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map(cookie => cookie.split(';')[0])
    .join('; ')
}

function tokenIn(page: string): string {
  return /name="_csrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
}
