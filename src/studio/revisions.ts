import type { Request, Response } from 'express'
import { changeDraft } from '../courses/change-draft'
import { compareLessons, isRestChanged } from '../courses/compare'
import { Revisions, type Revision } from '../courses/revision'
import { notFound } from '../platform/errors'
import { audit } from '../events/audit'
import { countLearners } from '../learning/count-learners'
import { People, type Person } from '../people/person'
import { addressOf, courseOf, setDoneFlash, coursePage } from './course-page'

/** `GET /studio/courses/:slug/revisions`: every version, with who published it and how many people are on it. */
export async function index(request: Request, response: Response): Promise<void> {
  const { _id } = courseOf(response)
  const revisions = await Revisions.find({ course: _id }, { content: 0 })
    .sort({ number: -1 })
    .lean<Revision[]>()
  const publishers = revisions.flatMap(({ publishedBy }) => publishedBy ?? [])
  const people = await People.find({ _id: { $in: publishers } }, { name: 1 }).lean<
    Pick<Person, '_id' | 'name'>[]
  >()
  const { byRevision, all } = await countLearners([_id])
  response.render('studio/revisions', {
    ...(await coursePage(request, response, 'revisions')),
    revisions,
    learners: (revision: Revision) => byRevision.get(String(revision._id)) ?? 0,
    allLearners: all,
    names: new Map(people.map(person => [String(person._id), person.name])),
  })
}

/** `GET …/revisions/:number`: what it changed, and what the draft has changed since. */
export async function show(request: Request<{ number: string }>, response: Response): Promise<void> {
  const revision = await revisionOf(request, response)
  const before = await Revisions.findOne({
    course: revision.course,
    number: revision.number - 1,
  }).lean<Revision>()
  const { draft } = courseOf(response)
  response.render('studio/revision', {
    ...(await coursePage(request as Request, response, 'revisions')),
    revision,
    before,
    brought: before && compareLessons(before.content, revision.content),
    broughtRest: before !== null && isRestChanged(before.content, revision.content),
    since: compareLessons(revision.content, draft),
    sinceRest: isRestChanged(revision.content, draft),
  })
}

/** `POST …/revisions/:number/restoration`: the draft says again what that version said. Nothing is published by it. */
export async function restore(request: Request<{ number: string }>, response: Response): Promise<void> {
  const { t } = response.locals
  const course = courseOf(response)
  const { content, number } = await revisionOf(request, response)
  await changeDraft(course._id, () => content)
  await audit({
    actor: request.user!._id,
    action: 'course.restored',
    subject: course.slug,
    detail: { number },
  })
  setDoneFlash(
    request as Request,
    response,
    t('studio:flash.restored', { number }),
    t('studio:flash.restoredText'),
  )
  response.redirect(303, addressOf(course))
}

async function revisionOf(request: Request<{ number: string }>, response: Response): Promise<Revision> {
  const number = Number(request.params.number)
  const revision = await Revisions.findOne({ course: courseOf(response)._id, number }).lean<Revision>()
  if (!revision) throw notFound()
  return revision
}
