import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { Webhook } from 'standardwebhooks'

/**
 * A webhook endpoint for manual and load tests. It verifies each message and prints a line about it.
 *
 *     node dist/scripts/crm-sink.js --port 4000 --secret whsec_…
 *         [--status 200] [--delay 0] [--retry-after 30] [--silent] [--quiet]
 *
 * `--delay` waits that many milliseconds before each response, `--silent` never responds, and `--quiet` prints totals
 * once a second instead of a line per message.
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
const timesById = new Map<string, number>()
let [received, refused] = [0, 0]

createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8')
    const result = verify(body, request.headers as Record<string, string>)
    report(request.headers['webhook-id'] as string | undefined, body, result)
    if (values.silent) return
    setTimeout(() => {
      if (values['retry-after']) response.setHeader('retry-after', values['retry-after'])
      response.writeHead(result === 'forged' ? 401 : Number(values.status)).end()
    }, Number(values.delay))
  })
}).listen(Number(values.port), '127.0.0.1', () => {
  console.log(
    `Listening on http://127.0.0.1:${values.port}, responding with ${values.silent ? 'nothing' : values.status}`,
  )
})

if (values.quiet) {
  setInterval(() => console.log(`${received} received, ${timesById.size} distinct, ${refused} refused`), 1000)
}

function verify(body: string, headers: Record<string, string>): 'verified' | 'forged' | 'not verified' {
  if (!webhook) return 'not verified'
  try {
    webhook.verify(body, headers)
    return 'verified'
  } catch {
    return 'forged'
  }
}

function report(id: string | undefined, body: string, result: string): void {
  received++
  if (result === 'forged') refused++
  const times = (timesById.get(id ?? '') ?? 0) + 1
  timesById.set(id ?? '', times)
  if (values.quiet) return
  const type = /"type":"([^"]+)"/.exec(body)?.[1] ?? 'unknown'
  console.log(
    `${id ?? 'no id'} ${type} ${body.length} bytes, ${result}${times > 1 ? `, received ${times} times` : ''}`,
  )
}
