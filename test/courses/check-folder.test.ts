import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { checkFolder } from '../../src/courses/check-folder'

/* The check as a command, from the built code, as continuous integration runs it. */

const root = resolve(__dirname, '../..')
let home: string

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root })
})
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'check-folder-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const course = `title: Pumps
summary: How a pump tells you what it needs.
topic: basics
level: beginner
outcomes: [Read a pump]
authors: [{name: Ines, role: Engineer}]
checkedOn: 2099-01-01
`
const lesson = (body: string) => `---\ntitle: Seals\nminutes: 1\npreview: true\n---\n${body}`

/** Writes the folder of a course with one lesson. */
function write(body: string): string {
  const folder = join(home, 'pumps')
  mkdirSync(join(folder, '01-start'), { recursive: true })
  writeFileSync(join(folder, 'course.yml'), course)
  writeFileSync(join(folder, '01-start/module.yml'), 'title: Start\n')
  writeFileSync(join(folder, '01-start/01-seals.md'), lesson(body))
  return folder
}

function run(...options: string[]) {
  const { NODE_ENV: _test, ...env } = process.env
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(root, 'dist/scripts/check-course.js'), ...options],
    { cwd: home, encoding: 'utf8', env },
  )
  return { stdout, stderr, status }
}

test('a course without errors passes, and the command leaves nothing behind', () => {
  const { stdout, status } = run(write('Short text.\n'))
  expect(stdout).toBe('“Pumps” (1 lesson, 0 questions): 0 errors, 0 warnings, 0 to look at.\n')
  expect(status).toBe(0)
  expect(existsSync(join(home, 'data'))).toBe(false)
})

test('an error fails the build, with its file and line', () => {
  const { stdout, status } = run(write('Text.\n\n![](assets/gone.png)\n'))
  expect(status).toBe(1)
  expect(stdout.split('\n').slice(0, 2)).toEqual([
    '01-start/01-seals.md:8  error    The image assets/gone.png has no alt text.',
    '01-start/01-seals.md:8  error    The file assets/gone.png is missing.',
  ])
})

test('warnings fail the build only with --strict', () => {
  const folder = write('## One\n\nText.\n\n#### Two\n')
  expect(run(folder).status).toBe(0)
  const { stdout, status } = run(folder, '--strict', '--json')
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toEqual({
    ...{ title: 'Pumps', lessons: 1, questions: 0, tried: 0, errors: 0, warnings: 1, looks: 0 },
    findings: [
      {
        ...{ level: 'warning', file: '01-start/01-seals.md', line: 10, question: null },
        rule: 'checks.headingSkipped',
        message: expect.stringContaining('“Two” skips a level'),
      },
    ],
  })
})

test('files that cannot be read are errors, and a folder that is not there is another exit code', () => {
  const folder = write('Text.\n')
  writeFileSync(join(folder, 'course.yml'), 'title: [')
  const { stdout, status } = run(folder)
  expect(status).toBe(1)
  expect(stdout).toMatch(/^course\.yml:1 {2}error/)
  expect(run(join(home, 'nowhere')).status).toBe(2)
})

test('links are opened on request, and a page that is not found twice is a warning with its date', async () => {
  const calls: string[] = []
  const site = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`)
    response.writeHead(request.url === '/ok' ? 200 : 404).end()
  })
  await new Promise<void>(done => site.listen(0, '127.0.0.1', done))
  const { port } = site.address() as AddressInfo
  const folder = write(`[A](http://127.0.0.1:${port}/ok) and [B](http://127.0.0.1:${port}/gone)\n`)

  const { tried, findings } = await checkFolder(folder, true)
  expect(tried).toBe(2)
  expect(calls.filter(call => call.endsWith('/ok'))).toEqual(['HEAD /ok'])
  expect(calls.filter(call => call.startsWith('GET'))).toEqual(['GET /gone', 'GET /gone'])
  expect(findings).toMatchObject([
    { level: 'warning', key: 'studio:checks.deadOutside.status', line: 6, values: { status: 404 } },
  ])

  // The command is for the public internet: within a private network it opens nothing.
  calls.length = 0
  const command = JSON.parse(run(folder, '--json', '--links').stdout)
  await new Promise(setImmediate)
  site.close()
  expect(calls).toEqual([])
  expect(command.tried).toBe(0)
  expect((await checkFolder(folder, false)).tried).toBe(0)
})
