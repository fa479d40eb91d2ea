import { salesLeads, salesTeamOnly } from '../web/guard'
import type { Route } from '../web/route'
import { perPerson, rateLimit } from '../web/rate-limit'
import * as attempts from './attempts'
import * as deliveries from './deliveries'
import * as endpoints from './endpoints'
import * as inboundEvents from './inbound-events'
import * as mapping from './mapping'
import * as matching from './outcome-matching'
import * as replay from './replay'
import * as secret from './secret'
import * as testMessage from './test-message'

const limitExports = rateLimit('deliveries-export', 30, 3600, perPerson)
const limitTests = rateLimit('webhook-tests', 120, 600, perPerson)
const limitTokens = rateLimit('listen-tokens', 20, 3600, perPerson)
/** Steps of a page that the endpoint of a developer's command doesn't have. */
const ownPage = [endpoints.load, endpoints.refuseListener] as const

export const routes: Route[] = [
  ['get', '/integrations/endpoints', salesTeamOnly, endpoints.index],
  ['get', '/integrations/endpoints/new', salesLeads, endpoints.add],
  ['post', '/integrations/endpoints', salesLeads, endpoints.create],
  ['get', '/integrations/endpoints/:endpoint', salesTeamOnly, endpoints.load, attempts.index],
  [
    'get',
    '/integrations/endpoints/:endpoint/attempts.csv',
    salesTeamOnly,
    limitExports,
    endpoints.load,
    attempts.download,
  ],
  ['post', '/integrations/endpoints/:endpoint/replays', salesLeads, endpoints.load, attempts.replay],
  ['get', '/integrations/endpoints/:endpoint/settings', salesTeamOnly, ...ownPage, endpoints.settings],
  ['post', '/integrations/endpoints/:endpoint', salesLeads, ...ownPage, endpoints.update],
  ['get', '/integrations/endpoints/:endpoint/secret', salesLeads, ...ownPage, secret.show],
  ['post', '/integrations/endpoints/:endpoint/secret', salesLeads, ...ownPage, secret.reveal],
  ['get', '/integrations/endpoints/:endpoint/rotation/new', salesLeads, ...ownPage, secret.newRotation],
  ['post', '/integrations/endpoints/:endpoint/rotation', salesLeads, ...ownPage, secret.rotate],
  ['post', '/integrations/endpoints/:endpoint/rotation/extension', salesLeads, ...ownPage, secret.extend],
  ['post', '/integrations/endpoints/:endpoint/rotation/end', salesLeads, ...ownPage, secret.endRotation],
  ['get', '/integrations/endpoints/:endpoint/test', salesLeads, endpoints.load, testMessage.show],
  [
    'post',
    '/integrations/endpoints/:endpoint/test',
    salesLeads,
    limitTests,
    endpoints.load,
    testMessage.send,
  ],
  [
    'post',
    '/integrations/endpoints/:endpoint/listen-tokens',
    salesLeads,
    limitTokens,
    ...ownPage,
    testMessage.makeToken,
  ],
  ['get', '/integrations/endpoints/:endpoint/mapping', salesLeads, ...ownPage, mapping.show],
  ['post', '/integrations/endpoints/:endpoint/mapping', salesLeads, ...ownPage, mapping.update],
  [
    'post',
    '/integrations/endpoints/:endpoint/mapping/:number/restoration',
    salesLeads,
    ...ownPage,
    mapping.restoreMappingVersion,
  ],
  ['post', '/integrations/endpoints/:endpoint/pause', salesLeads, ...ownPage, endpoints.pause],
  ['post', '/integrations/endpoints/:endpoint/resumption', salesLeads, ...ownPage, endpoints.resume],
  ['get', '/integrations/endpoints/:endpoint/replay', salesLeads, ...ownPage, replay.show],
  ['post', '/integrations/endpoints/:endpoint/recovery', salesLeads, ...ownPage, replay.recover],
  ['post', '/integrations/endpoints/:endpoint/recovery/stop', salesLeads, ...ownPage, replay.stop],
  ['get', '/integrations/endpoints/:endpoint/removal', salesLeads, ...ownPage, endpoints.askRemoval],
  ['post', '/integrations/endpoints/:endpoint/removal', salesLeads, ...ownPage, endpoints.remove],
  ['get', '/integrations/deliveries', salesTeamOnly, deliveries.index],
  ['get', '/integrations/deliveries.csv', salesTeamOnly, limitExports, deliveries.download],
  ['get', '/integrations/deliveries/:delivery', salesTeamOnly, deliveries.load, deliveries.show],
  ['get', '/integrations/deliveries/:delivery/body', salesTeamOnly, deliveries.load, deliveries.body],
  ['post', '/integrations/deliveries/:delivery/attempt', salesLeads, deliveries.load, deliveries.sendNow],
  ['post', '/integrations/deliveries/:delivery/cancellation', salesLeads, deliveries.load, deliveries.cancel],
  ['get', '/integrations/inbound-events', salesTeamOnly, inboundEvents.index],
  ['get', '/integrations/inbound-events.csv', salesTeamOnly, limitExports, inboundEvents.download],
  ['get', '/integrations/inbound-events/:outcome/match', salesLeads, matching.load, matching.edit],
  ['post', '/integrations/inbound-events/:outcome/match', salesLeads, matching.load, matching.update],
]
