import { request as openRequest, type IncomingMessage } from 'node:http'
import { consentsShownOn } from './consents'
import { sleep } from './process'

/** A browser whose server may die at any moment. It repeats each request until it gets a response. */
export type RetryingClient = {
  email: string
  /** Returns a page as text. Doesn't follow redirects. */
  get: (path: string) => Promise<Answer>
  /** Opens the page at `formPath` and submits its form to `path`. */
  submit: (path: string, formPath: string, fields?: Record<string, string>) => Promise<Answer>
  /** Presses a button on another site, once. Returns undefined when the site does not respond. */
  press: (url: string) => Promise<Answer | undefined>
}

export type Answer = { status: number; location: string; text: string }

/** The connection broke before there was a response, so the action may or may not have happened. */
class ConnectionLost extends Error {}

/**
 * @param untilOpen waits until the server accepts requests again.
 * @param address the client's own IP address, so that each has its own limits.
 */
export function retryingClient(
  email: string,
  origin: string,
  untilOpen: () => Promise<void>,
  address?: string,
): RetryingClient {
  const cookies = new Map<string, string>()

  async function request(path: string, form?: Record<string, string>): Promise<Answer> {
    const url = new URL(path, origin)
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { accept: 'text/html', ...(url.origin === origin && { cookie }) }
    try {
      const { response, text } = await send(url, headers, form, address)
      for (const setCookie of response.headers['set-cookie'] ?? []) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(setCookie)!
        cookies.set(name!, value!)
      }
      return { status: response.statusCode!, location: response.headers.location ?? '', text }
    } catch (error) {
      throw new ConnectionLost(`${url}`, { cause: error })
    }
  }

  async function retry<T>(action: () => Promise<T>): Promise<T> {
    // On a busy machine, the server may be killed many times before it responds.
    const deadline = Date.now() + 180_000
    for (;;) {
      await untilOpen()
      try {
        return await action()
      } catch (error) {
        if (!(error instanceof ConnectionLost) || Date.now() > deadline) throw error
        await sleep(5)
      }
    }
  }

  return {
    email,
    press: url => request(url, {}).catch(() => undefined),
    get: path => retry(() => request(path)),
    submit: (path, formPath, fields = {}) =>
      retry(async () => {
        const page = await request(formPath)
        return request(path, { _csrf: hiddenField(page, '_csrf'), ...consentsShownOn(page.text), ...fields })
      }),
  }
}

function send(
  url: URL,
  headers: Record<string, string>,
  form: Record<string, string> | undefined,
  localAddress: string | undefined,
): Promise<{ response: IncomingMessage; text: string }> {
  return new Promise((resolve, reject) => {
    const body = form && new URLSearchParams(form).toString()
    const type = body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }
    const options = { method: form ? 'POST' : 'GET', headers: { ...headers, ...type }, localAddress }
    openRequest(url, options, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ response, text: Buffer.concat(chunks).toString() }))
      response.on('error', reject)
    })
      .on('error', reject)
      .end(body)
  })
}

/** Returns the value of a hidden field, or an empty string when the page has none, such as a page with no form. */
function hiddenField(page: Answer, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? ''
}

/** Polls until `poll` returns a value: the server may be behind, or down. Throws after `patience` milliseconds. */
export async function eventually<T>(
  poll: () => Promise<T | undefined>,
  description: string,
  patience = 15_000,
): Promise<T> {
  const deadline = Date.now() + patience
  for (;;) {
    const found = await poll()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`This never happened: ${description}`)
    await sleep(40)
  }
}
