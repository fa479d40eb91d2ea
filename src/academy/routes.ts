import { anyone, signedIn } from '../web/guard'
import { perCaller, perPerson, rateLimit } from '../web/rate-limit'
import { bodyReader, type Route } from '../web/route'
import * as assets from './assets'
import * as attempts from './attempts'
import * as catalogue from './catalogue'
import * as certificates from './certificates'
import * as completions from './completions'
import * as contactRequests from './contact-requests'
import * as courseInvitations from './course-invitations'
import * as coursePreviews from './course-previews'
import * as courses from './courses'
import * as enrolments from './enrolments'
import * as heartbeats from './heartbeats'
import * as framedPages from './framed-pages'
import * as feeds from './feeds'
import * as home from './home'
import * as lessons from './lessons'
import * as myLearning from './my-learning'
import * as needsAssessment from './needs-assessment'
import * as oembed from './oembed'
import * as paths from './paths'
import * as playlists from './playlists'
import * as practiceQuestions from './practice-questions'
import * as pricing from './pricing'
import * as questions from './questions'
import * as search from './search'
import * as sitemap from './sitemap'
import * as versions from './versions'
import { load, loadLesson, requireAccess } from './course-context'
import { textSize, theme } from '../web/appearance'
import { secretRoutes } from '../platform/secret-routes'

const lesson = '/courses/:slug/lessons/:lesson'
const playlist = '/playlists/:id'
const limitPlaylists = rateLimit('playlists', 300, 3600, perPerson)
/** Room for a class of 30 that types at the same time. The index is in memory, and so are the counts. */
const limitSearch = rateLimit('search', 600, 60, perCaller, true)
/** Room for a class that opens one link together; tokens can't be guessed. */
const limitInvitations = rateLimit('use-invitation', 300, 600)

