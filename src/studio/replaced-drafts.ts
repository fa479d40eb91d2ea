import type { Request, Response } from 'express'
import { lessonsOf } from '../courses/content'
import { replaceDraft, ReplacedDrafts, type ReplacedDraft } from '../courses/replace-draft'
import { audit } from '../events/audit'
import type { Person } from '../people/person'
import { notFound } from '../platform/errors'
import { textsOf } from '../web/texts'
import { courseOf, coursePage, setDoneFlash } from './course-page'
import { differencesView } from './revisions'
import { urlOf } from './urls'

type DraftRequest = Request<{ number: string }>

/** `GET /studio/courses/:slug/replaced-drafts/:number`: what has changed in the draft since. */
export async function show(request: DraftRequest, response: Response, person: Person): Promise<void> {
  const texts = textsOf(response)
  const { t, date } = texts
  const course = courseOf(response)
  const { content, draftNumber, replacedAt } = await replacedDraftOf(request, response)
  const page = await coursePage(person, response, 'revisions')
  const sinceThen = differencesView(content, course.draft, texts)
  response.render('studio/revision', {
    ...page,
    heading: t('studio:replacedDraft.heading', { title: content.title }),
    sentence: t('studio:replacedDraft.sentence', {
      date: date(replacedAt, 'full'),
      count: lessonsOf(content).length,
    }),
    inVersion: null,
    sinceThen,
    restoration:
      sinceThen.length && page.canWrite
        ? {
            url: `${urlOf(course)}/replaced-drafts/${draftNumber}/restoration`,
            text: t('studio:replacedDraft.restore'),
          }
        : null,
  })
}

/** `POST …/replaced-drafts/:number/restoration`: makes it the draft again; the draft until now is kept in its place. */
export async function restoreDraft(request: DraftRequest, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const { content, draftNumber } = await replacedDraftOf(request, response)
  await replaceDraft(course._id, content)
  await audit({
    actor: person._id,
    action: 'course.restored',
    subject: course.slug,
    detail: { draftNumber },
  })
  setDoneFlash(response, t('studio:flash.draftRestored'), t('studio:flash.restoredText'))
  response.redirect(303, urlOf(course))
}

async function replacedDraftOf(request: DraftRequest, response: Response): Promise<ReplacedDraft> {
  const draftNumber = Number(request.params.number)
  const draft = await ReplacedDrafts.findOne({ course: courseOf(response)._id, draftNumber })
  if (!draft) throw notFound()
  return draft
}
