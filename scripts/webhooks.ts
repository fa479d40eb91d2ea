import { parseArgs } from 'node:util'
import { isOnThisMachine, listen, Refused } from './listen'

const usage = `npm run webhooks -- listen --forward http://localhost:3000/hooks [options]

Prints the messages of a webhook endpoint as they happen and forwards them to a server on this machine, until it is
stopped. An endpoint's Test tab makes the token.

  --forward URL  where to: a URL on this machine
  --server URL   the academy, http://127.0.0.1:3000 by default
  --token TOKEN  instead of LISTEN_TOKEN in the environment
`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      forward: { type: 'string' },
      server: { type: 'string', default: 'http://127.0.0.1:3000' },
      token: { type: 'string', default: process.env.LISTEN_TOKEN },
    },
  })
  const { forward, server, token } = values
  if (positionals.join() !== 'listen' || !forward || !token) return fail(usage)
  if (!isOnThisMachine(forward))
    return fail('--forward has to be a URL on this machine, such as http://localhost:3000\n')
  const origin = URL.parse(server)?.origin
  const isSafe = server.startsWith('https://') || isOnThisMachine(server)
  if (!origin || origin === 'null' || !isSafe) return fail('--server has to start with https://\n')
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  try {
    await listen({ server: origin, token, forward, print, signal: stop.signal })
    return 0
  } catch (error) {
    if (stop.signal.aborted) return 0
    return fail(error instanceof Refused ? `${error.message}\n` : `${(error as Error).stack}\n`, 1)
  }
}

function fail(text: string, code = 2): number {
  process.stderr.write(text)
  return code
}

main().then(
  code => (process.exitCode = code),
  (error: Error) => (process.exitCode = fail(`${error.message}\n\n${usage}`)),
)
