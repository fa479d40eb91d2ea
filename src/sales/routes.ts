import { secretRoutes } from '../platform/secret-routes'
import { anyone, machines, salesLeads, salesTeamOnly } from '../web/guard'
import { perPerson, rateLimit } from '../web/rate-limit'
import type { Route } from '../web/route'
import { inQueue } from './back'
import * as companies from './companies'
import * as demos from './demos'
import * as digest from './digest-page'
import * as leadActions from './lead-actions'
import * as filterPage from './filter-page'
import * as batches from './lead-batches'
import * as leadScorePage from './lead-score-page'
import * as leads from './leads'
import * as leadsPage from './leads-page'
import * as work from './lead-work-actions'
import * as queue from './queue'
import * as routing from './routing'
import * as routingDraft from './routing-draft'
import * as routingRehearsal from './routing-rehearsal'
import * as views from './saved-views'
import * as scoringModel from './scoring-model'

/** Each call opens an address of a stranger's server. */
const limitCalendars = rateLimit('calendars', 30, 3600, perPerson)
const limitDigests = rateLimit('digests', 20, 3600, perPerson)
const ofLead = [leads.load, leads.requireLead]

export const routes: Route[] = [
  ['get', '/sales/queue', salesTeamOnly, queue.index],
  ['get', '/sales/companies/:name', salesTeamOnly, companies.show],
  ['get', '/sales/leads', salesTeamOnly, leadsPage.index],
  ['get', '/sales/leads.csv', salesTeamOnly, leadsPage.download],
  ['get', '/sales/lead-filters', salesTeamOnly, filterPage.show],
  ['get', '/sales/views', salesTeamOnly, views.index],
  ['post', '/sales/views', salesTeamOnly, views.create],
  ['post', '/sales/views/:id', salesTeamOnly, views.load, views.requireOwn, views.update],
  ['post', '/sales/views/:id/removal', salesTeamOnly, views.load, views.requireOwn, views.removeSaved],
  ['post', '/sales/views/:id/restoration', salesTeamOnly, views.load, views.requireOwn, views.restoreSaved],
  ['post', '/sales/views/:id/default', salesTeamOnly, views.load, views.makeDefault],
  ['get', '/sales/lead-batches/new', salesTeamOnly, batches.prepare],
  ['post', '/sales/lead-batches', salesTeamOnly, batches.create],
  ['get', '/sales/lead-batches/:id', salesTeamOnly, batches.show],
  ['post', '/sales/lead-batches/:id/undo', salesTeamOnly, batches.undoAnswers],
  ['get', '/sales/leads/:person/brief', salesTeamOnly, leads.load, leads.showBrief],
  ['get', '/sales/leads/:person', salesTeamOnly, leads.load, leads.show],
  ['get', '/sales/leads/:person/score', salesTeamOnly, leads.load, leadScorePage.showScore],
  ['post', '/sales/reassignments', salesLeads, leads.reassignAll],
  ['get', '/sales/leads/:person/acceptance/new', salesTeamOnly, ...ofLead, leads.newAcceptance],
  ['post', '/sales/leads/:person/acceptance', salesTeamOnly, ...ofLead, inQueue(leads.accept)],
  [
    'post',
    '/sales/leads/:person/acceptance/undo',
    salesTeamOnly,
    ...ofLead,
    inQueue(leads.undo('acceptance')),
  ],
  ['get', '/sales/leads/:person/rejection/new', salesTeamOnly, ...ofLead, leads.newRejection],
  ['post', '/sales/leads/:person/rejection', salesTeamOnly, ...ofLead, inQueue(leads.reject)],
  ['post', '/sales/leads/:person/rejection/undo', salesTeamOnly, ...ofLead, inQueue(leads.undo('rejection'))],
  ['post', '/sales/leads/:person/return', salesTeamOnly, ...ofLead, inQueue(leads.returnToMarketing)],
  ['post', '/sales/leads/:person/owner', salesTeamOnly, ...ofLead, inQueue(leads.changeOwner)],
  ['post', '/sales/leads/:person/owner/undo', salesTeamOnly, ...ofLead, inQueue(leads.undoOwner)],
  ['post', '/sales/leads/:person/snooze', salesTeamOnly, ...ofLead, inQueue(work.snooze)],
  ['post', '/sales/leads/:person/snooze/end', salesTeamOnly, ...ofLead, inQueue(work.wake)],
  ['post', '/sales/leads/:person/snooze/undo', salesTeamOnly, ...ofLead, inQueue(work.unsnooze)],
  ['post', '/sales/leads/:person/notes', salesTeamOnly, leads.load, work.createNote],
  ['post', '/sales/leads/:person/notes/:entry/removal', salesTeamOnly, leads.load, work.removeOwnNote],
  ['post', '/sales/leads/:person/next-step', salesTeamOnly, ...ofLead, inQueue(work.updateNextStep)],
  ['get', '/sales/digest', salesTeamOnly, digest.index],
  ['post', '/sales/digest', salesTeamOnly, digest.update],
  ['post', '/sales/digest/email', salesTeamOnly, limitDigests, digest.emailNow],
  ['post', '/sales/digest/channel', salesLeads, limitDigests, digest.updateChannel],
  ['post', '/sales/digest/channel/removal', salesLeads, digest.removeChannel],
  ['get', '/sales/demos', salesTeamOnly, demos.index],
  ['post', '/sales/demos/hours', salesTeamOnly, demos.saveHours],
  ['post', '/sales/demos/calendar', salesTeamOnly, limitCalendars, demos.saveCalendar],
  ['post', '/sales/demos/calendar/removal', salesTeamOnly, demos.removeCalendar],
  ['post', '/sales/demos/:person/cancellation', salesTeamOnly, demos.cancelGiven],
  ['get', '/sales/scoring-model', salesTeamOnly, scoringModel.show],
  ['get', '/sales/routing', salesTeamOnly, routing.show],
  ['post', '/sales/routing/absences', salesTeamOnly, routing.addOne],
  ['post', '/sales/routing/absences/:id/removal', salesTeamOnly, routing.removeOne],
  ['post', '/sales/routing/absences/:id/handover', salesTeamOnly, routing.handOver],
  ['post', '/sales/routing/absences/:id/handover/undo', salesTeamOnly, routing.undoHandOver],
  ['get', '/sales/routing/draft', salesLeads, routingDraft.edit],
  ['post', '/sales/routing/draft/removal', salesLeads, routingDraft.discardDraft],
  ['post', '/sales/routing/draft/:list/:name', salesLeads, routingDraft.change],
  ['get', '/sales/routing/rehearsal', salesLeads, routingRehearsal.rehearse],
  ['post', '/sales/routing/publications', salesLeads, routingRehearsal.publish],
  ['get', '/sales/routing/versions', salesLeads, routingRehearsal.routingVersions],
  ['post', '/sales/routing/versions/:number/restoration', salesLeads, routingRehearsal.restoreRouting],
  ['get', secretRoutes.leadAction, anyone, leadActions.load, leadActions.show],
  ['post', `${secretRoutes.leadAction}/acceptance`, machines, leadActions.load, leadActions.accept],
  ['post', `${secretRoutes.leadAction}/rejection`, machines, leadActions.load, leadActions.reject],
  ['post', `${secretRoutes.leadAction}/undo`, machines, leadActions.load, leadActions.undoFromEmail],
]
