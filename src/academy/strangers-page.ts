import { createHash } from 'node:crypto'
import type { Request, Response } from 'express'
import { pageOf, renderView } from '../web/views'

type Kept = { html: Buffer; etag: string; of: readonly unknown[]; madeAt: number }

/** Figures on such a page, as how many people learn here, may be this old. */
const longest = 60_000
const most = 200
const pages = new Map<string, Kept>()

/**
 * Answers a page that is the same for all strangers from memory: one copy per name, language and theme, made again when what
 * it shows (`of`, compared by identity of its parts) has changed, and once a minute. Somebody who is signed in, or who is to read a
 * message, gets a page of their own.
 */
export async function strangersPage(
  request: Request,
  response: Response,
  name: string,
  of: readonly unknown[],
  view: string,
  values: () => Promise<object>,
): Promise<void> {
  if (request.user || response.locals.flash) return response.render(view, await values())
  const key = `${name}|${response.locals.lang}|${response.locals.theme ?? ''}`
  const known = pages.get(key)
  if (known && performance.now() - known.madeAt < longest && same(known.of, of)) {
    return send(response, known)
  }
  const page = pageOf(response, await values())
  // A token in a page that others read would be a hole, so a view that asks for one fails here.
  Object.defineProperty(page, 'csrf', {
    get: () => {
      throw new Error(`${view} is kept for all strangers and must not hold a token`)
    },
  })
  const html = Buffer.from(renderView(view, page))
  const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`
  const made = { html, etag, of, madeAt: performance.now() }
  if (pages.size >= most) pages.clear()
  pages.set(key, made)
  send(response, made)
}

/** With its ETag, so that Express need not compute one for each answer. */
function send(response: Response, { html, etag }: Kept): void {
  response.set('etag', etag).type('html').send(html)
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((part, n) => part === b[n])
}
