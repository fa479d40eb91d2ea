import { domainToASCII } from 'node:url'
import { accountAt } from '../leads/account'
import { notFound } from '../platform/errors'
import { now } from '../platform/clock'
import type { MemberHandler } from '../web/handler'
import { namesOfStaff } from './lead-list'
import { accountView } from './lead-view'
import { salesTextsOf } from './sales-texts'

/**
 * `GET /sales/companies/:name`: who of a company learns here, by its domain, and what they have finished.
 *
 * @throws HttpError 404 unless someone there shares with sales.
 */
export const show: MemberHandler = async (request, response) => {
  const domain = domainToASCII(request.params.name.toLowerCase())
  const [account, names] = await Promise.all([domain ? accountAt(domain, now()) : null, namesOfStaff()])
  if (!account?.people.length) throw notFound()
  const texts = salesTextsOf(response)
  const nameOf = (id: unknown) => (id ? (names.get(String(id)) ?? null) : null)
  response.render('sales/company', {
    layout: 'workspace',
    nav: 'leads',
    head: { title: account.name },
    name: account.name,
    domain: account.domain,
    lead: { account: accountView(account, { person: null, nameOf }, texts) },
  })
}