export const routes: Route[] = [
  ['get', '/', anyone, home.show],
  ['get', '/courses', anyone, catalogue.index],
  ['get', '/search', anyone, limitSearch, search.index],
  ['get', '/search/suggestions', anyone, limitSearch, search.suggestions],
  ['get', '/paths', anyone, paths.index],
  ['get', '/paths/:slug', anyone, paths.show],
  ['get', '/needs-assessment', anyone, needsAssessment.show],
  [
    'post',
    '/needs-assessment',
    signedIn,
    rateLimit('needs-assessment', 60, 3600, perPerson),
    needsAssessment.create,
  ],

  ['get', '/courses/:slug', anyone, load, courses.show],
  ['get', '/courses/:slug/cover.png', anyone, load, courses.showCover],
  ['get', '/courses/:slug/poster.png', anyone, load, courses.showPoster],
  ['get', secretRoutes.coursePreview, anyone, coursePreviews.load, coursePreviews.show],
  [
    'get',
    `${secretRoutes.coursePreview}/lessons/:lesson`,
    anyone,
    coursePreviews.load,
    coursePreviews.showLesson,
  ],
  [
    'get',
    `${secretRoutes.coursePreview}/files/:hash/:name`,
    anyone,
    coursePreviews.load,
    coursePreviews.showFile,
  ],
  [
    'get',
    secretRoutes.courseInvitation,
    anyone,
    limitInvitations,
    courseInvitations.load,
    courseInvitations.show,
  ],
  [
    'post',
    secretRoutes.courseInvitation,
    anyone,
    limitInvitations,
    courseInvitations.load,
    courseInvitations.accept,
  ],
  ['get', '/courses/:slug/version', signedIn, load, versions.show],
  ['get', '/courses/:slug/version/lessons/:lesson', signedIn, load, versions.showLesson],
  ['post', '/courses/:slug/version', signedIn, load, versions.create],
  ['get', '/courses/:slug/enrolment', anyone, load, enrolments.show],
  ['post', '/courses/:slug/enrolment', anyone, load, enrolments.create],
  ['get', '/courses/:slug/certificate', signedIn, load, certificates.mine],
  ['get', '/courses/:slug/contact-request', signedIn, load, contactRequests.show],
  [
    'post',
    '/courses/:slug/contact-request',
    signedIn,
    rateLimit('contact_request', 10, 3600, perPerson),
    load,
    contactRequests.create,
  ],
  ['get', '/courses/:slug/contact-request/sent', signedIn, load, contactRequests.sent],

  ['get', lesson, anyone, load, loadLesson, lessons.show],
  ['get', `${lesson}/practice`, anyone, load, loadLesson, practiceQuestions.show],
  ['get', `${lesson}/transcript.txt`, anyone, load, loadLesson, lessons.transcript],
  ['post', `${lesson}/completion`, signedIn, load, loadLesson, requireAccess, completions.create],
  [
    'post',
    `${lesson}/progress`,
    signedIn,
    bodyReader(heartbeats.readHeartbeat),
    load,
    loadLesson,
    requireAccess,
    heartbeats.create,
  ],
  [
    'post',
    `${lesson}/questions`,
    signedIn,
    rateLimit('question', 30, 3600, perPerson),
    load,
    loadLesson,
    requireAccess,
    questions.create,
  ],
  [
    'post',
    `${lesson}/answers`,
    signedIn,
    attempts.readQuizForm,
    load,
    loadLesson,
    requireAccess,
    attempts.keep,
  ],
  [
    'post',
    `${lesson}/attempts`,
    signedIn,
    attempts.readQuizForm,
    load,
    loadLesson,
    requireAccess,
    attempts.create,
  ],
  [
    'post',
    `${lesson}/check`,
    signedIn,
    attempts.readQuizForm,
    load,
    loadLesson,
    requireAccess,
    attempts.checkOne,
  ],
  ['get', `${lesson}/attempts/:number`, signedIn, load, loadLesson, requireAccess, attempts.show],

  ['get', '/learning', signedIn, myLearning.index],
  ['get', '/playlists', signedIn, playlists.index],
  ['post', '/playlists', signedIn, limitPlaylists, playlists.create],
  ['get', '/playlists/add', signedIn, playlists.choose],
  ['post', '/playlists/items', signedIn, limitPlaylists, playlists.addToPlaylist],
  ['get', playlist, signedIn, playlists.show],
  ['post', playlist, signedIn, limitPlaylists, playlists.rename],
  ['post', `${playlist}/order`, signedIn, limitPlaylists, playlists.move],
  ['post', `${playlist}/items/removal`, signedIn, limitPlaylists, playlists.removeItem],
  ['post', `${playlist}/removal`, signedIn, playlists.destroy],
  ['post', `${playlist}/share`, signedIn, limitPlaylists, playlists.share],
  ['post', `${playlist}/share/revocation`, signedIn, playlists.stopSharing],
  ['get', secretRoutes.sharedPlaylist, anyone, rateLimit('shared-playlist', 300, 600), playlists.showShared],
  ['get', '/certificates', anyone, certificates.limitGuesses, certificates.index],
  [
    'get',
    '/certificates/:id',
    anyone,
    rateLimit('certificate', 300, 600),
    certificates.load,
    certificates.goToItsBrand,
    certificates.show,
  ],
  [
    'get',
    '/certificates/:id/certificate.pdf',
    anyone,
    rateLimit('certificate-pdf', 60, 600),
    certificates.load,
    certificates.goToItsBrand,
    certificates.pdf,
  ],
  [
    'post',
    '/certificates/:id/reissue',
    signedIn,
    rateLimit('certificate-reissue', 30, 3600, perPerson),
    certificates.load,
    certificates.reissue,
  ],

  ['get', '/pricing', anyone, pricing.index],
  ['get', '/pricing/compare', anyone, pricing.compare],
  ['post', '/pricing/attention', signedIn, pricing.recordAttention],

  ['get', '/embed.js', anyone, framedPages.script],
  ['get', '/embed', anyone, framedPages.catalogue],
  ['get', '/embed/courses/:slug', anyone, framedPages.course],
  ['get', '/embed/courses/:slug/lessons/:lesson', anyone, framedPages.lesson],
  ['get', '/oembed', anyone, oembed.show],
  ['get', '/feed.xml', anyone, feeds.rss],
  ['get', '/feed.json', anyone, feeds.json],
  ['get', '/sitemap.xml', anyone, sitemap.index],
  ['get', '/robots.txt', anyone, sitemap.robots],
  ['get', '/theme', anyone, theme.update],
  ['get', '/text-size', anyone, textSize.update],
  ['get', '/assets/:hash/:name', anyone, assets.show],
]
