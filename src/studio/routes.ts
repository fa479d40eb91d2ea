import { authors, courseTeams, writers } from '../web/guard'
import { perPerson, rateLimit } from '../web/rate-limit'
import type { Route } from '../web/route'
import * as academyMedia from './academy-media'
import * as archive from './archive'
import * as assets from './assets'
import * as catalogue from './catalogue'
import * as comments from './comments'
import { inCourse } from './course-guard'
import * as captionsEditor from './captions-editor'
import * as courses from './courses'
import * as exportsOf from './exports'
import * as fileUploads from './file-uploads'
import * as imports from './imports'
import * as invitations from './invitations'
import * as lessons from './lessons'
import * as lessonHistory from './lesson-history'
import * as lessonRecording from './lesson-recording'
import * as lessonSelection from './lesson-selection'
import * as lessonSettings from './lesson-settings'
import * as mediaPage from './media-page'
import * as community from './community'
import * as moderation from './moderation'
import * as moderationRules from './moderation-rules'
import * as modules from './modules'
import * as paths from './paths'
import * as presence from './presence'
import * as previews from './previews'
import * as publications from './publications'
import * as questions from './questions'
import * as threadToLesson from './thread-to-lesson'
import * as quizEditor from './quiz-editor'
import * as replacedDrafts from './replaced-drafts'
import * as reviews from './reviews'
import * as revisions from './revisions'
import * as searches from './searches'
import * as sessionAfter from './session-after'
import * as sessionAttendance from './session-attendance'
import * as sessionCancellation from './session-cancellation'
import * as sessionCheckIn from './session-check-in'
import * as sessionEdit from './session-edit'
import * as sessionFiles from './session-files'
import { inSession, sessionTeams } from './session-guard'
import * as sessionLive from './session-live'
import * as sessionMessages from './session-messages'
import * as sessionPeople from './session-people'
import * as sessionProposals from './session-proposals'
import * as sessionSeries from './session-series'
import * as sessions from './sessions'
import * as settings from './settings'
import * as team from './team'
import * as tourEditor from './tour-editor'
import * as website from './website'
import { load, loadDraftLesson } from './course-page'
import { requireTour } from './tour-editor'

const course = '/studio/courses/:slug'
const path = '/studio/paths/:slug'
const session = '/studio/sessions/:id'
const lesson = `${course}/lessons/:lesson`
const question = `${lesson}/questions/:question`
const step = `${lesson}/steps/:step`
const attendee = `${session}/attendees/:person`

const read = inCourse('read')
const comment = inCourse('comment')
const write = inCourse('write')
const review = inCourse('review')
const publish = inCourse('publish')
const manage = inCourse('manage')
const copy = inCourse('copy')
const readSession = inSession('read')
const runSession = inSession('run')
const writeSession = inSession('write')

/** Invitations are emails to people who may not know the academy. */
const limitInvitations = rateLimit('course-invitations', 60, 3600, perPerson)

