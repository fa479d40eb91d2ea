import http from 'node:http'

export type FuzzRequest = {
  method: string
  /** The path and query as they are sent, without any normalisation. */
  path: string
  headers: Record<string, string>
  body: Buffer
}
export type FuzzAnswer = { status: number; headers: http.IncomingHttpHeaders; text: string; ms: number }

const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })

/** Sends a request byte for byte. A connection that the server ends without a response has the status 0. */
export function send(origin: string, { method, path, headers, body }: FuzzRequest): Promise<FuzzAnswer> {
  const { hostname, port } = new URL(origin)
  const startedAt = performance.now()
  return new Promise(resolve => {
    const request = http.request(
      { hostname, port, method, path, headers, agent, timeout: 20_000 },
      response => {
        const chunks: Buffer[] = []
        response.on('data', chunk => chunks.push(chunk as Buffer))
        response.once('close', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
            ms: performance.now() - startedAt,
          }),
        )
      },
    )
    request.once('timeout', () => request.destroy(new Error('timeout')))
    // The server may refuse a body that is too large, and close the connection, before all of it has been sent. Any
    // other error, such as a response that can't be parsed, is the server's fault.
    request.once('error', ({ code = 'no code' }: NodeJS.ErrnoException) => {
      const status = ['ECONNRESET', 'EPIPE'].includes(code) ? 0 : 599
      resolve({ status, headers: {}, text: code, ms: performance.now() - startedAt })
    })
    request.end(body)
  })
}

export function closeConnections(): void {
  agent.destroy()
}
