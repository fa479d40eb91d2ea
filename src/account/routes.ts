import { secretRoutes } from '../platform/secret-routes'
import { anyone, machines, signedIn } from '../web/guard'
import { perPerson, rateLimit } from '../web/rate-limit'
import type { Route } from '../web/route'
import * as certificates from './certificates'
import * as consents from './consents'
import * as accountDeletion from './account-deletion'
import * as signUp from './sign-up'
import * as invitationStops from './invitation-stops'
import * as links from './links'
import * as ownData from './own-data'
import * as preferences from './email-preferences'
import * as profile from './profile'
import * as profileQuestions from './profile-questions'
import { legalPage } from './legal-pages'
import * as reviews from './score-reviews'
import * as sharing from './sharing'
import * as setup from './setup'
import * as signIn from './sign-in'
import * as team from './team'
import * as wishes from './wishes'
import * as unsubscriptions from './unsubscriptions'

/** What is emailed to the team or to the person. Taking something back is never limited. */
const limitWishes = rateLimit('wishes', 200, 3600, perPerson)
const limitSharing = rateLimit('sharing', 60, 3600, perPerson)

export const routes: Route[] = [
  ['get', '/sign-up', anyone, signUp.show],
  ['post', '/sign-up', anyone, signUp.create],
  ['get', '/sign-up/email-sent', anyone, signUp.emailSent],

  ['get', '/sign-in', anyone, signIn.show],
  ['post', '/sign-in', anyone, signIn.create],
  ['post', '/sign-in/link', anyone, signIn.sendLink],
  ['post', '/sign-out', anyone, signIn.destroy],

  ['get', secretRoutes.link, anyone, links.load, links.show],
  ['post', secretRoutes.link, anyone, rateLimit('use-link', 300, 600), links.load, links.use],
  ['get', '/email-preferences/confirmed', anyone, links.marketingConfirmed],
  ['get', secretRoutes.setup, anyone, setup.loadSetup, setup.showSetup],
  ['post', secretRoutes.setup, anyone, rateLimit('use-link', 300, 600), setup.loadSetup, setup.setUp],

  ['get', '/account', signedIn, profile.show],
  ['post', '/account', signedIn, profile.update],
  ['post', '/account/password', signedIn, rateLimit('password', 10, 900, perPerson), profile.changePassword],
  ['post', '/account/sessions/end', signedIn, signIn.destroyOthers],

  ['get', '/account/team', signedIn, team.show],
  ['post', '/account/team/progress', signedIn, team.showMine],
  ['post', '/account/team/progress/end', signedIn, team.hideMine],
  ['post', '/account/team/invitations', signedIn, team.invite],

  ['get', '/account/questions', signedIn, profileQuestions.show],
  ['post', '/account/questions', signedIn, profileQuestions.update],
  ['post', '/account/questions/:id', signedIn, profileQuestions.answer],

  ['get', '/account/sharing', signedIn, sharing.show],
  ['get', '/account/sharing/messages/:id', signedIn, sharing.message],
  ['post', '/account/sharing/pause', signedIn, sharing.pause],
  ['post', '/account/sharing/resumption', signedIn, limitSharing, sharing.resume],
  ['post', '/account/sharing/objection', signedIn, sharing.object],
  ['post', '/account/sharing/review', signedIn, limitSharing, reviews.create],
  ['post', '/account/consents/:purpose', signedIn, limitSharing, consents.load, consents.create],
  ['post', '/account/consents/:purpose/renewal', signedIn, limitSharing, consents.load, consents.renew],
  ['post', '/account/consents/:purpose/withdrawal', signedIn, consents.load, consents.destroy],

  ['get', '/account/certificates', signedIn, certificates.index],
  ['get', '/account/email-preferences', signedIn, preferences.show],
  ['post', '/account/email-preferences/groups', signedIn, preferences.changeDigest],
  ['get', secretRoutes.unsubscribe, anyone, unsubscriptions.load, unsubscriptions.show],
  ['post', secretRoutes.unsubscribe, machines, unsubscriptions.load, unsubscriptions.create],

  ['get', secretRoutes.stopInvitations, anyone, invitationStops.show],
  ['post', secretRoutes.stopInvitations, anyone, rateLimit('use-link', 300, 600), invitationStops.create],

  ['get', '/account/data', signedIn, ownData.show],
  ['get', '/account/data.json', signedIn, rateLimit('export', 10, 3600, perPerson), ownData.download],
  ['get', '/account/data.csv', signedIn, rateLimit('export', 10, 3600, perPerson), ownData.table],
  ['post', '/account/erasure', signedIn, accountDeletion.create],
  ['get', '/account-deleted', anyone, accountDeletion.show],

  ['get', '/sharing', anyone, legalPage('sharing')],
  ['get', '/scoring', anyone, legalPage('scoring')],
  ['get', '/privacy', anyone, legalPage('privacy')],
  ['get', '/terms', anyone, legalPage('terms')],
  ['get', '/accessibility', anyone, legalPage('accessibility')],
  ['get', '/wishes', signedIn, wishes.index],
  ['post', '/wishes', signedIn, limitWishes, wishes.create],
  ['post', '/wishes/emails', signedIn, wishes.updateEmails],
  ['post', '/wishes/:id/vote', signedIn, limitWishes, wishes.createVote],
  ['post', '/wishes/:id/vote/removal', signedIn, limitWishes, wishes.destroyVote],
]
