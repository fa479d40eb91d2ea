import { anyone, signedIn, writers } from '../web/guard'
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
import * as demos from './demos'
import * as enrolments from './enrolments'
import * as finishDates from './finish-dates'
import * as finishedCourses from './finished-courses'
import * as heartbeats from './heartbeats'
import * as framedPages from './framed-pages'
import * as feeds from './feeds'
import * as home from './home'
import * as lessons from './lessons'
import * as meetings from './meetings'
import * as myLearning from './my-learning'
import * as myNotes from './my-notes'
import * as needsAssessment from './needs-assessment'
import * as notes from './notes'
import * as offline from './offline'
import * as oembed from './oembed'
import * as paths from './paths'
import * as playlists from './playlists'
import * as podcasts from './podcasts'
import * as practiceQuestions from './practice-questions'
import * as postImages from './post-images'
import * as pricing from './pricing'
import * as reports from './reports'
import * as search from './search'
import * as sessionCheckIn from './session-check-in'
import * as sessionContactRequest from './session-contact-request'
import * as sessionPolls from './session-polls'
import * as sessionQuestions from './session-questions'
import * as sessionRoom from './session-room'
import * as sessionSeries from './session-series'
import * as sessionBookings from './session-bookings'
import * as sessionCalendars from './session-calendars'
import * as sessionPages from './session-pages'
import * as sessionProposals from './session-proposals'
import * as sessions from './sessions'
import * as sitemap from './sitemap'
import * as shelves from './shelves'
import * as reviews from './reviews'
import * as threadActions from './thread-actions'
import * as threadPage from './thread-page'
import * as threads from './threads'
import * as timeZones from './time-zones'
import * as versions from './versions'
import * as weeklyGoal from './weekly-goal'
import { load, loadLesson, requireAccess } from './course-context'
import { loadSession } from './session-context'
import { loadGroup, requireCurator } from './group-context'
import * as groupForms from './group-forms'
import * as groups from './groups'
import { loadThread, requireWriter } from './thread-context'
import { textSize, theme } from '../web/appearance'
import { secretRoutes } from '../platform/secret-routes'

