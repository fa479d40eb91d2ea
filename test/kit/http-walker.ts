import { rest } from './process'

/** Somebody with a browser whose academy may vanish at any moment; they press the button again until there is an answer. */
export type Walker = {
  email: string
  /** A page, as text. Follows no redirect. */
  get: (path: string) => Promise<Answer>
  /** Opens the page `of`, and sends its form to `path`. */
  send: (path: string, of: string, fields?: Record<string, string>) => Promise<Answer>
  /** Presses a button of another site, once; undefined when nobody answered. */
  press: (url: string) => Promise<Answer | undefined>
}

export type Answer = { status: number; to: string; text: string }

/** The connection was cut before there was an answer: whether the deed was done, nobody knows. */
class CutOff extends Error {}

/** `isThere` waits until the academy can be asked again. */
export function walker(email: string, base: string, isThere: () => Promise<void>): Walker {
  const cookies = new Map<string, string>()

  async function ask(path: string, form?: Record<string, string>): Promise<Answer> {
    const url = new URL(path, base)
    try {
      const answer = await fetch(url, {
        method: form ? 'POST' : 'GET',
        redirect: 'manual',
        headers: {
          accept: 'text/html',
          ...(url.origin === base && {
            cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          }),
        },
        body: form && new URLSearchParams(form),
      })
      const text = await answer.text()
      for (const cookie of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
        cookies.set(name!, value!)
      }
      return { status: answer.status, to: answer.headers.get('location') ?? '', text }
    } catch (error) {
      throw new CutOff(`${url}`, { cause: error })
    }
  }

  async function insist<T>(deed: () => Promise<T>): Promise<T> {
    const until = Date.now() + 60_000
    for (;;) {
      await isThere()
      try {
        return await deed()
      } catch (error) {
        if (!(error instanceof CutOff) || Date.now() > until) throw error
        await rest(5)
      }
    }
  }

  return {
    email,
    press: url => ask(url, {}).catch(() => undefined),
    get: path => insist(() => ask(path)),
    send: (path, of, fields = {}) =>
      insist(async () => {
        const page = await ask(of)
        return ask(path, { _csrf: inputOf(page, '_csrf'), ...fields })
      }),
  }
}

/** The value of a hidden field; empty when the page has none, as one that is not for this person. */
function inputOf(page: Answer, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? ''
}

/** Looks again until it is so; the academy may be behind, or away. */
export async function eventually<T>(
  look: () => Promise<T | undefined>,
  what: string,
  patience = 15_000,
): Promise<T> {
  const until = Date.now() + patience
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > until) throw new Error(`it never came to this: ${what}`)
    await rest(40)
  }
}
