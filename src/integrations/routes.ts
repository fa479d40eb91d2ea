import { salesLeads, salesTeamOnly } from '../web/guard'
import type { Route } from '../web/route'
import * as deliveries from './deliveries'
import * as endpoints from './endpoints'
import * as inboundEvents from './inbound-events'

export const routes: Route[] = [
  ['get', '/desk/receivers', salesTeamOnly, endpoints.index],
  ['get', '/desk/receivers/new', salesLeads, endpoints.add],
  ['post', '/desk/receivers', salesLeads, endpoints.create],
  ['get', '/desk/receivers/:receiver', salesTeamOnly, endpoints.load, endpoints.show],
  ['post', '/desk/receivers/:receiver', salesLeads, endpoints.load, endpoints.update],
  ['get', '/desk/receivers/:receiver/secret', salesLeads, endpoints.load, endpoints.secret],
  ['post', '/desk/receivers/:receiver/rotation', salesLeads, endpoints.load, endpoints.rotate],
  ['post', '/desk/receivers/:receiver/pause', salesLeads, endpoints.load, endpoints.pause],
  ['post', '/desk/receivers/:receiver/resumption', salesLeads, endpoints.load, endpoints.resume],
  ['post', '/desk/receivers/:receiver/test', salesLeads, endpoints.load, endpoints.test],
  ['post', '/desk/receivers/:receiver/recovery', salesLeads, endpoints.load, endpoints.recover],
  ['post', '/desk/receivers/:receiver/recovery/stop', salesLeads, endpoints.load, endpoints.stopRecovering],
  ['get', '/desk/receivers/:receiver/removal', salesLeads, endpoints.load, endpoints.askRemoval],
  ['post', '/desk/receivers/:receiver/removal', salesLeads, endpoints.load, endpoints.remove],
  ['get', '/desk/deliveries', salesTeamOnly, deliveries.index],
  ['get', '/desk/deliveries/:delivery', salesTeamOnly, deliveries.load, deliveries.show],
  ['get', '/desk/deliveries/:delivery/body', salesTeamOnly, deliveries.load, deliveries.body],
  ['post', '/desk/deliveries/:delivery/try', salesLeads, deliveries.load, deliveries.sendNow],
  ['post', '/desk/deliveries/:delivery/cancellation', salesLeads, deliveries.load, deliveries.cancel],
  ['get', '/desk/outcomes', salesTeamOnly, inboundEvents.index],
]
