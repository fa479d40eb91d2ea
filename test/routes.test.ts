import request, { type Response } from 'supertest'
import { routes as academy } from '../src/academy/routes'
import { routes as account } from '../src/account/routes'
import { draftFrames, routes as admin } from '../src/admin/routes'
import { routes as api, opsRoutes } from '../src/api/routes'
import { routes as checkout } from '../src/checkout/routes'
import { routes as demo } from '../src/demo/routes'
import { routes as insights } from '../src/insights/routes'
import { routes as integrations } from '../src/integrations/routes'
import { routes as sales } from '../src/sales/routes'
import { routes as studio } from '../src/studio/routes'
import { roles, type Role } from '../src/people/person'
import type { Guard } from '../src/web/guard'
import { openAcademy, theApp, type Academy } from './kit/academy'
import { as, anonymous, type Visitor } from './kit/as'
import * as make from './kit/make'

/** Every route and who may use it. A route without a row fails the test, and so does a row without a route. */
const table: Record<string, string> = {
  // academy
  'get /': 'anyone',
  'get /courses': 'anyone',
  'get /search': 'anyone',
  'get /search/suggestions': 'anyone',
  'get /paths': 'anyone',
  'get /paths/:slug': 'anyone',
  'get /needs-assessment': 'anyone',
  'post /needs-assessment': 'signed in',
  'get /courses/:slug': 'anyone',
  'get /courses/:slug/cover.png': 'anyone',
  'get /courses/:slug/poster.webp': 'anyone',
  'get /courses/:slug/enrolment': 'anyone',
  'post /courses/:slug/enrolment': 'anyone',
  'get /course-previews/:token': 'anyone',
  'get /course-previews/:token/lessons/:lesson': 'anyone',
  'get /course-previews/:token/files/:hash/:name': 'anyone',
  'get /course-invitations/:token': 'anyone',
  'post /course-invitations/:token': 'anyone',
  'get /courses/:slug/version': 'signed in',
  'get /courses/:slug/version/lessons/:lesson': 'signed in',
  'post /courses/:slug/version': 'signed in',
  'get /courses/:slug/certificate': 'signed in',
  'get /sessions/:slug/room': 'signed in',
  'get /sessions/:slug/room/state': 'signed in',
  'get /sessions/:slug/room/meeting': 'signed in',
  'post /sessions/:slug/room/heartbeats': 'signed in',
  'post /sessions/:slug/questions': 'signed in',
  'post /sessions/:slug/questions/:entry/vote': 'signed in',
  'post /sessions/:slug/questions/:entry/vote/removal': 'signed in',
  'post /sessions/:slug/polls/:entry/vote': 'signed in',
  'get /sessions/:slug/contact-request': 'signed in',
  'post /sessions/:slug/contact-request': 'signed in',
  'get /sessions/:slug/check-in': 'signed in',
  'post /sessions/:slug/check-in': 'signed in',
  'get /check-in/:token': 'anyone',
  'get /contact-request': 'signed in',
  'post /contact-request': 'signed in',
  'get /contact-request/sent': 'signed in',
  'get /contact-request/demo.ics': 'signed in',
  'post /contact-request/cancellation': 'signed in',
  'get /courses/:slug/contact-request': 'signed in',
  'post /courses/:slug/contact-request': 'signed in',
  'get /courses/:slug/contact-request/sent': 'signed in',
  'get /courses/:slug/podcast': 'anyone',
  'post /courses/:slug/podcast': 'signed in',
  'post /courses/:slug/podcast/rotation': 'signed in',
  'post /courses/:slug/podcast/removal': 'signed in',
  'get /courses/:slug/podcast.xml': 'anyone',
  'get /courses/:slug/podcast.png': 'anyone',
  'get /podcasts/:token': 'anyone',
  'get /podcasts/:token/cover.png': 'anyone',
  'get /podcasts/:token/files/:hash/:name': 'anyone',
  'get /courses/:slug/lessons/:lesson': 'anyone',
  'get /courses/:slug/lessons/:lesson/practice': 'anyone',
  'get /courses/:slug/lessons/:lesson/transcript.txt': 'anyone',
  'post /courses/:slug/lessons/:lesson/completion': 'signed in',
  'post /courses/:slug/lessons/:lesson/progress': 'signed in',
  'post /courses/:slug/lessons/:lesson/questions': 'signed in',
  'get /courses/:slug/reviews': 'anyone',
  'post /courses/:slug/reviews': 'signed in',
  'post /courses/:slug/reviews/removal': 'signed in',
  'post /courses/:slug/reviews/:entry/answer': 'signed in',
  'post /courses/:slug/reviews/:entry/hiding': 'signed in',
  'post /courses/:slug/reviews/:entry/hiding/removal': 'signed in',
  'get /community': 'signed in',
  'get /courses/:slug/questions': 'signed in',
  'get /courses/:slug/questions/similar': 'signed in',
  'get /courses/:slug/questions/:id': 'signed in',
  'get /courses/:slug/questions/:id/edit': 'signed in',
  'post /courses/:slug/questions/:id': 'signed in',
  'post /courses/:slug/questions/:id/removal': 'signed in',
  'post /courses/:slug/questions/:id/restoration': 'signed in',
  'post /courses/:slug/questions/:id/vote': 'signed in',
  'post /courses/:slug/questions/:id/vote/removal': 'signed in',
  'post /courses/:slug/questions/:id/following': 'signed in',
  'post /courses/:slug/questions/:id/following/removal': 'signed in',
  'post /courses/:slug/questions/:id/posts': 'signed in',
  'get /courses/:slug/questions/:id/posts/:entry/edit': 'signed in',
  'get /courses/:slug/questions/:id/report': 'signed in',
  'post /courses/:slug/questions/:id/report': 'signed in',
  'get /courses/:slug/questions/:id/posts/:entry/report': 'signed in',
  'post /courses/:slug/questions/:id/posts/:entry/report': 'signed in',
  'post /courses/:slug/questions/:id/posts/:entry': 'signed in',
  'post /courses/:slug/questions/:id/posts/:entry/removal': 'signed in',
  'post /courses/:slug/questions/:id/posts/:entry/restoration': 'signed in',
  'post /courses/:slug/questions/:id/posts/:entry/vote': 'signed in',
  'post /courses/:slug/questions/:id/posts/:entry/vote/removal': 'signed in',
  'post /courses/:slug/questions/:id/posts/:entry/acceptance': 'signed in',
  'post /courses/:slug/questions/:id/posts/:entry/acceptance/removal': 'signed in',
  'post /courses/:slug/lessons/:lesson/answers': 'signed in',
  'post /courses/:slug/lessons/:lesson/attempts': 'signed in',
  'post /courses/:slug/lessons/:lesson/check': 'signed in',
  'get /courses/:slug/lessons/:lesson/attempts/:number': 'signed in',
  'get /learning': 'signed in',
  'post /courses/:slug/lessons/:lesson/notes': 'signed in',
  'post /courses/:slug/lessons/:lesson/notes/:id': 'signed in',
  'post /courses/:slug/lessons/:lesson/notes/:id/removal': 'signed in',
  'post /courses/:slug/lessons/:lesson/notes/:id/restoration': 'signed in',
  'get /courses/:slug/lessons/:lesson/offline': 'signed in',
  'post /courses/:slug/lessons/:lesson/offline-progress': 'signed in',
  'get /offline': 'anyone',
  'get /offline/lessons': 'signed in',
  'get /service-worker.js': 'anyone',
  'get /notes': 'signed in',
  'get /notes.md': 'signed in',
  'get /notes.csv': 'signed in',
  'get /notes.json': 'signed in',
  'get /learning/goal': 'signed in',
  'post /learning/goal': 'signed in',
  'post /learning/goal/switch': 'signed in',
  'get /paths/:slug/finish-date': 'signed in',
  'post /paths/:slug/finish-date': 'signed in',
  'get /courses/:slug/finish-date': 'signed in',
  'post /courses/:slug/finish-date': 'signed in',
  'get /courses/:slug/finished': 'signed in',
  'get /courses/:slug/contact-request/demo.ics': 'signed in',
  'get /sessions': 'anyone',
  'get /sessions.ics': 'anyone',
  'get /sessions/proposals/new': 'signed in',
  'post /sessions/proposals': 'signed in',
  'post /sessions/series/:slug/bookings': 'signed in',
  'get /sessions/series/:slug': 'anyone',
  'get /sessions/series/:slug/calendar.ics': 'anyone',
  'get /sessions/:slug': 'anyone',
  'get /sessions/:slug/cover.png': 'anyone',
  'get /sessions/:slug/calendar.ics': 'anyone',
  'get /sessions/:slug/booking': 'anyone',
  'post /sessions/:slug/booking': 'signed in',
  'post /sessions/:slug/booking/cancellation': 'signed in',
  'post /sessions/:slug/booking/restoration': 'signed in',
  'post /sessions/:slug/booking/claim': 'signed in',
  'post /sessions/:slug/recording': 'signed in',
  'get /sessions/:slug/materials/:id': 'anyone',
  'get /session-calendars/:token': 'anyone',
  'get /learning/calendar': 'signed in',
  'post /learning/calendar': 'signed in',
  'post /learning/calendar/rotation': 'signed in',
  'post /learning/calendar/removal': 'signed in',
  'get /time-zone': 'anyone',
  'get /time-zone/choice': 'anyone',
  'get /meet/:name': 'anyone',
  'post /meet/:name': 'signed in',
  'get /meet/:name/demo.ics': 'signed in',
  'post /meet/:name/cancellation': 'signed in',
  'post /courses/:slug/contact-request/cancellation': 'signed in',
  'get /playlists': 'signed in',
  'post /playlists': 'signed in',
  'get /playlists/add': 'signed in',
  'post /playlists/items': 'signed in',
  'get /playlists/:id': 'signed in',
  'post /playlists/:id': 'signed in',
  'post /playlists/:id/order': 'signed in',
  'post /playlists/:id/items/removal': 'signed in',
  'post /playlists/:id/items/:entry/position': 'signed in',
  'post /playlists/:id/removal': 'signed in',
  'post /playlists/:id/share': 'signed in',
  'post /playlists/:id/share/revocation': 'signed in',
  'get /shared-playlists/:token': 'anyone',
  'post /shared-playlists/:token/copy': 'signed in',
  'get /certificates': 'anyone',
  'get /certificates/:id': 'anyone',
  'get /certificates/:id/certificate.pdf': 'anyone',
  'post /certificates/:id/reissue': 'signed in',
  'get /pricing': 'anyone',
  'get /pricing/compare': 'anyone',
  'post /pricing/attention': 'signed in',
  'get /embed.js': 'anyone',
  'get /embed': 'anyone',
  'get /embed/courses/:slug': 'anyone',
  'get /embed/courses/:slug/lessons/:lesson': 'anyone',
  'get /oembed': 'anyone',
  'get /feed.xml': 'anyone',
  'get /feed.json': 'anyone',
  'get /sitemap.xml': 'anyone',
  'get /robots.txt': 'anyone',
  'get /theme': 'anyone',
  'get /text-size': 'anyone',
  'get /assets/:hash/:name': 'anyone',
  // account
  'get /sign-up': 'anyone',
  'post /sign-up': 'anyone',
  'get /sign-up/email-sent': 'anyone',
  'get /sign-in': 'anyone',
  'post /sign-in': 'anyone',
  'post /sign-in/link': 'anyone',
  'post /sign-out': 'anyone',
  'get /links/:token': 'anyone',
  'post /links/:token': 'anyone',
  'get /email-preferences/confirmed': 'anyone',
  'get /setup/:token': 'anyone',
  'post /setup/:token': 'anyone',
  'get /account': 'signed in',
  'post /account': 'signed in',
  'post /account/password': 'signed in',
  'post /account/sessions/end': 'signed in',
  'get /account/team': 'signed in',
  'post /account/team/progress': 'signed in',
  'post /account/team/progress/end': 'signed in',
  'post /account/team/invitations': 'signed in',
  'get /account/questions': 'signed in',
  'post /account/questions': 'signed in',
  'post /account/questions/:id': 'signed in',
  'get /account/sharing': 'signed in',
  'get /account/sharing/messages/:id': 'signed in',
  'post /account/sharing/pause': 'signed in',
  'post /account/sharing/resumption': 'signed in',
  'post /account/sharing/objection': 'signed in',
  'post /account/sharing/review': 'signed in',
  'post /account/consents/:purpose': 'signed in',
  'post /account/consents/:purpose/renewal': 'signed in',
  'post /account/consents/:purpose/withdrawal': 'signed in',
  'get /account/email-preferences': 'signed in',
  'get /unsubscribe/:token': 'anyone',
  'post /unsubscribe/:token': 'machine',
  'get /account/certificates': 'signed in',
  'get /stop-invitations/:token': 'anyone',
  'post /stop-invitations/:token': 'anyone',
  'get /account/data': 'signed in',
  'get /account/data.csv': 'signed in',
  'get /account/data.json': 'signed in',
  'post /account/erasure': 'signed in',
  'get /account-deleted': 'anyone',
  'get /sharing': 'anyone',
  'get /scoring': 'anyone',
  'get /privacy': 'anyone',
  'get /terms': 'anyone',
  'get /accessibility': 'anyone',
  // checkout
  'get /courses/:slug/checkout': 'signed in',
  'post /courses/:slug/orders': 'signed in',
  'get /sessions/:slug/checkout': 'signed in',
  'post /sessions/:slug/orders': 'signed in',
  'get /orders': 'signed in',
  'get /orders/:id': 'signed in',
  'post /admin/brands/:id/plans/copies': 'admin',
  'post /stripe/events': 'machine',
  // studio
  'get /studio/sessions/:id/live': 'author, reviewer, contributor, sales, sales-lead, admin: run',
  'get /studio/sessions/:id/live/state': 'author, reviewer, contributor, sales, sales-lead, admin: run',
  'get /studio/sessions/:id/live/meeting': 'author, reviewer, contributor, sales, sales-lead, admin: run',
  'post /studio/sessions/:id/questions/:entry/state':
    'author, reviewer, contributor, sales, sales-lead, admin: run',
  'post /studio/sessions/:id/questions/:entry/answer':
    'author, reviewer, contributor, sales, sales-lead, admin: run',
  'post /studio/sessions/:id/polls': 'author, reviewer, contributor, sales, sales-lead, admin: run',
  'post /studio/sessions/:id/polls/:entry/state':
    'author, reviewer, contributor, sales, sales-lead, admin: run',
  'post /studio/sessions/:id/polls/:entry/removal':
    'author, reviewer, contributor, sales, sales-lead, admin: run',
  'get /studio/sessions/:id/check-in': 'author, reviewer, contributor, sales, sales-lead, admin: run',
  'get /studio/sessions/:id/check-in/state': 'author, reviewer, contributor, sales, sales-lead, admin: run',
  'post /studio/sessions/:id/attendees/:person/check-in':
    'author, reviewer, contributor, sales, sales-lead, admin: run',
  'post /studio/sessions/:id/attendees/:person/check-in/removal':
    'author, reviewer, contributor, sales, sales-lead, admin: run',
  'get /studio': 'author, reviewer, contributor, admin',
  'get /studio/courses/new': 'author, admin',
  'post /studio/courses': 'author, admin',
  'get /studio/imports/new': 'author, admin',
  'post /studio/imports': 'author, admin',
  'get /studio/questions': 'author, reviewer, admin',
  'get /studio/moderation': 'author, reviewer, admin',
  'get /studio/moderation/rules': 'author, reviewer, admin',
  'get /studio/moderation/:id': 'author, reviewer, admin',
  'post /studio/moderation/:id/decision': 'author, reviewer, admin',
  'post /studio/moderation/people/:person/readmission': 'author, reviewer, admin',
  'post /studio/moderation/rules': 'author, admin',
  'get /studio/searches': 'author, reviewer, admin',
  'post /studio/searches/removal': 'author, admin',
  'get /studio/catalogue': 'author, reviewer, admin',
  'post /studio/catalogue': 'author, admin',
  'get /studio/media': 'author, reviewer, admin',
  'get /studio/website': 'author, admin',
  'get /studio/paths': 'author, reviewer, admin',
  'get /studio/paths/new': 'author, admin',
  'post /studio/paths': 'author, admin',
  'get /studio/paths/:slug': 'author, reviewer, admin',
  'post /studio/paths/:slug': 'author, admin',
  'post /studio/paths/:slug/publication': 'author, admin',
  'post /studio/paths/:slug/withdrawal': 'author, admin',
  'get /studio/paths/:slug/versions': 'author, reviewer, admin',
  'post /studio/paths/:slug/versions/:number/restoration': 'author, admin',
  'get /studio/sessions': 'author, reviewer, contributor, sales, sales-lead, admin',
  'get /studio/sessions/new': 'author, admin',
  'post /studio/sessions': 'author, admin',
  'get /studio/sessions/proposals': 'author, reviewer, admin',
  'post /studio/sessions/proposals/:entry': 'author, admin',
  'get /studio/sessions/:id': 'author, reviewer, contributor, sales, sales-lead, admin: read',
  'post /studio/sessions/:id': 'author, reviewer, contributor, sales, sales-lead, admin: write',
  'post /studio/sessions/:id/publication': 'author, reviewer, contributor, sales, sales-lead, admin: write',
  'post /studio/sessions/:id/withdrawal': 'author, reviewer, contributor, sales, sales-lead, admin: write',
  'get /studio/sessions/:id/cancellation': 'author, reviewer, contributor, sales, sales-lead, admin: write',
  'post /studio/sessions/:id/cancellation': 'author, reviewer, contributor, sales, sales-lead, admin: write',
  'post /studio/sessions/:id/copy': 'author, reviewer, contributor, sales, sales-lead, admin: write',
  'post /studio/sessions/:id/series': 'author, reviewer, contributor, sales, sales-lead, admin: write',
  'post /studio/sessions/:id/series/dates': 'author, reviewer, contributor, sales, sales-lead, admin: write',
  'post /studio/sessions/:id/series/publication':
    'author, reviewer, contributor, sales, sales-lead, admin: write',
  'get /studio/sessions/:id/people': 'author, reviewer, contributor, sales, sales-lead, admin: read',
  'get /studio/sessions/:id/people.csv': 'author, reviewer, contributor, sales, sales-lead, admin: read',
  'post /studio/sessions/:id/people': 'author, reviewer, contributor, sales, sales-lead, admin: run',
  'post /studio/sessions/:id/people/:person/removal':
    'author, reviewer, contributor, sales, sales-lead, admin: run',
  'post /studio/sessions/:id/people/:person/restoration':
    'author, reviewer, contributor, sales, sales-lead, admin: run',
  'get /studio/sessions/:id/afterwards': 'author, reviewer, contributor, sales, sales-lead, admin: read',
  'post /studio/sessions/:id/afterwards': 'author, reviewer, contributor, sales, sales-lead, admin: run',
  'post /studio/sessions/:id/restoration': 'author, reviewer, contributor, sales, sales-lead, admin: write',
  'post /studio/sessions/:id/files': 'author, reviewer, contributor, sales, sales-lead, admin: run',
  'get /studio/sessions/:id/messages': 'author, reviewer, contributor, sales, sales-lead, admin: run',
  'post /studio/sessions/:id/messages': 'author, reviewer, contributor, sales, sales-lead, admin: run',
  'get /studio/sessions/:id/attendance': 'author, reviewer, contributor, sales, sales-lead, admin: run',
  'post /studio/sessions/:id/attendance': 'author, reviewer, contributor, sales, sales-lead, admin: run',
  'get /studio/courses/:slug.zip': 'author, reviewer, contributor, admin: read',
  'get /studio/courses/:slug': 'author, reviewer, contributor, admin: read',
  'get /studio/courses/:slug/settings': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/settings': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/files': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/files': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/files/removal': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/review': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/review/request': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/review/request-withdrawal': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/review/approval': 'author, reviewer, contributor, admin: review',
  'post /studio/courses/:slug/review/changes': 'author, reviewer, contributor, admin: review',
  'post /studio/courses/:slug/review/schedule-cancellation': 'author, reviewer, contributor, admin: publish',
  'get /studio/courses/:slug/invitations': 'author, reviewer, contributor, admin: publish',
  'post /studio/courses/:slug/invitations': 'author, reviewer, contributor, admin: publish',
  'post /studio/courses/:slug/invitations/:id/revocation': 'author, reviewer, contributor, admin: publish',
  'get /studio/courses/:slug/team': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/team': 'author, reviewer, contributor, admin: manage',
  'post /studio/courses/:slug/team/:person/removal': 'author, reviewer, contributor, admin: manage',
  'post /studio/courses/:slug/review-date': 'author, reviewer, contributor, admin: manage',
  'get /studio/courses/:slug/publications/new': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/publication': 'author, reviewer, contributor, admin: publish',
  'post /studio/courses/:slug/publication/undo': 'author, reviewer, contributor, admin: publish',
  'post /studio/courses/:slug/schedule': 'author, reviewer, contributor, admin: publish',
  'post /studio/courses/:slug/withdrawal': 'author, reviewer, contributor, admin: publish',
  'get /studio/courses/:slug/revisions': 'author, reviewer, contributor, admin: read',
  'get /studio/courses/:slug/revisions/:number': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/revisions/:number/restoration': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/replaced-drafts/:number': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/replaced-drafts/:number/restoration':
    'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/copy': 'author, reviewer, contributor, admin: copy',
  'post /studio/courses/:slug/lessons/:lesson/recording': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/deletion': 'author, reviewer, contributor, admin: manage',
  'post /studio/courses/:slug/archive': 'author, reviewer, contributor, admin: publish',
  'post /studio/courses/:slug/archive-end': 'author, reviewer, contributor, admin: publish',
  'post /studio/courses/:slug/lesson-selection': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/outline-undo': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/modules': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/modules/:module': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/modules/:module/position': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/modules/:module/removal': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/lessons/new': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/lessons/:lesson': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/lessons/:lesson': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/lessons/:lesson/preview': 'author, reviewer, contributor, admin: read',
  'get /studio/courses/:slug/lessons/:lesson/history': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/lessons/:lesson/history/:number/restoration':
    'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/lessons/:lesson/settings': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/lessons/:lesson/settings': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/lessons/:lesson/questions': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/lessons/:lesson/questions': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/lessons/:lesson/new-question': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons/:lesson/question-preview': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/lessons/:lesson/question-selection':
    'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons/:lesson/question-undo': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/lessons/:lesson/questions/:question':
    'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/lessons/:lesson/questions/:question':
    'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons/:lesson/questions/:question/copy':
    'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons/:lesson/questions/:question/removal':
    'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons/:lesson/questions/:question/position':
    'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons/:lesson/position': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/lessons/:lesson/removal': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons/:lesson/removal': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons/:lesson/comments': 'author, reviewer, contributor, admin: comment',
  'post /studio/courses/:slug/lessons/:lesson/comments/:id/replies':
    'author, reviewer, contributor, admin: comment',
  'post /studio/courses/:slug/lessons/:lesson/comments/:id/resolution':
    'author, reviewer, contributor, admin: comment',
  'post /studio/courses/:slug/lessons/:lesson/comments/:id/reopening':
    'author, reviewer, contributor, admin: comment',
  'post /studio/courses/:slug/lessons/:lesson/comments/:id/acceptance':
    'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons/:lesson/comments/:id/rejection':
    'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/previews': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/previews': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/previews/:id/revocation': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/files/undo': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/presence': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/presence/end': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/uploads': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/uploads/:upload': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/uploads/:upload': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/uploads/:upload/completion': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/file': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/file': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/file/crop': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/file/replacement': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/captions': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/captions/file': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/captions': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/lessons/:lesson/steps': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/lessons/:lesson/steps': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons/:lesson/step-undo': 'author, reviewer, contributor, admin: write',
  'get /studio/courses/:slug/lessons/:lesson/steps/:step': 'author, reviewer, contributor, admin: read',
  'post /studio/courses/:slug/lessons/:lesson/steps/:step': 'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons/:lesson/steps/:step/copy':
    'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons/:lesson/steps/:step/removal':
    'author, reviewer, contributor, admin: write',
  'post /studio/courses/:slug/lessons/:lesson/steps/:step/position':
    'author, reviewer, contributor, admin: write',
  // sales
  'get /sales/queue': 'sales, sales-lead, admin',
  'get /sales/companies/:name': 'sales, sales-lead, admin',
  'get /sales/leads': 'sales, sales-lead, admin',
  'get /sales/leads.csv': 'sales, sales-lead, admin',
  'get /sales/lead-filters': 'sales, sales-lead, admin',
  'get /sales/views': 'sales, sales-lead, admin',
  'post /sales/views': 'sales, sales-lead, admin',
  'post /sales/views/:id': 'sales, sales-lead, admin',
  'post /sales/views/:id/removal': 'sales, sales-lead, admin',
  'post /sales/views/:id/restoration': 'sales, sales-lead, admin',
  'post /sales/views/:id/default': 'sales, sales-lead, admin',
  'get /sales/lead-batches/new': 'sales, sales-lead, admin',
  'post /sales/lead-batches': 'sales, sales-lead, admin',
  'get /sales/lead-batches/:id': 'sales, sales-lead, admin',
  'post /sales/lead-batches/:id/undo': 'sales, sales-lead, admin',
  'get /sales/leads/:person/brief': 'sales, sales-lead, admin',
  'get /sales/leads/:person': 'sales, sales-lead, admin',
  'get /sales/leads/:person/score': 'sales, sales-lead, admin',
  'post /sales/leads/:person/acceptance': 'sales, sales-lead, admin',
  'post /sales/leads/:person/acceptance/undo': 'sales, sales-lead, admin',
  'get /sales/leads/:person/rejection/new': 'sales, sales-lead, admin',
  'post /sales/leads/:person/rejection': 'sales, sales-lead, admin',
  'post /sales/reassignments': 'sales-lead, admin',
  'get /sales/leads/:person/acceptance/new': 'sales, sales-lead, admin',
  'post /sales/leads/:person/rejection/undo': 'sales, sales-lead, admin',
  'post /sales/leads/:person/return': 'sales, sales-lead, admin',
  'post /sales/leads/:person/owner': 'sales, sales-lead, admin',
  'post /sales/leads/:person/owner/undo': 'sales, sales-lead, admin',
  'post /sales/leads/:person/snooze': 'sales, sales-lead, admin',
  'post /sales/leads/:person/snooze/end': 'sales, sales-lead, admin',
  'post /sales/leads/:person/snooze/undo': 'sales, sales-lead, admin',
  'post /sales/leads/:person/notes': 'sales, sales-lead, admin',
  'post /sales/leads/:person/notes/:entry/removal': 'sales, sales-lead, admin',
  'post /sales/leads/:person/next-step': 'sales, sales-lead, admin',
  'get /sales/digest': 'sales, sales-lead, admin',
  'post /sales/digest': 'sales, sales-lead, admin',
  'post /sales/digest/email': 'sales, sales-lead, admin',
  'post /sales/digest/channel': 'sales-lead, admin',
  'post /sales/digest/channel/removal': 'sales-lead, admin',
  'get /sales/demos': 'sales, sales-lead, admin',
  'post /sales/demos/hours': 'sales, sales-lead, admin',
  'post /sales/demos/calendar': 'sales, sales-lead, admin',
  'post /sales/demos/calendar/removal': 'sales, sales-lead, admin',
  'post /sales/demos/:person/cancellation': 'sales, sales-lead, admin',
  'get /sales/scoring-model': 'sales, sales-lead, admin',
  'post /admin/scoring-model/replays': 'sales-lead, admin',
  'get /admin/scoring-model/replays/:id': 'sales-lead, admin',
  'post /admin/scoring-model/replays/:id/cancellation': 'sales-lead, admin',
  'get /admin/scoring-model/replays/:id/people': 'sales-lead, admin',
  'get /sales/routing': 'sales, sales-lead, admin',
  'post /sales/routing/absences': 'sales, sales-lead, admin',
  'post /sales/routing/absences/:id/removal': 'sales, sales-lead, admin',
  'post /sales/routing/absences/:id/handover': 'sales, sales-lead, admin',
  'post /sales/routing/absences/:id/handover/undo': 'sales, sales-lead, admin',
  'get /sales/routing/draft': 'sales-lead, admin',
  'post /sales/routing/draft/removal': 'sales-lead, admin',
  'post /sales/routing/draft/:list/:name': 'sales-lead, admin',
  'get /sales/routing/rehearsal': 'sales-lead, admin',
  'post /sales/routing/publications': 'sales-lead, admin',
  'get /sales/routing/versions': 'sales-lead, admin',
  'post /sales/routing/versions/:number/restoration': 'sales-lead, admin',
  'get /lead-actions/:token': 'anyone',
  'post /lead-actions/:token/acceptance': 'machine',
  'post /lead-actions/:token/rejection': 'machine',
  'post /lead-actions/:token/undo': 'machine',
  // integrations
  'get /integrations/endpoints': 'sales, sales-lead, admin',
  'get /integrations/endpoints/new': 'sales-lead, admin',
  'post /integrations/endpoints': 'sales-lead, admin',
  'get /integrations/endpoints/:endpoint': 'sales, sales-lead, admin',
  'post /integrations/endpoints/:endpoint': 'sales-lead, admin',
  'get /integrations/endpoints/:endpoint/secret': 'sales-lead, admin',
  'get /integrations/endpoints/:endpoint/rotation/new': 'sales-lead, admin',
  'post /integrations/endpoints/:endpoint/rotation': 'sales-lead, admin',
  'post /integrations/endpoints/:endpoint/pause': 'sales-lead, admin',
  'post /integrations/endpoints/:endpoint/resumption': 'sales-lead, admin',
  'get /integrations/endpoints/:endpoint/attempts.csv': 'sales, sales-lead, admin',
  'post /integrations/endpoints/:endpoint/replays': 'sales-lead, admin',
  'get /integrations/endpoints/:endpoint/settings': 'sales, sales-lead, admin',
  'post /integrations/endpoints/:endpoint/secret': 'sales-lead, admin',
  'post /integrations/endpoints/:endpoint/rotation/extension': 'sales-lead, admin',
  'post /integrations/endpoints/:endpoint/rotation/end': 'sales-lead, admin',
  'get /integrations/endpoints/:endpoint/test': 'sales-lead, admin',
  'post /integrations/endpoints/:endpoint/test': 'sales-lead, admin',
  'post /integrations/endpoints/:endpoint/listen-tokens': 'sales-lead, admin',
  'get /integrations/endpoints/:endpoint/mapping': 'sales-lead, admin',
  'post /integrations/endpoints/:endpoint/mapping': 'sales-lead, admin',
  'post /integrations/endpoints/:endpoint/mapping/:number/restoration': 'sales-lead, admin',
  'get /integrations/endpoints/:endpoint/replay': 'sales-lead, admin',
  'post /integrations/endpoints/:endpoint/recovery': 'sales-lead, admin',
  'post /integrations/endpoints/:endpoint/recovery/stop': 'sales-lead, admin',
  'get /integrations/endpoints/:endpoint/removal': 'sales-lead, admin',
  'post /integrations/endpoints/:endpoint/removal': 'sales-lead, admin',
  'get /integrations/deliveries': 'sales, sales-lead, admin',
  'get /integrations/deliveries.csv': 'sales, sales-lead, admin',
  'get /integrations/deliveries/:delivery': 'sales, sales-lead, admin',
  'get /integrations/deliveries/:delivery/body': 'sales, sales-lead, admin',
  'post /integrations/deliveries/:delivery/attempt': 'sales-lead, admin',
  'post /integrations/deliveries/:delivery/cancellation': 'sales-lead, admin',
  'get /integrations/inbound-events': 'sales, sales-lead, admin',
  'get /integrations/inbound-events.csv': 'sales, sales-lead, admin',
  'get /integrations/inbound-events/:outcome/match': 'sales-lead, admin',
  'post /integrations/inbound-events/:outcome/match': 'sales-lead, admin',
  // insights
  'get /insights': 'author, reviewer, sales, sales-lead, admin',
  'get /insights.csv': 'author, reviewer, sales, sales-lead, admin',
  'get /insights/people': 'sales, sales-lead, admin',
  // admin
  'get /admin': 'admin',
  'post /admin/connection-checks': 'admin',
  'get /admin/people': 'admin',
  'post /admin/people': 'admin',
  'get /admin/people/:id/role/new': 'admin',
  'post /admin/people/:id/role': 'admin',
  'get /admin/people/:id/suspension/new': 'sales-lead, admin',
  'post /admin/people/:id/suspension': 'sales-lead, admin',
  'post /admin/people/:id/reactivation': 'sales-lead, admin',
  'get /admin/brands': 'admin',
  'post /admin/brands': 'admin',
  'get /admin/brands/:id': 'admin',
  'post /admin/brands/:id': 'admin',
  'get /admin/brands/:id/export.json': 'admin',
  'get /admin/brands/:id/publications/new': 'admin',
  'post /admin/brands/:id/publications': 'admin',
  'get /admin/brands/:id/legal-pages': 'admin',
  'get /admin/brands/:id/legal-pages/:name': 'admin',
  'post /admin/brands/:id/legal-pages/:name': 'admin',
  'post /admin/brands/:id/legal-pages/:name/removal': 'admin',
  'get /admin/brands/:id/texts': 'admin',
  'post /admin/brands/:id/texts': 'admin',
  'get /admin/brands/:id/versions': 'admin',
  'post /admin/brands/:id/versions/:number/restoration': 'admin',
  'post /admin/brands/:id/imports': 'admin',
  'get /admin/brands/:id/imports/:import': 'admin',
  'post /admin/brands/:id/imports/:import/confirmation': 'admin',
  'post /admin/brands/:id/imports/:import/undo': 'admin',
  'get /admin/brands/:id/removal/new': 'admin',
  'post /admin/brands/:id/removal': 'admin',
  'post /admin/brands/:id/closure': 'admin',
  'post /admin/brands/:id/reopening': 'admin',
  'get /admin/brands/:id/draft/:look{/*page}': 'admin',
  'get /admin/brands/:id/look': 'admin',
  'get /admin/brands/:id/contrast': 'admin',
  'post /admin/brands/:id/look': 'admin',
  'get /admin/brands/:id/home': 'admin',
  'post /admin/brands/:id/home': 'admin',
  'get /admin/brands/:id/home/:section': 'admin',
  'post /admin/brands/:id/home/:section': 'admin',
  'get /admin/brands/:id/navigation': 'admin',
  'post /admin/brands/:id/navigation': 'admin',
  'post /admin/brands/:id/files': 'admin',
  'post /admin/brands/:id/files/removal': 'admin',
  'get /admin/brands/:id/websites': 'admin',
  'post /admin/brands/:id/websites': 'admin',
  'get /admin/brands/:id/sign-up': 'admin',
  'post /admin/brands/:id/sign-up': 'admin',
  'get /admin/brands/:id/hosts': 'admin',
  'post /admin/brands/:id/hosts': 'admin',
  'post /admin/brands/:id/host-checks': 'admin',
  'get /brand-previews/:token': 'anyone',
  'post /brand-preview/end': 'anyone',
  'get /admin/catalogue-lists': 'admin',
  'post /admin/catalogue-lists/:list': 'admin',
  'get /admin/catalogue-lists/:list/:entry': 'admin',
  'post /admin/catalogue-lists/:list/:entry': 'admin',
  'post /admin/catalogue-lists/:list/:entry/position': 'admin',
  'post /admin/catalogue-lists/:list/:entry/removal': 'admin',
  'get /admin/brands/:id/needs-assessment': 'admin',
  'post /admin/brands/:id/needs-assessment': 'admin',
  'get /admin/brands/:id/needs-assessment/questions/:name': 'admin',
  'post /admin/brands/:id/needs-assessment/questions/:name': 'admin',
  'post /admin/brands/:id/needs-assessment/publications': 'admin',
  'post /admin/brands/:id/needs-assessment/withdrawal': 'admin',
  'get /admin/brands/:id/needs-assessment/versions': 'admin',
  'post /admin/brands/:id/needs-assessment/versions/:number/restoration': 'admin',
  'get /admin/brands/:id/plans': 'admin',
  'post /admin/brands/:id/plans': 'admin',
  'post /admin/brands/:id/plans/publications': 'admin',
  'post /admin/brands/:id/plans/withdrawal': 'admin',
  'get /admin/brands/:id/plans/versions': 'admin',
  'post /admin/brands/:id/plans/versions/:number/restoration': 'admin',
  'get /admin/brands/:id/plans/plan/:name': 'admin',
  'post /admin/brands/:id/plans/plan/:name': 'admin',
  'get /admin/embeds': 'admin',
  'post /admin/embeds': 'admin',
  'get /admin/scoring-model/hold-out': 'sales-lead, admin',
  'post /admin/scoring-model/hold-out': 'sales-lead, admin',
  'get /admin/scoring-model/suggestion': 'sales-lead, admin',
  'post /admin/scoring-model/suggestions': 'sales-lead, admin',
  'post /admin/scoring-model/suggestions/:id/cancellation': 'sales-lead, admin',
  'post /admin/scoring-model/suggestions/:id/draft': 'sales-lead, admin',
  'get /admin/scoring-model/draft': 'sales-lead, admin',
  'post /admin/scoring-model/draft/removal': 'sales-lead, admin',
  'get /admin/scoring-model/draft/people': 'sales-lead, admin',
  'get /admin/scoring-model/draft/export.json': 'sales-lead, admin',
  'post /admin/scoring-model/draft/comments': 'sales-lead, admin',
  'post /admin/scoring-model/draft/comments/:id/removal': 'sales-lead, admin',
  'post /admin/scoring-model/draft/:list/:name': 'sales-lead, admin',
  'get /admin/scoring-model/follows': 'sales-lead, admin',
  'post /admin/scoring-model/follows': 'sales-lead, admin',
  'get /admin/scoring-model/schema.json': 'sales-lead, admin',
  'get /admin/scoring-model/imports/new': 'sales-lead, admin',
  'post /admin/scoring-model/imports': 'sales-lead, admin',
  'get /admin/scoring-model/publications/new': 'sales-lead, admin',
  'post /admin/scoring-model/publications': 'sales-lead, admin',
  'get /admin/scoring-model/versions': 'sales-lead, admin',
  'get /admin/scoring-model/versions/:number': 'sales-lead, admin',
  'get /admin/scoring-model/versions/:number/export.json': 'sales-lead, admin',
  'post /admin/scoring-model/versions/:number/restoration': 'sales-lead, admin',
  'get /admin/competitors': 'admin',
  'post /admin/competitors': 'admin',
  'get /admin/publishing': 'admin',
  'post /admin/publishing': 'admin',
  'get /admin/background-jobs': 'admin',
  'post /admin/background-jobs/:queue/retries': 'admin',
  'post /admin/background-jobs/:queue/discards': 'admin',
  'get /admin/profile-questions': 'admin',
  'post /admin/profile-questions': 'admin',
  'post /admin/profile-questions/:id/removal': 'admin',
  'get /admin/outside-views': 'admin',
  'get /admin/outside-views.csv': 'admin',
  'get /admin/audit': 'admin',
  'get /admin/audit.csv': 'admin',
  // api
  'post /api/crm/outcomes': 'machine',
  'post /api/inbound-email/postmark': 'machine with the token',
  'post /api/inbound-email/mailgun': 'machine with the token',
  'post /api/inbound-email/ses': 'machine with the token',
  'post /api/listeners': 'machine',
  'get /api/listeners/messages': 'machine',
  'post /api/listeners/results': 'machine',
  'delete /api/listeners': 'machine',
  'get /webhooks/message-types': 'anyone',
  'get /webhooks/message-types.json': 'anyone',
  // operations
  'get /healthz': 'anyone',
  'get /readyz': 'anyone',
  'get /host-check': 'anyone',
  'get /metrics': 'machine with the token',
  // demo
  'get /demo/mail': 'anyone',
  'get /demo/mail/:id': 'anyone',
  'get /demo/mail/:id/html': 'anyone',
  'get /demo/crm': 'anyone',
  'get /demo/crm/messages/:id': 'anyone',
  'post /demo/crm/people/:person/outcome': 'anyone',
  'post /demo/crm/hooks': 'machine',
}

