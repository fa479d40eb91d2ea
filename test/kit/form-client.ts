import request, { type Response } from 'supertest'
import { theApp } from './academy'

/**
 * Acts as a browser without scripts: stores cookies, and submits each form with the CSRF token of the page before it.
 */
export function formClient(headers: Record<string, string> = {}) {
  let lazyAgent: ReturnType<typeof request.agent> | undefined
  const agent = () => (lazyAgent ??= request.agent(theApp()))
  const sentHeaders = { accept: 'text/html', 'user-agent': 'form-client', ...headers }
  let token = ''
  const rememberToken = (response: Response) => {
    token = /name="_csrf" value="([^"]+)"/.exec(response.text ?? '')?.[1] ?? token
    return response
  }
  return {
    async open(path: string, status = 200): Promise<Response> {
      return rememberToken(await agent().get(path).set(sentHeaders).expect(status))
    },
    /** Submits a form. The response redirects (303) unless another status is expected. */
    async submit(
      path: string,
      fields: Record<string, string | string[]> = {},
      status = 303,
    ): Promise<Response> {
      const form = agent().post(path).set(sentHeaders).type('form')
      return rememberToken(await form.send({ _csrf: token, ...fields }).expect(status))
    },
  }
}