/** Who may use a route of a course depends on the course too: see courses/course-role.ts. */
export const routes: Route[] = [
  ['get', '/studio', courseTeams, courses.index],
  ['get', `${session}/live`, runSession, sessionLive.show],
  ['get', `${session}/live/state`, runSession, sessionLive.sendConsoleState],
  ['get', `${session}/live/meeting`, runSession, sessionLive.openMeeting],
  ['post', `${session}/questions/:entry/state`, runSession, sessionLive.changeQuestion],
  ['post', `${session}/questions/:entry/answer`, runSession, sessionLive.answerInRoom],
  ['post', `${session}/polls`, runSession, sessionLive.createPoll],
  ['post', `${session}/polls/:entry/state`, runSession, sessionLive.changePoll],
  ['post', `${session}/polls/:entry/removal`, runSession, sessionLive.destroyPoll],
  ['get', `${session}/check-in`, runSession, sessionCheckIn.show],
  ['get', `${session}/check-in/state`, runSession, sessionCheckIn.sendCode],
  ['post', `${attendee}/check-in`, runSession, sessionCheckIn.create],
  ['post', `${attendee}/check-in/removal`, runSession, sessionCheckIn.destroy],
  ['get', '/studio/courses/new', writers, courses.compose],
  ['post', '/studio/courses', writers, courses.create],
  ['get', '/studio/imports/new', writers, imports.compose],
  ['post', '/studio/imports', writers, imports.upload, imports.create],
  ['get', '/studio/community', authors, community.index],
  ['get', '/studio/community/people/:person', authors, community.answersBy],
  ['get', '/studio/moderation', authors, moderation.index],
  ['get', '/studio/moderation/rules', authors, moderationRules.edit],
  ['post', '/studio/moderation/rules', writers, moderationRules.update],
  ['get', '/studio/moderation/:id', authors, moderation.show],
  ['post', '/studio/moderation/:id/decision', authors, moderation.decideCase],
  ['post', '/studio/moderation/people/:person/readmission', authors, moderation.readmit],
  ['get', '/studio/questions', authors, questions.index],
  ['get', '/studio/searches', authors, searches.index],
  ['post', '/studio/searches/removal', writers, searches.destroy],
  ['get', '/studio/catalogue', authors, catalogue.index],
  ['post', '/studio/catalogue', writers, catalogue.update],
  ['get', '/studio/media', authors, academyMedia.index],
  ['get', '/studio/website', writers, website.show],

  ['get', '/studio/paths', authors, paths.index],
  ['get', '/studio/paths/new', writers, paths.compose],
  ['post', '/studio/paths', writers, paths.create],
  ['get', path, authors, paths.edit],
  ['post', path, writers, paths.update],
  ['post', `${path}/publication`, writers, paths.publishDraft],
  ['post', `${path}/withdrawal`, writers, paths.withdraw],
  ['get', `${path}/versions`, authors, paths.pathVersions],
  ['post', `${path}/versions/:number/restoration`, writers, paths.restorePath],

  ['get', '/studio/sessions', sessionTeams, sessions.index],
  ['get', '/studio/sessions/new', writers, sessionEdit.compose],
  ['post', '/studio/sessions', writers, sessionEdit.create],
  ['get', '/studio/sessions/proposals', authors, sessionProposals.index],
  ['post', '/studio/sessions/proposals/:entry', writers, sessionProposals.decide],
  ['get', session, readSession, sessionEdit.edit],
  ['post', session, writeSession, sessionEdit.update],
  ['post', `${session}/publication`, writeSession, sessionEdit.publishTyped],
  ['post', `${session}/withdrawal`, writeSession, sessionEdit.unpublish],
  ['get', `${session}/cancellation`, writeSession, sessionCancellation.show],
  ['post', `${session}/cancellation`, writeSession, sessionCancellation.create],
  ['post', `${session}/restoration`, writeSession, sessionCancellation.undoCancellation],
  ['post', `${session}/copy`, writeSession, sessionEdit.copySession],
  ['post', `${session}/series`, writeSession, sessionSeries.updateSeries],
  ['post', `${session}/series/dates`, writeSession, sessionSeries.addDates],
  ['post', `${session}/series/publication`, writeSession, sessionSeries.publishSeries],
  ['get', `${session}/people`, readSession, sessionPeople.index],
  ['get', `${session}/people.csv`, readSession, sessionPeople.download],
  ['post', `${session}/people`, runSession, sessionPeople.create],
  ['post', `${session}/people/:person/removal`, runSession, sessionPeople.destroy],
  ['post', `${session}/people/:person/restoration`, runSession, sessionPeople.restoreSeat],
  ['get', `${session}/afterwards`, readSession, sessionAfter.show],
  ['post', `${session}/afterwards`, runSession, sessionAfter.update],
  ['post', `${session}/files`, runSession, sessionFiles.readFiles, sessionFiles.create],
  ['get', `${session}/messages`, runSession, sessionMessages.show],
  ['post', `${session}/messages`, runSession, sessionMessages.create],
  ['get', `${session}/attendance`, runSession, sessionAttendance.show],
  ['post', `${session}/attendance`, runSession, sessionAttendance.readAttendance, sessionAttendance.create],

  ['get', `${course}.zip`, read, load, exportsOf.show],
  ['get', course, read, load, courses.show],
  ['get', `${course}/settings`, read, load, settings.edit],
  ['post', `${course}/settings`, write, load, settings.update],
  ['get', `${course}/files`, read, load, assets.index],
  ['post', `${course}/files`, write, assets.upload, load, assets.create],
  ['post', `${course}/files/removal`, write, load, assets.destroy],
  ['post', `${course}/presence`, write, presence.reportPresence],
  ['post', `${course}/presence/end`, write, presence.reportLeaving],
  ['get', `${course}/review`, read, load, reviews.index],
  ['post', `${course}/review/request`, write, load, reviews.request],
  ['post', `${course}/review/request-withdrawal`, write, load, reviews.withdrawal],
  ['post', `${course}/review/approval`, review, load, reviews.approval],
  ['post', `${course}/review/changes`, review, load, reviews.changes],
  ['post', `${course}/review/schedule-cancellation`, publish, load, reviews.scheduleCancellation],
  ['get', `${course}/previews`, read, load, previews.index],
  ['post', `${course}/previews`, write, load, previews.create],
  ['post', `${course}/previews/:id/revocation`, write, load, previews.revoke],
  ['get', `${course}/invitations`, publish, load, invitations.index],
  ['post', `${course}/invitations`, publish, limitInvitations, load, invitations.create],
  ['post', `${course}/invitations/:id/revocation`, publish, load, invitations.destroy],
  ['get', `${course}/team`, read, load, team.index],
  ['post', `${course}/team`, manage, load, team.create],
  ['post', `${course}/team/:person/removal`, manage, load, team.destroy],
  ['post', `${course}/review-date`, manage, load, team.updateReviewDate],
  ['get', `${course}/publications/new`, read, load, publications.compose],
  ['post', `${course}/publication`, publish, load, publications.create],
  ['post', `${course}/publication/undo`, publish, load, publications.takeBack],
  ['post', `${course}/schedule`, publish, load, publications.schedule],
  ['post', `${course}/withdrawal`, publish, load, publications.destroy],
  ['get', `${course}/revisions`, read, load, revisions.index],
  ['get', `${course}/revisions/:number`, read, load, revisions.show],
  ['post', `${course}/revisions/:number/restoration`, write, load, revisions.restore],
  ['get', `${course}/replaced-drafts/:number`, read, load, replacedDrafts.show],
  ['post', `${course}/replaced-drafts/:number/restoration`, write, load, replacedDrafts.restoreDraft],
  ['post', `${course}/files/undo`, write, load, assets.undoChange],
  ['post', `${course}/uploads`, write, load, fileUploads.begin],
  ['get', `${course}/uploads/:upload`, write, load, fileUploads.status],
  ['post', `${course}/uploads/:upload`, write, load, fileUploads.continueUpload],
  ['post', `${course}/uploads/:upload/completion`, write, load, fileUploads.completeUpload],
  ['get', `${course}/file`, read, load, mediaPage.show],
  ['post', `${course}/file`, write, load, mediaPage.update],
  ['post', `${course}/file/crop`, write, load, mediaPage.crop],
  ['post', `${course}/file/replacement`, write, mediaPage.readReplacement, load, mediaPage.replace],
  ['get', `${course}/captions`, read, load, captionsEditor.show],
  [
    'post',
    `${course}/captions/file`,
    write,
    captionsEditor.readCaptionsUpload,
    load,
    captionsEditor.beginFromFile,
  ],
  ['post', `${course}/captions`, write, captionsEditor.readCues, load, captionsEditor.update],

  ['post', `${course}/copy`, copy, load, archive.copy],
  ['post', `${course}/archive`, publish, load, archive.archive],
  ['post', `${course}/archive-end`, publish, load, archive.bringBack],
  ['post', `${course}/deletion`, manage, load, archive.destroy],
  ['post', `${course}/lesson-selection`, write, load, lessonSelection.changeLessons],
  ['post', `${course}/outline-undo`, write, load, lessonSelection.undoOutline],

  ['post', `${course}/modules`, write, load, modules.create],
  ['post', `${course}/modules/:module`, write, load, modules.update],
  ['post', `${course}/modules/:module/position`, write, load, modules.move],
  ['post', `${course}/modules/:module/removal`, write, load, modules.destroy],

  ['get', `${course}/lessons/new`, write, load, lessons.compose],
  ['post', `${course}/lessons`, write, load, lessons.create],
  ['get', lesson, read, load, loadDraftLesson, lessons.show],
  ['post', lesson, write, lessons.readText, load, loadDraftLesson, lessons.update],
  ['get', `${lesson}/preview`, read, load, loadDraftLesson, lessons.preview],
  ['get', `${lesson}/history`, read, load, loadDraftLesson, lessonHistory.show],
  [
    'post',
    `${lesson}/history/:number/restoration`,
    write,
    load,
    loadDraftLesson,
    lessonHistory.restoreSavedPoint,
  ],
  ['get', `${lesson}/settings`, read, load, loadDraftLesson, lessonSettings.edit],
  ['post', `${lesson}/settings`, write, load, loadDraftLesson, lessonSettings.update],
  [
    'post',
    `${lesson}/recording`,
    write,
    lessonRecording.readRecording,
    load,
    loadDraftLesson,
    lessonRecording.create,
  ],
  ['post', `${lesson}/threads/:id`, write, load, loadDraftLesson, threadToLesson.addThread],
  ['get', `${lesson}/questions`, read, load, loadDraftLesson, quizEditor.index],
  [
    'post',
    `${lesson}/questions`,
    write,
    quizEditor.readQuestionForm,
    load,
    loadDraftLesson,
    quizEditor.create,
  ],
  ['get', `${lesson}/new-question`, write, load, loadDraftLesson, quizEditor.compose],
  [
    'post',
    `${lesson}/question-preview`,
    read,
    quizEditor.readQuestionForm,
    load,
    loadDraftLesson,
    quizEditor.previewQuestion,
  ],
  ['post', `${lesson}/question-selection`, write, load, loadDraftLesson, quizEditor.changeSelection],
  ['post', `${lesson}/question-undo`, write, load, loadDraftLesson, quizEditor.undoLast],
  ['get', question, read, load, loadDraftLesson, quizEditor.show],
  ['post', question, write, quizEditor.readQuestionForm, load, loadDraftLesson, quizEditor.update],
  [
    'post',
    `${question}/copy`,
    write,
    quizEditor.readQuestionForm,
    load,
    loadDraftLesson,
    quizEditor.duplicate,
  ],
  [
    'post',
    `${question}/removal`,
    write,
    quizEditor.readQuestionForm,
    load,
    loadDraftLesson,
    quizEditor.destroy,
  ],
  [
    'post',
    `${question}/position`,
    write,
    quizEditor.readQuestionForm,
    load,
    loadDraftLesson,
    quizEditor.move,
  ],
  ['post', `${lesson}/comments`, comment, load, loadDraftLesson, comments.create],
  ['post', `${lesson}/comments/:id/replies`, comment, load, loadDraftLesson, comments.reply],
  ['post', `${lesson}/comments/:id/resolution`, comment, load, loadDraftLesson, comments.resolve],
  ['post', `${lesson}/comments/:id/reopening`, comment, load, loadDraftLesson, comments.reopenComment],
  ['post', `${lesson}/comments/:id/acceptance`, write, load, loadDraftLesson, comments.accept],
  ['post', `${lesson}/comments/:id/rejection`, write, load, loadDraftLesson, comments.decline],
  ['post', `${lesson}/position`, write, load, loadDraftLesson, lessons.move],
  ['get', `${lesson}/removal`, write, load, loadDraftLesson, lessons.askRemoval],
  ['post', `${lesson}/removal`, write, load, loadDraftLesson, lessons.destroy],
  ['get', `${lesson}/steps`, read, load, loadDraftLesson, requireTour, tourEditor.showSteps],
  ['post', `${lesson}/steps`, write, load, loadDraftLesson, requireTour, tourEditor.addSteps],
  ['post', `${lesson}/step-undo`, write, load, loadDraftLesson, requireTour, tourEditor.undoStepChange],
  ['get', step, read, load, loadDraftLesson, requireTour, tourEditor.showStep],
  ['post', step, write, load, loadDraftLesson, requireTour, tourEditor.saveStep],
  ['post', `${step}/copy`, write, load, loadDraftLesson, requireTour, tourEditor.copyStep],
  ['post', `${step}/removal`, write, load, loadDraftLesson, requireTour, tourEditor.discardStep],
  ['post', `${step}/position`, write, load, loadDraftLesson, requireTour, tourEditor.placeStep],
]
