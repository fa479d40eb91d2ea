import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readEmail } from '../../src/mail/read-email'

const folder = join(__dirname, 'replies')
type Expected = { kind: string; text?: string; attachments?: number }
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<string, Expected>

test.each(Object.entries(expected))('%s is read as somebody wrote it', async (file, wanted) => {
  const { kind, text, attachments } = await readEmail(readFileSync(join(folder, file)))
  expect({ kind, text, attachments }).toEqual({ text: '', attachments: 0, ...wanted })
})

test('each shape has a test', () => {
  const files = readdirSync(folder).filter(file => file.endsWith('.eml'))
  expect(Object.keys(expected).sort()).toEqual(files.sort())
})

test('rubbish is read as well, in a moment', async () => {
  const lines = [
    'On ',
    'Am 1 schrieb ',
    '在',
    'From: <',
    '> ',
    '-',
    'wrote:\n',
    '\n',
    'a@b.c 2026:\n',
    '--\n',
    '(',
    '<div>',
  ]
  const shapes = [
    ...lines.map(line => line.repeat(400_000 / line.length)),
    ...lines.map((_, n) =>
      Array.from({ length: 3000 }, (__, k) => lines[(k * k + n) % lines.length]).join(''),
    ),
  ]
  const types = [
    'text/plain',
    'text/html',
    'multipart/mixed; boundary="-"',
    'multipart/report; boundary=""',
    'message/rfc822',
  ]
  for (const [n, shape] of shapes.entries()) {
    const before = process.cpuUsage()
    const type = types[n % types.length]
    await readEmail(Buffer.from(`From: Ada <ada@x.example>\nContent-Type: ${type}\n\n${shape}`))
    await readEmail(Buffer.from(shape))
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2)
  }
})
