import { anyone, machine, salesLeads, salespeople } from '../web/guard'
import type { Route } from '../web/route'
import * as deliveries from '../integrations/deliveries'
import * as leads from './leads'
import * as model from './scoring-model'
import * as outcomes from '../integrations/inbound-events'
import * as receivers from '../integrations/endpoints'
import * as verdicts from './lead-actions'

export const routes: Route[] = [
  ['get', '/desk/leads', salespeople, leads.index],
  ['get', '/desk/leads.csv', salespeople, leads.download],
  ['get', '/desk/leads/:person', salespeople, leads.load, leads.show],
  ['post', '/desk/leads/:person/acceptance', salespeople, leads.load, leads.needsLead, leads.accept],
  ['post', '/desk/leads/:person/return', salespeople, leads.load, leads.needsLead, leads.giveBack],
  ['get', '/desk/leads/:person/rejection/new', salespeople, leads.load, leads.needsLead, leads.askReason],
  ['post', '/desk/leads/:person/rejection', salespeople, leads.load, leads.needsLead, leads.reject],
  ['post', '/desk/leads/:person/owner', salesLeads, leads.load, leads.needsLead, leads.changeOwner],
  ['get', '/desk/model', salespeople, model.show],
  ['get', '/verdicts/:token', anyone, verdicts.load, verdicts.show],
  ['post', '/verdicts/:token/acceptance', machine, verdicts.load, verdicts.accept],
  ['post', '/verdicts/:token/rejection', machine, verdicts.load, verdicts.reject],
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
  ['post', '/desk/receivers/:receiver/recovery/stop', salesLeads, receivers.load, receivers.stopRecovering],
  ['get', '/desk/receivers/:receiver/removal', salesLeads, receivers.load, receivers.askRemoval],
  ['post', '/desk/receivers/:receiver/removal', salesLeads, receivers.load, receivers.remove],
  ['get', '/desk/deliveries', salespeople, deliveries.index],
  ['get', '/desk/deliveries/:delivery', salespeople, deliveries.load, deliveries.show],
  ['get', '/desk/deliveries/:delivery/body', salespeople, deliveries.load, deliveries.body],
  ['post', '/desk/deliveries/:delivery/try', salesLeads, deliveries.load, deliveries.sendNow],
  ['post', '/desk/deliveries/:delivery/cancellation', salesLeads, deliveries.load, deliveries.cancel],
  ['get', '/desk/outcomes', salespeople, outcomes.index],
]
