import type { Request, Response } from 'express'
import { lessonsOf } from '../courses/content'
import { ReplacedDrafts, type ReplacedDraft } from '../courses/replace-draft'
import type { Person } from '../people/person'
import { notFound } from '../platform/errors'
import { textsOf } from '../web/texts'
import { courseOf, coursePage } from './course-page'
import { differencesView } from './revisions'
import { restoreContent } from './restore-content'
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
  const { content, draftNumber } = await replacedDraftOf(request, response)
  const message = textsOf(response).t('studio:flash.draftRestored')
  await restoreContent(response, person, { content, detail: { draftNumber }, message })
}

async function replacedDraftOf(request: DraftRequest, response: Response): Promise<ReplacedDraft> {
  const draftNumber = Number(request.params.number)
  const draft = await ReplacedDrafts.findOne({ course: courseOf(response)._id, draftNumber })
  if (!draft) throw notFound()
  return draft
}
