import { anyone, machine, signedIn } from '../web/guard'
import { limit } from '../web/rate-limit'
import type { Route } from '../web/route'
import * as certificates from './certificates'
import * as consents from './consents'
import * as erasures from './account-deletion'
import * as joining from './sign-up'
import * as links from './links'
import * as ownData from './own-data'
import * as preferences from './email-preferences'
import * as profile from './profile'
import { reading } from './legal-pages'
import * as reviews from './score-reviews'
import * as sharing from './sharing'
import * as signingIn from './sign-in'
import { typedAddress } from './prefilled-email'
import * as unsubscriptions from './unsubscriptions'

/** How often one caller, and anybody with one address, may try; argon2 makes each try cost us, too. */
const joinOften = [limit('join', 20, 600), limit('join-address', 10, 3600, typedAddress)]
const signInOften = [limit('sign-in', 30, 600), limit('sign-in-address', 10, 900, typedAddress)]
const linkOften = [limit('link', 20, 600), limit('link-address', 8, 3600, typedAddress)]

export const routes: Route[] = [
  ['get', '/join', anyone, joining.show],
  ['post', '/join', anyone, ...joinOften, joining.create],
  ['get', '/join/letter', anyone, joining.letter],

  ['get', '/sign-in', anyone, signingIn.show],
  ['post', '/sign-in', anyone, ...signInOften, signingIn.create],
  ['post', '/sign-in/link', anyone, ...linkOften, signingIn.sendLink],
  ['post', '/sign-out', anyone, signingIn.destroy],

  ['get', '/links/:token', anyone, links.load, links.show],
  ['post', '/links/:token', anyone, limit('use-link', 30, 600), links.load, links.use],
  ['get', '/letters/confirmed', anyone, links.lettersConfirmed],

  ['get', '/account', signedIn, profile.show],
  ['post', '/account', signedIn, profile.update],
  ['post', '/account/password', signedIn, limit('password', 10, 900), profile.changePassword],
  ['post', '/account/sessions/end', signedIn, signingIn.destroyOthers],

  ['get', '/account/sharing', signedIn, sharing.show],
  ['get', '/account/sharing/messages/:id', signedIn, sharing.message],
  ['post', '/account/sharing/pause', signedIn, sharing.pause],
  ['post', '/account/sharing/resumption', signedIn, sharing.resume],
  ['post', '/account/sharing/objection', signedIn, sharing.object],
  ['post', '/account/sharing/review', signedIn, reviews.create],
  ['post', '/account/consents/:purpose', signedIn, consents.load, consents.create],
  ['post', '/account/consents/:purpose/withdrawal', signedIn, consents.load, consents.destroy],

  ['get', '/account/certificates', signedIn, certificates.index],
  ['get', '/account/letters', signedIn, preferences.show],
  ['get', '/unsubscribe/:token', anyone, unsubscriptions.load, unsubscriptions.show],
  ['post', '/unsubscribe/:token', machine, unsubscriptions.load, unsubscriptions.create],

  ['get', '/account/data', signedIn, ownData.show],
  ['get', '/account/data.json', signedIn, limit('export', 10, 3600), ownData.download],
  ['get', '/account/data.csv', signedIn, limit('export', 10, 3600), ownData.table],
  ['post', '/account/erasure', signedIn, erasures.create],
  ['get', '/erased', anyone, erasures.show],

  ['get', '/sharing', anyone, reading('sharing')],
  ['get', '/scoring', anyone, reading('scoring')],
  ['get', '/privacy', anyone, reading('privacy')],
  ['get', '/terms', anyone, reading('terms')],
  ['get', '/accessibility', anyone, reading('accessibility')],
]
