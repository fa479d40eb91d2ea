import mongoose from 'mongoose'
import request, { type Response } from 'supertest'
import { Emails, type Email } from '../../src/mail/email'
import { theApp } from '../kit/academy'
import { consentsShownOn } from '../kit/consents'

/**
 * A browser: stores cookies, sends the forms of the page it has open, and follows the links of that page, which carry
 * how the visitor got here.
 */
export function browser(headers: Record<string, string> = {}) {
  const agent = request.agent(theApp()).set({ accept: 'text/html', ...headers })
  let token = ''
  let carried: string | undefined
  let consents: Record<string, string> = {}
  const readToken = (response: Response) => {
    consents = consentsShownOn(response.text ?? '')
    token = /name="_csrf" value="([^"]+)"/.exec(response.text ?? '')?.[1] ?? token
    carried = carriedIn(response.text ?? '')
    return response
  }
  return {
    open: async (path: string) =>
      readToken(
        await agent.get(followed(path, carried)).set('sec-fetch-site', carried ? 'same-origin' : 'none'),
      ),
    send: async (path: string, fields: Record<string, string> = {}) =>
      readToken(
        await agent
          .post(path)
          .type('form')
          .send({ _csrf: token, ...(carried && { touch: carried }), ...consents, ...fields }),
      ),
  }
}

/** Returns what the links and forms of a page carry, see src/web/carry-touches.ts. */
export function carriedIn(page: string): string | undefined {
  const [, link, form] = /[?;&]touch=([\w.-]+)|name="touch" value="([^"]+)"/.exec(page) ?? []
  return link ?? form
}

/** Returns the link to a path on a page, with what it carries. */
export function followed(path: string, carried: string | undefined): string {
  return carried ? `${path}${path.includes('?') ? '&' : '?'}touch=${carried}` : path
}

/** The newest email to an address, and the path of the link in it. */
export async function emailTo(address: string): Promise<Email & { link: string }> {
  const email = await Emails.findOne({ to: address }).sort({ createdAt: -1, _id: -1 })
  if (!email) throw new Error(`No email was sent to ${address}`)
  return { ...email, link: /\/links\/[\w-]+/.exec(email.text)?.[0] ?? '' }
}

export const amara = {
  name: 'Amara Okonkwo',
  email: 'amara@northwind-pumps.com',
  password: 'walk and talk a while',
}

/** Resets the counts of all rate limits. */
export async function resetRateLimits(): Promise<void> {
  await mongoose.connection.collection('rate_limits').deleteMany({})
}
