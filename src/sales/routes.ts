import { anyone, machines, salesLeads, salesTeamOnly } from '../web/guard'
import type { Route } from '../web/route'
import * as leadActions from './lead-actions'
import * as leads from './leads'
import * as scoringModel from './scoring-model'

export const routes: Route[] = [
  ['get', '/sales/leads', salesTeamOnly, leads.index],
  ['get', '/sales/leads.csv', salesTeamOnly, leads.download],
  ['get', '/sales/leads/:person', salesTeamOnly, leads.load, leads.show],
  ['post', '/sales/leads/:person/acceptance', salesTeamOnly, leads.load, leads.requireLead, leads.accept],
  ['post', '/sales/leads/:person/acceptance/undo', salesTeamOnly, leads.load, leads.requireLead, leads.undo],
  [
    'get',
    '/sales/leads/:person/rejection/new',
    salesTeamOnly,
    leads.load,
    leads.requireLead,
    leads.newRejection,
  ],
  ['post', '/sales/leads/:person/rejection', salesTeamOnly, leads.load, leads.requireLead, leads.reject],
  ['post', '/sales/leads/:person/owner', salesLeads, leads.load, leads.requireLead, leads.changeOwner],
  ['get', '/sales/scoring-model', salesTeamOnly, scoringModel.show],
  ['get', '/lead-actions/:token', anyone, leadActions.load, leadActions.show],
  ['post', '/lead-actions/:token/acceptance', machines, leadActions.load, leadActions.accept],
  ['post', '/lead-actions/:token/rejection', machines, leadActions.load, leadActions.reject],
]
