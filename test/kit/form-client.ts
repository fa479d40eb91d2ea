import request, { type Response } from 'supertest'
import { carriedIn, followed } from '../account/browser'
import { theApp } from './academy'
import { consentsShownOn } from './consents'

/**
 * Acts as a browser without scripts: stores cookies, submits each form with the CSRF token of the page before it, and
 * follows the links of that page, which carry how the visitor got here.
 */
export function formClient(headers: Record<string, string> = {}) {
  let lazyAgent: ReturnType<typeof request.agent> | undefined
  const agent = () => (lazyAgent ??= request.agent(theApp()))
  const sentHeaders = { accept: 'text/html', 'user-agent': 'form-client', ...headers }
  let token = ''
  let carried: string | undefined
  let consents: Record<string, string> = {}
  const rememberToken = (response: Response) => {
    consents = consentsShownOn(response.text ?? '')
    token = /name="_csrf" value="([^"]+)"/.exec(response.text ?? '')?.[1] ?? token
    carried = carriedIn(response.text ?? '')
    return response
  }
  return {
    async open(path: string, status = 200): Promise<Response> {
      const site = { 'sec-fetch-site': carried ? 'same-origin' : 'none' }
      const answer = agent()
        .get(followed(path, carried))
        .set({ ...sentHeaders, ...site })
      return rememberToken(await answer.expect(status))
    },
    /** Submits a form. The response redirects (303) unless another status is expected. */
    async submit(
      path: string,
      fields: Record<string, string | string[]> = {},
      status = 303,
    ): Promise<Response> {
      const form = agent().post(path).set(sentHeaders).type('form')
      const hidden = { _csrf: token, ...(carried && { touch: carried }), ...consents }
      return rememberToken(await form.send({ ...hidden, ...fields }).expect(status))
    },
  }
}
