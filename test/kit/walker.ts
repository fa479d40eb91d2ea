import request, { type Response } from 'supertest'
import { theApp } from './academy'

/** Somebody with a browser but without scripts: keeps cookies, and sends a form with the token of the page it stands on. */
export function walker(headers: Record<string, string> = {}) {
  let own: ReturnType<typeof request.agent> | undefined
  const agent = () => (own ??= request.agent(theApp()))
  let token = ''
  const remember = (answer: Response) => {
    token = /name="_csrf" value="([^"]+)"/.exec(answer.text ?? '')?.[1] ?? token
    return answer
  }
  return {
    async open(path: string, status = 200): Promise<Response> {
      return remember(
        await agent()
          .get(path)
          .set({ accept: 'text/html', 'user-agent': 'walker', ...headers })
          .expect(status),
      )
    },
    /** Sends a form and answers where it leads to; `status` is 303 unless it is to be refused. */
    async send(
      path: string,
      fields: Record<string, string | string[]> = {},
      status = 303,
    ): Promise<Response> {
      const sent = agent()
        .post(path)
        .set({ accept: 'text/html', 'user-agent': 'walker', ...headers })
        .type('form')
      return remember(await sent.send({ _csrf: token, ...fields }).expect(status))
    },
  }
}
