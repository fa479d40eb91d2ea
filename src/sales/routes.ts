import { anyone, machines, salesLeads, salesTeamOnly } from '../web/guard'
import type { Route } from '../web/route'
import * as leadActions from './lead-actions'
import * as leads from './leads'
import * as scoringModel from './scoring-model'

export const routes: Route[] = [
  ['get', '/desk/leads', salesTeamOnly, leads.index],
  ['get', '/desk/leads.csv', salesTeamOnly, leads.download],
  ['get', '/desk/leads/:person', salesTeamOnly, leads.load, leads.show],
  ['post', '/desk/leads/:person/acceptance', salesTeamOnly, leads.load, leads.requireLead, leads.accept],
  ['post', '/desk/leads/:person/return', salesTeamOnly, leads.load, leads.requireLead, leads.undo],
  ['get', '/desk/leads/:person/rejection/new', salesTeamOnly, leads.load, leads.requireLead, leads.askReason],
  ['post', '/desk/leads/:person/rejection', salesTeamOnly, leads.load, leads.requireLead, leads.reject],
  ['post', '/desk/leads/:person/owner', salesLeads, leads.load, leads.requireLead, leads.changeOwner],
  ['get', '/desk/model', salesTeamOnly, scoringModel.show],
  ['get', '/verdicts/:token', anyone, leadActions.load, leadActions.show],
  ['post', '/verdicts/:token/acceptance', machines, leadActions.load, leadActions.accept],
  ['post', '/verdicts/:token/rejection', machines, leadActions.load, leadActions.reject],
]
