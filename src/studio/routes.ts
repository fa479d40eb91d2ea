import { authors, writers } from '../web/guard'
import type { Route } from '../web/route'
import * as academyMedia from './academy-media'
import * as assets from './assets'
import * as captionsEditor from './captions-editor'
import * as courses from './courses'
import * as exportsOf from './exports'
import * as fileUploads from './file-uploads'
import * as imports from './imports'
import * as lessons from './lessons'
import * as lessonSettings from './lesson-settings'
import * as mediaPage from './media-page'
import * as modules from './modules'
import * as paths from './paths'
import * as publications from './publications'
import * as questions from './questions'
import * as quizEditor from './quiz-editor'
import * as replacedDrafts from './replaced-drafts'
import * as revisions from './revisions'
import * as settings from './settings'
import * as tourEditor from './tour-editor'
import { load, loadDraftLesson } from './course-page'
import { requireTour } from './tour-editor'

const course = '/studio/courses/:slug'
const path = '/studio/paths/:slug'
const lesson = `${course}/lessons/:lesson`
const question = `${lesson}/questions/:question`
const step = `${lesson}/steps/:step`

/** Authors and administrators write; reviewers read and preview. */
export const routes: Route[] = [
  ['get', '/studio', authors, courses.index],
  ['get', '/studio/courses/new', writers, courses.compose],
  ['post', '/studio/courses', writers, courses.create],
  ['get', '/studio/imports/new', writers, imports.compose],
  ['post', '/studio/imports', writers, imports.upload, imports.create],
  ['get', '/studio/questions', authors, questions.index],
  ['get', '/studio/media', authors, academyMedia.index],

  ['get', '/studio/paths', authors, paths.index],
  ['get', '/studio/paths/new', writers, paths.compose],
  ['post', '/studio/paths', writers, paths.create],
  ['get', path, authors, paths.edit],
  ['post', path, writers, paths.update],
  ['post', `${path}/publication`, writers, paths.publishDraft],
  ['post', `${path}/withdrawal`, writers, paths.withdraw],
  ['get', `${path}/versions`, authors, paths.pathVersions],
  ['post', `${path}/versions/:number/restoration`, writers, paths.restorePath],

  ['get', `${course}.zip`, authors, load, exportsOf.show],
  ['get', course, authors, load, courses.show],
  ['get', `${course}/settings`, authors, load, settings.edit],
  ['post', `${course}/settings`, writers, load, settings.update],
  ['get', `${course}/files`, authors, load, assets.index],
  ['post', `${course}/files`, writers, assets.upload, load, assets.create],
  ['post', `${course}/files/removal`, writers, load, assets.destroy],
  ['post', `${course}/files/undo`, writers, load, assets.undoChange],
  ['post', `${course}/uploads`, writers, load, fileUploads.begin],
  ['get', `${course}/uploads/:upload`, writers, load, fileUploads.status],
  ['post', `${course}/uploads/:upload`, writers, load, fileUploads.continueUpload],
  ['post', `${course}/uploads/:upload/completion`, writers, load, fileUploads.completeUpload],
  ['get', `${course}/file`, authors, load, mediaPage.show],
  ['post', `${course}/file`, writers, load, mediaPage.update],
  ['post', `${course}/file/crop`, writers, load, mediaPage.crop],
  ['post', `${course}/file/replacement`, writers, mediaPage.readReplacement, load, mediaPage.replace],
  ['get', `${course}/captions`, authors, load, captionsEditor.show],
  [
    'post',
    `${course}/captions/file`,
    writers,
    captionsEditor.readCaptionsUpload,
    load,
    captionsEditor.beginFromFile,
  ],
  ['post', `${course}/captions`, writers, captionsEditor.readCues, load, captionsEditor.update],
  ['post', `${course}/publication`, writers, load, publications.create],
  ['post', `${course}/withdrawal`, writers, load, publications.destroy],
  ['get', `${course}/revisions`, authors, load, revisions.index],
  ['get', `${course}/revisions/:number`, authors, load, revisions.show],
  ['post', `${course}/revisions/:number/restoration`, writers, load, revisions.restore],
  ['get', `${course}/replaced-drafts/:number`, authors, load, replacedDrafts.show],
  ['post', `${course}/replaced-drafts/:number/restoration`, writers, load, replacedDrafts.restoreDraft],

  ['post', `${course}/modules`, writers, load, modules.create],
  ['post', `${course}/modules/:module`, writers, load, modules.update],
  ['post', `${course}/modules/:module/position`, writers, load, modules.move],
  ['post', `${course}/modules/:module/removal`, writers, load, modules.destroy],

  ['get', `${course}/lessons/new`, writers, load, lessons.compose],
  ['post', `${course}/lessons`, writers, load, lessons.create],
  ['get', lesson, authors, load, loadDraftLesson, lessons.show],
  ['post', lesson, writers, lessons.readText, load, loadDraftLesson, lessons.update],
  ['get', `${lesson}/preview`, authors, load, loadDraftLesson, lessons.preview],
  ['get', `${lesson}/history`, authors, load, loadDraftLesson, lessons.history],
  ['get', `${lesson}/settings`, authors, load, loadDraftLesson, lessonSettings.edit],
  ['post', `${lesson}/settings`, writers, load, loadDraftLesson, lessonSettings.update],
  ['get', `${lesson}/questions`, authors, load, loadDraftLesson, quizEditor.index],
  [
    'post',
    `${lesson}/questions`,
    writers,
    quizEditor.readQuestionForm,
    load,
    loadDraftLesson,
    quizEditor.create,
  ],
  ['get', `${lesson}/new-question`, writers, load, loadDraftLesson, quizEditor.compose],
  [
    'post',
    `${lesson}/question-preview`,
    authors,
    quizEditor.readQuestionForm,
    load,
    loadDraftLesson,
    quizEditor.previewQuestion,
  ],
  ['post', `${lesson}/question-selection`, writers, load, loadDraftLesson, quizEditor.changeSelection],
  ['post', `${lesson}/question-undo`, writers, load, loadDraftLesson, quizEditor.undoLast],
  ['get', question, authors, load, loadDraftLesson, quizEditor.show],
  ['post', question, writers, quizEditor.readQuestionForm, load, loadDraftLesson, quizEditor.update],
  [
    'post',
    `${question}/copy`,
    writers,
    quizEditor.readQuestionForm,
    load,
    loadDraftLesson,
    quizEditor.duplicate,
  ],
  [
    'post',
    `${question}/removal`,
    writers,
    quizEditor.readQuestionForm,
    load,
    loadDraftLesson,
    quizEditor.destroy,
  ],
  [
    'post',
    `${question}/position`,
    writers,
    quizEditor.readQuestionForm,
    load,
    loadDraftLesson,
    quizEditor.move,
  ],
  ['get', `${lesson}/steps`, authors, load, loadDraftLesson, requireTour, tourEditor.showSteps],
  ['post', `${lesson}/steps`, writers, load, loadDraftLesson, requireTour, tourEditor.addSteps],
  ['post', `${lesson}/step-undo`, writers, load, loadDraftLesson, requireTour, tourEditor.undoStepChange],
  ['get', step, authors, load, loadDraftLesson, requireTour, tourEditor.showStep],
  ['post', step, writers, load, loadDraftLesson, requireTour, tourEditor.saveStep],
  ['post', `${step}/copy`, writers, load, loadDraftLesson, requireTour, tourEditor.copyStep],
  ['post', `${step}/removal`, writers, load, loadDraftLesson, requireTour, tourEditor.discardStep],
  ['post', `${step}/position`, writers, load, loadDraftLesson, requireTour, tourEditor.placeStep],
  ['post', `${lesson}/position`, writers, load, loadDraftLesson, lessons.move],
  ['get', `${lesson}/removal`, writers, load, loadDraftLesson, lessons.askRemoval],
  ['post', `${lesson}/removal`, writers, load, loadDraftLesson, lessons.destroy],
]
