import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import type { Target } from './load'

export type Running = { pid: number; base: string; stop: () => Promise<void> }

const port = 4790
/** So that a pass that fails leaves nobody behind who answers in the next one's place. */
function endsWithUs(child: ChildProcess): void {
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
}

/** The built server on a seeded folder, silent since the reference does not log either; and the milliseconds to its first page. */
export async function startAcademy(
  dataDir: string,
  settings: Record<string, string> = {},
): Promise<Running & { ms: number }> {
  const base = `http://127.0.0.1:${port}`
  const began = performance.now()
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
  endsWithUs(child)
  while (!(await isAnswered(`${base}/`))) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    await new Promise(resolve => setTimeout(resolve, 3))
  }
  return { pid: child.pid!, base, ms: performance.now() - began, stop: () => stop(child, 'SIGTERM') }
}

/** A script of this folder that says on its first line where it listens, and ends with its standard input. */
export async function startScript(name: string, dataDir = ''): Promise<Running> {
  const child = spawn(process.execPath, [join(__dirname, `${name}.js`)], {
    env: { ...process.env, NODE_ENV: 'demo', DATA_DIR: dataDir, LOG_LEVEL: 'silent' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  endsWithUs(child)
  const [base] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { pid: child.pid!, base, stop: () => stop(child, 'SIGTERM') }
}

export type Session = { headers: Record<string, string>; csrf: string }

/** Signs in by the form, as one of the demo's people. */
export async function signIn(base: string, name: string): Promise<Session> {
  const form = await fetch(`${base}/sign-in`)
  const answer = await fetch(`${base}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookieOf(form) },
    body: new URLSearchParams({
      _csrf: tokenIn(await form.text()),
      email: `${name}@lyceum.example`,
      password: 'learn-and-sell',
    }),
  })
  if (answer.status !== 303) throw new Error(`${name} could not sign in: ${answer.status}`)
  const headers = { cookie: cookieOf(answer) }
  const account = await fetch(`${base}/account`, { headers })
  return { headers, csrf: tokenIn(await account.text()) }
}

/** The first address on a page that looks like this. */
export async function linkOn(url: string, session: Session, pattern: RegExp): Promise<string> {
  const page = await (await fetch(url, { headers: session.headers })).text()
  const found = pattern.exec(page)
  if (!found) throw new Error(`${url} has no link like ${pattern}`)
  return found[0]
}

/**
 * Ten reports of attention, each to a lesson of somebody's own: two to the same lesson at once would be two tabs, of which one is
 * refused.
 */
export async function beats({ base, pid }: Running, course: string, sessions: Session[]): Promise<Target[]> {
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

function isAnswered(url: string): Promise<boolean> {
  return fetch(url).then(
    async answer => (await answer.arrayBuffer(), answer.ok),
    () => false,
  )
}

function cookieOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map(cookie => cookie.split(';')[0])
    .join('; ')
}

function tokenIn(page: string): string {
  return /name="_csrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
}
