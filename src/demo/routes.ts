import { anyone, machines } from '../web/guard'
import type { Route } from '../web/route'
import * as crm from './crm'
import * as inbox from './inbox'

/** The demo's inbox and CRM. Only mounted in demo mode, which only listens on this computer. */
export const routes: Route[] = [
  ['get', '/demo/mail', anyone, inbox.index],
  ['get', '/demo/mail/:id', anyone, inbox.show],
  ['get', '/demo/mail/:id/html', anyone, inbox.html],
  ['get', '/demo/crm', anyone, crm.index],
  ['get', '/demo/crm/messages/:id', anyone, crm.show],
  ['post', '/demo/crm/people/:person/outcome', anyone, crm.sendOutcome],
  ['post', '/demo/crm/hooks', machines, ...crm.receive],
]
