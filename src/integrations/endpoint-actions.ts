import type { Response } from 'express'
import { audit } from '../events/audit'
import type { Person } from '../people/person'
import type { Endpoint } from '../webhooks/endpoint'
import { setFlash } from '../web/flash'
import { textsOf } from '../web/texts'
import { hrefOf } from './texts'
import { loaded } from './endpoint-page'

/** Writes what a teammate did to an endpoint to the audit log. */
export async function auditEndpoint(
  { _id: actor }: Person,
  { _id, name }: Endpoint,
  action: string,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await audit({ actor, action, subject: String(_id), detail: { name, ...detail } })
}

/** Redirects to the endpoint's page, or to `href`, which shows the texts of `integrations:flash.<key>`. */
export function flashAndRedirect(
  response: Response,
  key: string,
  values: Record<string, unknown> = {},
  href = hrefOf(loaded(response)),
): void {
  const { t } = textsOf(response)
  const { name } = loaded(response)
  setFlash(response, {
    kind: 'done',
    bold: t(`integrations:flash.${key}`, { name, ...values }),
    text: t(`integrations:flash.${key}Text`, { name, ...values }),
  })
  response.redirect(303, href)
}
