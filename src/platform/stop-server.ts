import type { IncomingMessage, Server, ServerResponse } from 'node:http'

/**
 * Returns the function that stops a server: it accepts no more connections, tells the clients on open ones with
 * `Connection: close` that their response is the last, and resolves when the requests under way have their responses.
 * Those that take longer than `grace` milliseconds are cut off.
 */
export function stopper(server: Server, grace: number): () => Promise<void> {
  const underWay = new Set<ServerResponse>()
  let isStopping = false
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    underWay.add(response)
    if (isStopping) response.shouldKeepAlive = false
    response.once('close', () => {
      underWay.delete(response)
      // The headers had promised to keep the connection before the server stopped.
      if (isStopping) server.closeIdleConnections()
    })
  })
  return () =>
    new Promise(resolve => {
      isStopping = true
      for (const response of underWay) response.shouldKeepAlive = false
      const cut = setTimeout(() => server.closeAllConnections(), grace)
      const idle = setInterval(() => server.closeIdleConnections(), 100)
      server.close(() => {
        clearTimeout(cut)
        clearInterval(idle)
        resolve()
      })
      server.closeIdleConnections()
    })
}
