import { anyone, machines } from '../web/guard'
import type { Route } from '../web/route'
import * as crm from './crm'
import * as mail from './mail'

/** What stands in for the world outside while there is none: mounted in demo mode only, which listens on this computer only. */
export const routes: Route[] = [
  ['get', '/demo/mail', anyone, mail.index],
  ['get', '/demo/mail/:id', anyone, mail.show],
  ['get', '/demo/mail/:id/html', anyone, mail.html],
  ['get', '/demo/crm', anyone, crm.index],
  ['get', '/demo/crm/messages/:id', anyone, crm.show],
  ['post', '/demo/crm/people/:person/outcome', anyone, crm.sendOutcome],
  ['post', '/demo/crm/hooks', machines, ...crm.receive],
]
