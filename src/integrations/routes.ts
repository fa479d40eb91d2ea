import { salesLeads, salesTeamOnly } from '../web/guard'
import type { Route } from '../web/route'
import * as deliveries from './deliveries'
import * as endpoints from './endpoints'
import * as inboundEvents from './inbound-events'
import * as matching from './outcome-matching'

export const routes: Route[] = [
  ['get', '/integrations/endpoints', salesTeamOnly, endpoints.index],
  ['get', '/integrations/endpoints/new', salesLeads, endpoints.add],
  ['post', '/integrations/endpoints', salesLeads, endpoints.create],
  ['get', '/integrations/endpoints/:endpoint', salesTeamOnly, endpoints.load, endpoints.show],
  ['post', '/integrations/endpoints/:endpoint', salesLeads, endpoints.load, endpoints.update],
  ['get', '/integrations/endpoints/:endpoint/secret', salesLeads, endpoints.load, endpoints.secret],
  [
    'get',
    '/integrations/endpoints/:endpoint/rotation/new',
    salesLeads,
    endpoints.load,
    endpoints.newRotation,
  ],
  ['post', '/integrations/endpoints/:endpoint/rotation', salesLeads, endpoints.load, endpoints.rotate],
  ['post', '/integrations/endpoints/:endpoint/pause', salesLeads, endpoints.load, endpoints.pause],
  ['post', '/integrations/endpoints/:endpoint/resumption', salesLeads, endpoints.load, endpoints.resume],
  ['post', '/integrations/endpoints/:endpoint/test', salesLeads, endpoints.load, endpoints.test],
  ['post', '/integrations/endpoints/:endpoint/recovery', salesLeads, endpoints.load, endpoints.recover],
  [
    'post',
    '/integrations/endpoints/:endpoint/recovery/stop',
    salesLeads,
    endpoints.load,
    endpoints.stopRecovering,
  ],
  ['get', '/integrations/endpoints/:endpoint/removal', salesLeads, endpoints.load, endpoints.askRemoval],
  ['post', '/integrations/endpoints/:endpoint/removal', salesLeads, endpoints.load, endpoints.remove],
  ['get', '/integrations/deliveries', salesTeamOnly, deliveries.index],
  ['get', '/integrations/deliveries/:delivery', salesTeamOnly, deliveries.load, deliveries.show],
  ['get', '/integrations/deliveries/:delivery/body', salesTeamOnly, deliveries.load, deliveries.body],
  ['post', '/integrations/deliveries/:delivery/attempt', salesLeads, deliveries.load, deliveries.sendNow],
  ['post', '/integrations/deliveries/:delivery/cancellation', salesLeads, deliveries.load, deliveries.cancel],
  ['get', '/integrations/inbound-events', salesTeamOnly, inboundEvents.index],
  ['get', '/integrations/inbound-events/:outcome/match', salesLeads, matching.load, matching.edit],
  ['post', '/integrations/inbound-events/:outcome/match', salesLeads, matching.load, matching.update],
]