const lesson = '/courses/:slug/lessons/:lesson'
const playlist = '/playlists/:id'
const note = `${lesson}/notes/:id`
const session = '/sessions/:slug'
const review = '/courses/:slug/reviews/:entry'
const thread = '/courses/:slug/questions/:id'
const post = `${thread}/posts/:entry`
const group = '/community/groups/:slug'
/** A note saves itself while it is being written. */
const limitNotes = rateLimit('notes', 2000, 3600, perPerson)
/** All of a person's notes are read for these. */
const limitAllNotes = rateLimit('all-notes', 200, 600, perPerson, true)
const finishDate = { course: '/courses/:slug/finish-date', path: '/paths/:slug/finish-date' }
const limitPosts = rateLimit('community-post', 60, 3600, perPerson)
const limitVotes = rateLimit('community-vote', 300, 600, perPerson)
/** Similar questions are looked for while someone types. */
const limitLists = rateLimit('community-list', 300, 600, perPerson, true)
const limitGoals = rateLimit('goals', 100, 3600, perPerson)
const limitPlaylists = rateLimit('playlists', 300, 3600, perPerson)
/** Room for a class of 30 that types at the same time. The index is in memory, and so are the counts. */
const limitSearch = rateLimit('search', 600, 60, perCaller, true)
const limitContactRequests = rateLimit('contact_request', 10, 3600, perPerson)
const limitPodcast = rateLimit('podcast', 60, 3600, perPerson)
/** Apps ask for a feed now and then, and for a recording in many parts. Many people may share the server of an app. */
const limitFeeds = rateLimit('podcast-feed', 600, 600, perCaller, true)
const limitPodcastFiles = rateLimit('podcast-file', 6000, 600, perCaller, true)
/** Heartbeats and the state of the room come every 10 seconds, from each tab. */
const limitRoom = rateLimit('session-room', 200, 60, perPerson, true)
const limitSessionQuestions = rateLimit('session-question', 30, 3600, perPerson)
const limitSessionVotes = rateLimit('session-vote', 300, 600, perPerson)
/** Everyone in a room may scan its code over the same network. Codes can't be guessed. */
const limitCheckIns = rateLimit('session-check-in', 1500, 600)
const limitBookings = rateLimit('session-booking', 120, 3600, perPerson)
const limitProposals = rateLimit('session-proposal', 10, 3600, perPerson)
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
  ['get', '/courses/:slug/poster.webp', anyone, load, courses.showPoster],
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
  ['get', '/courses/:slug/version/lessons/:lesson', signedIn, load, versions.showLessonChange],
  ['post', '/courses/:slug/version', signedIn, load, versions.create],
  ['get', '/courses/:slug/enrolment', anyone, load, enrolments.show],
  ['post', '/courses/:slug/enrolment', anyone, load, enrolments.create],
  ['get', '/courses/:slug/certificate', signedIn, load, certificates.mine],
  ['get', '/courses/:slug/contact-request', signedIn, load, contactRequests.show],
  ['post', '/courses/:slug/contact-request', signedIn, limitContactRequests, load, contactRequests.create],
  ['get', '/courses/:slug/contact-request/sent', signedIn, load, contactRequests.sent],
  ['get', '/courses/:slug/contact-request/demo.ics', signedIn, load, demos.calendar],
  ['post', '/courses/:slug/contact-request/cancellation', signedIn, load, demos.cancelOwn],
  ['get', '/meet/:name', anyone, meetings.load, meetings.show],
  ['post', '/meet/:name', signedIn, limitContactRequests, meetings.load, meetings.create],
  ['get', '/meet/:name/demo.ics', signedIn, meetings.load, demos.calendar],
  ['post', '/meet/:name/cancellation', signedIn, meetings.load, demos.cancelOwn],
  ['get', `${session}/room`, signedIn, loadSession, sessionRoom.show],
  ['get', `${session}/room/state`, signedIn, limitRoom, loadSession, sessionRoom.sendRoomState],
  ['get', `${session}/room/meeting`, signedIn, loadSession, sessionRoom.goToMeeting],
  ['post', `${session}/room/heartbeats`, signedIn, limitRoom, loadSession, sessionRoom.createHeartbeat],
  ['post', `${session}/questions`, signedIn, limitSessionQuestions, loadSession, sessionQuestions.create],
  [
    'post',
    `${session}/questions/:entry/vote`,
    signedIn,
    limitSessionVotes,
    loadSession,
    sessionQuestions.vote,
  ],
  [
    'post',
    `${session}/questions/:entry/vote/removal`,
    signedIn,
    limitSessionVotes,
    loadSession,
    sessionQuestions.unvote,
  ],
  ['post', `${session}/polls/:entry/vote`, signedIn, limitSessionVotes, loadSession, sessionPolls.create],
  ['get', `${session}/contact-request`, signedIn, loadSession, sessionContactRequest.show],
  [
    'post',
    `${session}/contact-request`,
    signedIn,
    limitContactRequests,
    loadSession,
    sessionContactRequest.create,
  ],
  ['get', `${session}/check-in`, signedIn, limitCheckIns, loadSession, sessionCheckIn.show],
  ['post', `${session}/check-in`, signedIn, limitCheckIns, loadSession, sessionCheckIn.create],
  ['get', secretRoutes.checkIn, anyone, limitCheckIns, sessionCheckIn.scan],
  ['get', '/sessions', anyone, sessions.index],
  ['get', '/sessions.ics', anyone, limitFeeds, sessionCalendars.showAll],
  ['get', '/sessions/proposals/new', signedIn, sessionProposals.show],
  ['post', '/sessions/proposals', signedIn, limitProposals, sessionProposals.create],
  ['get', '/sessions/series/:slug/calendar.ics', anyone, limitFeeds, sessionCalendars.showSeries],
  ['get', '/sessions/series/:slug', anyone, sessionSeries.show],
  ['post', '/sessions/series/:slug/bookings', signedIn, limitBookings, sessionSeries.bookParts],
  ['get', '/sessions/:slug', anyone, loadSession, sessionPages.show],
  ['get', '/sessions/:slug/cover.png', anyone, sessionPages.showSessionCover],
  ['get', '/sessions/:slug/calendar.ics', anyone, loadSession, sessionCalendars.showSession],
  ['get', '/sessions/:slug/booking', anyone, loadSession, sessionBookings.show],
  ['post', '/sessions/:slug/booking', signedIn, limitBookings, loadSession, sessionBookings.create],
  [
    'post',
    '/sessions/:slug/booking/cancellation',
    signedIn,
    limitBookings,
    loadSession,
    sessionBookings.giveUpSeat,
  ],
  [
    'post',
    '/sessions/:slug/booking/restoration',
    signedIn,
    limitBookings,
    loadSession,
    sessionBookings.bookAgain,
  ],
  [
    'post',
    '/sessions/:slug/recording',
    signedIn,
    limitBookings,
    loadSession,
    sessionBookings.requestRecording,
  ],
  [
    'post',
    '/sessions/:slug/booking/claim',
    signedIn,
    limitBookings,
    loadSession,
    sessionBookings.claimOffered,
  ],
  ['get', '/sessions/:slug/materials/:id', anyone, loadSession, sessionPages.openMaterial],
  ['get', secretRoutes.sessionCalendar, anyone, limitFeeds, sessionCalendars.showBooked],
  ['get', '/learning/calendar', signedIn, sessionCalendars.showOwnAddress],
  ['post', '/learning/calendar', signedIn, limitPodcast, sessionCalendars.createOwn],
  ['post', '/learning/calendar/rotation', signedIn, limitPodcast, sessionCalendars.replaceOwn],
  ['post', '/learning/calendar/removal', signedIn, limitPodcast, sessionCalendars.removeOwn],
  ['get', '/time-zone', anyone, timeZones.show],
  ['get', '/time-zone/choice', anyone, timeZones.chooseZone],
  ['get', '/contact-request', signedIn, contactRequests.show],
  ['post', '/contact-request', signedIn, limitContactRequests, contactRequests.create],
  ['get', '/contact-request/sent', signedIn, contactRequests.sent],
  ['get', '/contact-request/demo.ics', signedIn, demos.calendar],
  ['post', '/contact-request/cancellation', signedIn, demos.cancelOwn],
  ['get', '/courses/:slug/reviews', anyone, load, reviews.index],
  ['post', '/courses/:slug/reviews', signedIn, limitPosts, load, reviews.create],
  ['post', '/courses/:slug/reviews/removal', signedIn, limitPosts, load, reviews.destroy],
  ['post', `${review}/answer`, signedIn, limitPosts, load, reviews.requireTeam, reviews.answerAsTeam],
  ['post', `${review}/hiding`, signedIn, limitPosts, load, reviews.requireTeam, reviews.hide],
  ['post', `${review}/hiding/removal`, signedIn, limitPosts, load, reviews.requireTeam, reviews.show],
  ['get', '/courses/:slug/finished', signedIn, load, finishedCourses.show],

  ['get', '/courses/:slug/podcast', anyone, load, podcasts.show],
  ['post', '/courses/:slug/podcast', signedIn, limitPodcast, load, podcasts.create],
  ['post', '/courses/:slug/podcast/rotation', signedIn, limitPodcast, load, podcasts.replaceFeed],
  ['post', '/courses/:slug/podcast/removal', signedIn, limitPodcast, load, podcasts.removeFeed],
  ['get', '/courses/:slug/podcast.xml', anyone, limitFeeds, podcasts.showOpen],
  ['get', '/courses/:slug/podcast.png', anyone, limitFeeds, load, courses.showSquare],
  ['get', secretRoutes.podcast, anyone, limitFeeds, podcasts.loadOwn, podcasts.showOwn],
  ['get', `${secretRoutes.podcast}/cover.png`, anyone, limitFeeds, podcasts.loadOwn, podcasts.showOwnCover],
  [
    'get',
    `${secretRoutes.podcast}/files/:hash/:name`,
    anyone,
    limitPodcastFiles,
    podcasts.loadOwn,
    podcasts.showOwnFile,
  ],

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
  ['get', `${lesson}/offline`, signedIn, load, loadLesson, requireAccess, offline.showCopy],
  [
    'post',
    `${lesson}/offline-progress`,
    signedIn,
    bodyReader(offline.readReport),
    load,
    loadLesson,
    requireAccess,
    offline.create,
  ],
  [
    'post',
    `${lesson}/questions`,
    signedIn,
    limitPosts,
    postImages.readPostImage,
    load,
    loadLesson,
    requireAccess,
    threadActions.create,
  ],
  ['get', '/community', signedIn, limitLists, threads.index],
  ['get', '/community/groups', signedIn, limitLists, groups.index],
  ['post', '/community/groups', writers, limitPosts, groupForms.create],
  ['get', '/community/groups/new', writers, groupForms.newForm],
  ['get', group, signedIn, limitLists, loadGroup, groups.show],
  ['post', group, signedIn, limitPosts, loadGroup, requireCurator, groupForms.update],
  ['get', `${group}/edit`, signedIn, loadGroup, requireCurator, groupForms.edit],
  ['post', `${group}/removal`, writers, loadGroup, groupForms.destroy],
  ['post', `${group}/membership`, signedIn, limitPosts, loadGroup, groups.joinShown],
  ['post', `${group}/membership/removal`, signedIn, limitPosts, loadGroup, groups.leaveShown],
  ['post', `${group}/shelf/order`, signedIn, limitVotes, loadGroup, requireCurator, shelves.move],
  ['post', `${group}/shelf/note`, signedIn, limitPosts, loadGroup, requireCurator, shelves.changeShelfNote],
  ['post', `${group}/shelf/removal`, signedIn, limitPosts, loadGroup, shelves.takeOff],
  ['get', '/community/shelves/add', signedIn, shelves.chooseShelf],
  ['post', '/community/shelves/items', signedIn, limitPosts, shelves.putOnShelf],
  ['get', '/courses/:slug/questions', signedIn, limitLists, load, threads.courseIndex],
  ['get', '/courses/:slug/questions/similar', signedIn, limitLists, load, threads.similar],
  ['get', thread, signedIn, load, loadThread, threadPage.show],
  ['get', `${thread}/edit`, signedIn, load, loadThread, threadActions.edit],
  ['post', thread, signedIn, limitPosts, load, loadThread, threadActions.update],
  ['post', `${thread}/removal`, signedIn, limitPosts, load, loadThread, threadActions.removeThread],
  ['post', `${thread}/restoration`, signedIn, limitPosts, load, loadThread, threadActions.restoreThread],
  ['post', `${thread}/vote`, signedIn, limitVotes, load, loadThread, threadActions.upvote],
  ['post', `${thread}/vote/removal`, signedIn, limitVotes, load, loadThread, threadActions.withdrawVote],
  ['post', `${thread}/following`, signedIn, limitVotes, load, loadThread, threadActions.follow],
  ['post', `${thread}/following/removal`, signedIn, limitVotes, load, loadThread, threadActions.unfollow],
  [
    'post',
    `${thread}/posts`,
    signedIn,
    limitPosts,
    postImages.readPostImage,
    load,
    loadThread,
    requireWriter,
    threadActions.createPost,
  ],
  ['get', `${thread}/picture`, signedIn, load, loadThread, postImages.showThreadImage],
  ['get', `${post}/picture`, signedIn, load, loadThread, postImages.showPostImage],
  ['get', `${thread}/report`, signedIn, load, loadThread, reports.showThreadReport],
  ['post', `${thread}/report`, signedIn, limitPosts, load, loadThread, reports.reportThread],
  ['get', `${post}/report`, signedIn, load, loadThread, reports.showPostReport],
  ['post', `${post}/report`, signedIn, limitPosts, load, loadThread, reports.reportPost],
  ['get', `${post}/edit`, signedIn, load, loadThread, threadActions.editPost],
  ['post', post, signedIn, limitPosts, load, loadThread, threadActions.updatePost],
  ['post', `${post}/removal`, signedIn, limitPosts, load, loadThread, threadActions.destroyPost],
  ['post', `${post}/restoration`, signedIn, limitPosts, load, loadThread, threadActions.undoPostRemoval],
  ['post', `${post}/vote`, signedIn, limitVotes, load, loadThread, threadActions.upvotePost],
  ['post', `${post}/vote/removal`, signedIn, limitVotes, load, loadThread, threadActions.withdrawPostVote],
  ['post', `${post}/acceptance`, signedIn, limitVotes, load, loadThread, threadActions.accept],
  ['post', `${post}/acceptance/removal`, signedIn, limitVotes, load, loadThread, threadActions.unaccept],
  ['post', `${lesson}/notes`, signedIn, limitNotes, load, loadLesson, requireAccess, notes.create],
  // A note belongs to its writer, whoever sees the lesson now.
  ['post', note, signedIn, limitNotes, notes.update],
  ['post', `${note}/removal`, signedIn, limitNotes, notes.destroy],
  ['post', `${note}/restoration`, signedIn, limitNotes, notes.undoRemoval],
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

  ['get', '/offline', anyone, offline.show],
  ['get', '/offline/lessons', signedIn, offline.index],
  ['get', '/service-worker.js', anyone, offline.serviceWorker],
  ['get', '/learning', signedIn, myLearning.index],
  ['get', '/notes', signedIn, limitAllNotes, myNotes.index],
  ['get', '/notes.md', signedIn, limitAllNotes, myNotes.exportMarkdown],
  ['get', '/notes.csv', signedIn, limitAllNotes, myNotes.exportCsv],
  ['get', '/notes.json', signedIn, limitAllNotes, myNotes.exportJson],
  ['get', '/learning/goal', signedIn, weeklyGoal.requireMotivation, weeklyGoal.show],
  ['post', '/learning/goal', signedIn, limitGoals, weeklyGoal.requireMotivation, weeklyGoal.update],
  ['post', '/learning/goal/switch', signedIn, weeklyGoal.requireMotivation, weeklyGoal.flip],
  ['get', finishDate.path, signedIn, weeklyGoal.requireMotivation, finishDates.showForPath],
  ['post', finishDate.path, signedIn, limitGoals, weeklyGoal.requireMotivation, finishDates.saveForPath],
  ['get', finishDate.course, signedIn, weeklyGoal.requireMotivation, load, finishDates.showForCourse],
  [
    'post',
    finishDate.course,
    signedIn,
    limitGoals,
    weeklyGoal.requireMotivation,
    load,
    finishDates.saveForCourse,
  ],
  ['get', '/playlists', signedIn, playlists.index],
  ['post', '/playlists', signedIn, limitPlaylists, playlists.create],
  ['get', '/playlists/add', signedIn, playlists.choose],
  ['post', '/playlists/items', signedIn, limitPlaylists, playlists.addToPlaylist],
  ['get', playlist, signedIn, playlists.show],
  ['post', playlist, signedIn, limitPlaylists, playlists.rename],
  ['post', `${playlist}/order`, signedIn, limitPlaylists, playlists.move],
  ['post', `${playlist}/items/removal`, signedIn, limitPlaylists, playlists.removeItem],
  ['post', `${playlist}/items/:entry/position`, signedIn, limitPlaylists, playlists.moveBefore],
  ['post', `${playlist}/removal`, signedIn, playlists.destroy],
  ['post', `${playlist}/share`, signedIn, limitPlaylists, playlists.share],
  ['post', `${playlist}/share/revocation`, signedIn, playlists.stopSharing],
  ['get', secretRoutes.sharedPlaylist, anyone, rateLimit('shared-playlist', 300, 600), playlists.showShared],
  ['post', `${secretRoutes.sharedPlaylist}/copy`, signedIn, limitPlaylists, playlists.copyShared],
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