const all = [
  ...academy,
  ...account,
  ...checkout,
  ...studio,
  ...sales,
  ...integrations,
  ...insights,
  ...draftFrames,
  ...admin,
  ...api,
  ...opsRoutes,
  ...demo,
]
const named = all.map(([method, path, guard]) => ({
  name: `${method} ${path}`,
  method,
  path,
  who: describeGuard(guard),
}))

let academyUnderTest: Academy
const visitors = {} as Record<Role | 'anonymous', Visitor>

beforeAll(async () => {
  academyUnderTest = await openAcademy()
  for (const role of roles) visitors[role] = await as(await make.person({ role }))
  visitors.anonymous = await anonymous()
})
afterAll(() => academyUnderTest.close())

test('every route has a row, and every row a route', () => {
  expect(Object.fromEntries(named.map(({ name, who }) => [name, who]))).toEqual(table)
})

test('the app has no other routes', () => {
  const layers = (
    academyUnderTest.app as unknown as { router: { stack: { route?: { path: string; methods: object } }[] } }
  ).router.stack
  const mounted = layers.flatMap(({ route }) =>
    route ? Object.keys(route.methods).map(method => `${method} ${route.path}`) : [],
  )
  expect(mounted.filter(name => !(name in table))).toEqual([])
})

describe.each(named.filter(({ who }) => who !== 'anyone' && !who.startsWith('machine')))(
  '$name ($who)',
  ({ method, path, who }) => {
    const url = withUnknownIds(path).replace(/\{[^}]*\}/g, '')
    const allowed = who.replace(/:.*/, '').split(', ')
    const isAllowed = (role: Role) => who === 'signed in' || allowed.includes(role)
    const answers = {} as Record<Role | 'anonymous', Response>
    beforeAll(async () => {
      for (const [name, visitor] of Object.entries(visitors) as [Role | 'anonymous', Visitor][])
        answers[name] = await (method === 'get' ? visitor.get(url) : visitor.post(url))
    })

    test('an anonymous visitor is asked to sign in', () => {
      const { status, headers } = answers.anonymous
      if (method === 'get') {
        expect(status).toBe(303)
        expect(headers.location).toMatch(/^\/sign-in\?next=/)
      } else expect(status).toBe(401)
    })

    test('a wrong role gets a 403', () => {
      for (const role of roles.filter(each => !isAllowed(each))) expect(answers[role].status).toBe(403)
    })

    test('no cache keeps the response, also when it is a refusal', () => {
      for (const { headers } of Object.values(answers)) expect(headers['cache-control']).toBe('no-store')
    })

    test('a right role gets in, and an unknown id or a missing field does not break the page', () => {
      for (const role of roles.filter(isAllowed)) {
        const { status } = answers[role]
        expect([401, 403].includes(status) || status >= 500 ? `${role}: ${status}` : 'in').toBe('in')
      }
    })
  },
)

