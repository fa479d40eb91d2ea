import type { Request, Response } from 'express'
import type { Published } from '../courses/published'
import { coursesOf } from '../courses/shown-courses'
import { Enrolments } from '../learning/enrolment'
import type { Person } from '../people/person'
import { notFound } from '../platform/errors'
import { completeNeedsAssessment } from '../signals/complete-needs-assessment'
import { NeedsAssessments, type NeedsContent } from '../signals/needs-content'
import type { Handler, MemberHandler } from '../web/handler'
import type { Form } from '../web/form'
import { textsOf, type Texts } from '../web/texts'
import { needsOf, proposePath, type NeedsAnswers, type Proposal } from './needs-questions'
import { priceText } from './path-card'
import { pathSummaries } from './stats'
import { totalPrices } from '../courses/price'

/**
 * The needs assessment and the learning path it leads to. A GET form for anonymous visitors: it needs no session, its
 * result can be bookmarked or shared, and nothing is stored.
 */
export const show: Handler = async (request, response, person) => {
  await showOrAnswer(request, response, await contentAt(response), person)
}

/** The same for a signed-in visitor: stores the answers and the path they lead to. */
export const create: MemberHandler = async (request, response, person) => {
  const content = await contentAt(response)
  const { answers, form } = readNeeds(content, textsOf(response), request.body as Record<string, unknown>)
  if (!answers) return showForm(request, response, content, form)
  const proposal = await proposalFor(content, answers, response, person)
  await completeNeedsAssessment(person._id, answers, proposal?.path?.slug ?? null)
  response.redirect(303, `/needs-assessment?${new URLSearchParams(answers)}`)
}

/** The brand's questions: its draft for those who preview drafts, whose answers are never stored. */
async function contentAt({ locals: { brand } }: Response): Promise<NeedsContent> {
  const content = await NeedsAssessments.shownAt(brand)
  if (!content) throw notFound()
  return content
}

async function showOrAnswer(
  request: Request,
  response: Response,
  content: NeedsContent,
  person: Person | null,
): Promise<void> {
  const isAnswered = content.questions.some(({ id }) => request.query[id] !== undefined)
  if (!isAnswered) return showForm(request, response, content)
  const { answers, form } = readNeeds(content, textsOf(response), request.query)
  if (!answers) return showForm(request, response, content, form)
  const proposal = await proposalFor(content, answers, response, person)
  const saved = person !== null && !response.locals.brand.isDraft
  response.render(
    'academy/needs-assessment-result',
    resultView(textsOf(response), { content, answers, proposal, saved }),
  )
}

async function proposalFor(
  content: NeedsContent,
  answers: NeedsAnswers,
  response: Response,
  person: Person | null,
): Promise<Proposal | undefined> {
  const { lists, brand } = response.locals
  const [courses, paths, done] = await Promise.all([
    coursesOf(brand, person),
    pathSummaries(brand, person),
    person ? Enrolments.find({ person: person._id, completedAt: { $ne: null } }, { slug: 1 }) : [],
  ])
  const finished = new Set(done.map(({ slug }) => slug))
  return proposePath({ paths, courses, lists }, needsOf(content, answers), finished)
}

function readNeeds(
  { questions }: NeedsContent,
  { t }: Texts,
  fields: Record<string, unknown>,
): { answers: NeedsAnswers; form?: undefined } | { answers?: undefined; form: Form } {
  const errors: Record<string, string> = {}
  const values: NeedsAnswers = {}
  for (const { id, text, answers } of questions) {
    const answer = answers.find(each => each.id === fields[id])
    if (answer) values[id] = answer.id
    else errors[id] = t('academy:needsAssessment.missing', { question: text })
  }
  return Object.keys(errors).length ? { form: { values, errors } } : { answers: values }
}

function showForm(request: Request, response: Response, content: NeedsContent, form?: Form): void {
  const isPreview = response.locals.brand.isDraft
  const view = formView(textsOf(response), content, request.user !== undefined, isPreview)
  const head = { ...view.head, noindex: isPreview || form !== undefined }
  response
    .status(form ? 422 : 200)
    .render('academy/needs-assessment', { ...view, head, ...(form && { form }) })
}

function formView(
  { t }: Texts,
  { title, lede, questions }: NeedsContent,
  isSignedIn: boolean,
  isPreview: boolean,
) {
  const isSaved = isSignedIn && !isPreview
  const note = isPreview ? 'preview' : isSaved ? 'willBeSaved' : 'willNotBeSaved'
  return {
    head: { title, description: lede },
    nav: 'paths',
    title,
    lede,
    isSaved,
    method: isSaved ? 'post' : 'get',
    fields: questions.map(({ id, text, help, answers }) => ({
      name: id,
      kind: 'radios',
      label: text,
      hint: help,
      options: answers.map(answer => ({ value: answer.id, text: answer.text })),
      required: true,
    })),
    note: t(`academy:needsAssessment.${note}`),
  }
}

type Result = {
  content: NeedsContent
  answers: NeedsAnswers
  proposal: Proposal | undefined
  saved: boolean
}

function resultView(texts: Texts, { content, answers, proposal, saved }: Result) {
  const { t } = texts
  return {
    head: { title: t('academy:needsAssessment.answerTitle'), noindex: true },
    nav: 'paths',
    assessment: { href: '/needs-assessment', title: content.title },
    suggestion: proposal ? suggestionView(texts, needsOf(content, answers).minutes, proposal) : null,
    empty: {
      title: t('academy:needsAssessment.nothingLeft'),
      text: t('academy:needsAssessment.nothingLeftText'),
      link: { href: '/courses', text: t('academy:search.noneLink') },
    },
    saved: t(saved ? 'academy:needsAssessment.saved' : 'academy:needsAssessment.notSaved'),
  }
}

function suggestionView(texts: Texts, available: number, proposal: Proposal) {
  const { path, now, later, shortest } = proposal
  const { t } = texts
  const first = now[0] ?? shortest
  return {
    path: path && { href: `/paths/${path.slug}`, summary: path.summary },
    title: path?.title ?? t('academy:needsAssessment.answerTitle'),
    lede: ledeOf(texts, available, proposal),
    firstCourse: `/courses/${first!.slug}`,
    now: now.map(course => courseView(texts, course)),
    laterTitle: t(now.length ? 'academy:needsAssessment.later' : 'academy:needsAssessment.wholePath'),
    later: later.map(course => courseView(texts, course)),
  }
}

/** What fits the time that the visitor has, with its price, and what doesn't. */
function ledeOf(texts: Texts, available: number, { now, later, shortest }: Proposal): string {
  const { t, minutes } = texts
  const lengthOf = (courses: Published[]) => minutes(courses.reduce((sum, course) => sum + course.minutes, 0))
  const values = {
    time: lengthOf(now),
    price: priceText(texts, totalPrices(now.map(({ content }) => content.price))),
    available: Number.isFinite(available) ? minutes(available) : '',
    rest: lengthOf(later),
    shortest: minutes(shortest?.minutes ?? 0),
  }
  if (!now.length) return t('academy:needsAssessment.noneFits', values)
  const key = later.length && Number.isFinite(available) ? 'someFit' : 'answer'
  return t(`academy:needsAssessment.${key}`, { ...values, count: now.length })
}

function courseView({ t, minutes, money }: Texts, { slug, content, minutes: length }: Published) {
  const { title, summary, price } = content
  const cost = price ? money(price.amount, price.currency) : t('academy:facts.free')
  return { href: `/courses/${slug}`, title, summary, facts: `${minutes(length)} · ${cost}` }
}
