import { salesLeads, salespeople } from '../web/guard'
import type { Route } from '../web/route'
import * as deliveries from './deliveries'
import * as outcomes from './outcomes'
import * as receivers from './receivers'

export const routes: Route[] = [
  ['get', '/desk/receivers', salespeople, receivers.index],
  ['get', '/desk/receivers/new', salesLeads, receivers.add],
  ['post', '/desk/receivers', salesLeads, receivers.create],
  ['get', '/desk/receivers/:receiver', salespeople, receivers.load, receivers.show],
  ['post', '/desk/receivers/:receiver', salesLeads, receivers.load, receivers.update],
  ['get', '/desk/receivers/:receiver/secret', salesLeads, receivers.load, receivers.secret],
  ['post', '/desk/receivers/:receiver/rotation', salesLeads, receivers.load, receivers.rotate],
  ['post', '/desk/receivers/:receiver/pause', salesLeads, receivers.load, receivers.pause],
  ['post', '/desk/receivers/:receiver/resumption', salesLeads, receivers.load, receivers.resume],
  ['post', '/desk/receivers/:receiver/test', salesLeads, receivers.load, receivers.test],
  ['post', '/desk/receivers/:receiver/recovery', salesLeads, receivers.load, receivers.recover],
  ['get', '/desk/receivers/:receiver/removal', salesLeads, receivers.load, receivers.askRemoval],
  ['post', '/desk/receivers/:receiver/removal', salesLeads, receivers.load, receivers.remove],
  ['get', '/desk/deliveries', salespeople, deliveries.index],
  ['get', '/desk/deliveries/:delivery', salespeople, deliveries.load, deliveries.show],
  ['get', '/desk/deliveries/:delivery/body', salespeople, deliveries.load, deliveries.body],
  ['post', '/desk/deliveries/:delivery/try', salesLeads, deliveries.load, deliveries.sendNow],
  ['post', '/desk/deliveries/:delivery/cancellation', salesLeads, deliveries.load, deliveries.cancel],
  ['get', '/desk/outcomes', salespeople, outcomes.index],
]
