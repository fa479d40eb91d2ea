import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { Webhook } from 'standardwebhooks'

/**
 * A receiver to try things with, by hand or under load: verifies each message and prints a line.
 *
 *     node dist/scripts/crm-sink.js --port 4000 --secret whsec_… [--status 200] [--delay 0] [--silent] [--retry-after 30] [--quiet]
 *
 * `--delay` waits so many ms before each answer; `--silent` never answers; `--quiet` prints a sum each second instead of lines.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4000' },
    secret: { type: 'string' },
    status: { type: 'string', default: '200' },
    delay: { type: 'string', default: '0' },
    'retry-after': { type: 'string' },
    silent: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
})
const webhook = values.secret ? new Webhook(values.secret) : undefined
const seen = new Map<string, number>()
let [received, refused] = [0, 0]

createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8')
    const verdict = judge(body, request.headers as Record<string, string>)
    note(request.headers['webhook-id'] as string | undefined, body, verdict)
    if (values.silent) return
    setTimeout(() => {
      if (values['retry-after']) response.setHeader('retry-after', values['retry-after'])
      response.writeHead(verdict === 'forged' ? 401 : Number(values.status)).end()
    }, Number(values.delay))
  })
}).listen(Number(values.port), '127.0.0.1', () => {
  console.log(
    `Listening on http://127.0.0.1:${values.port}, answering ${values.silent ? 'nothing' : values.status}`,
  )
})

if (values.quiet) {
  setInterval(() => console.log(`${received} received, ${seen.size} different, ${refused} refused`), 1000)
}

function judge(body: string, headers: Record<string, string>): 'genuine' | 'forged' | 'not checked' {
  if (!webhook) return 'not checked'
  try {
    webhook.verify(body, headers)
    return 'genuine'
  } catch {
    return 'forged'
  }
}

function note(id: string | undefined, body: string, verdict: string): void {
  received++
  if (verdict === 'forged') refused++
  const times = (seen.get(id ?? '') ?? 0) + 1
  seen.set(id ?? '', times)
  if (values.quiet) return
  const type = /"type":"([^"]+)"/.exec(body)?.[1] ?? 'unknown'
  console.log(
    `${id ?? 'no id'} ${type} ${body.length} bytes, ${verdict}${times > 1 ? `, time ${times}` : ''}`,
  )
}