const publicPages = named.filter(({ method, who }) => method === 'get' && who === 'anyone')
test.each(publicPages)(
  '$name is not cached for the next person when a learner opens it',
  async ({ path }) => {
    const url = withUnknownIds(path).replace(/\{[^}]*\}/g, '')
    const { headers } = await visitors.prospect.get(url)
    // Suggestions and files are the same for everyone.
    if (headers['content-type']?.startsWith('text/html')) expect(headers['cache-control']).toBe('no-store')
  },
)

const changing = named.filter(({ method, who }) => method !== 'get' && !who.startsWith('machine'))
test.each(changing)(
  '$name gets a 403 without a CSRF token, and with one from another site',
  async ({ path }) => {
    const url = withUnknownIds(path)
    await request(theApp())
      .post(url)
      .set('cookie', visitors.admin.cookie)
      .set('accept', 'text/html')
      .type('form')
      .send({ a: 1 })
      .expect(403)
    await request(theApp())
      .post(url)
      .set('cookie', visitors.admin.cookie)
      .set('origin', 'https://evil.example')
      .type('form')
      .send({ _csrf: visitors.admin.csrf })
      .expect(403)
  },
)

function withUnknownIds(path: string): string {
  return path.replace(/:[a-z]+/gi, 'unknown-id')
}

/**
 * Returns who a guard lets in, and what they need in the course of the URL. A machine is a caller that needs no CSRF
 * token.
 */
function describeGuard(guard: Guard): string {
  if (guard.roles === 'anyone') {
    if (guard.csrf) return 'anyone'
    return guard.check ? 'machine with the token' : 'machine'
  }
  const who = guard.roles === 'signed in' ? guard.roles : guard.roles.join(', ')
  return guard.needs ? `${who}: ${guard.needs.permission}` : who
}
