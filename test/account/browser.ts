import mongoose from 'mongoose'
import request, { type Response } from 'supertest'
import { Emails, type Email } from '../../src/mail/email'
import { theApp } from '../kit/academy'

/** A browser that keeps its cookies and sends the forms of the page it has open. */
export function browser(headers: Record<string, string> = {}) {
  const agent = request.agent(theApp()).set({ accept: 'text/html', ...headers })
  let token = ''
  const keep = (response: Response) => {
    token = /name="_csrf" value="([^"]+)"/.exec(response.text ?? '')?.[1] ?? token
    return response
  }
  return {
    open: async (path: string) => keep(await agent.get(path)),
    send: async (path: string, fields: Record<string, string> = {}) =>
      keep(
        await agent
          .post(path)
          .type('form')
          .send({ _csrf: token, ...fields }),
      ),
  }
}

/** The newest letter to an address, and the path of the link in it. */
export async function letterTo(email: string): Promise<Email & { link: string }> {
  const letter = await Emails.findOne({ to: email }).sort({ createdAt: -1, _id: -1 }).lean<Email>()
  if (!letter) throw new Error(`nothing was written to ${email}`)
  return { ...letter, link: /\/links\/[\w-]+/.exec(letter.text)?.[0] ?? '' }
}

export const amara = {
  name: 'Amara Okonkwo',
  email: 'amara@northwind-pumps.com',
  password: 'walk and talk a while',
}

/** Begins to count anew how often somebody tried. */
export async function forgetTries(): Promise<void> {
  await mongoose.connection.collection('rate_limits').deleteMany({})
}
