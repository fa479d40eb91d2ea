import type { Request, Response } from 'express'
import type { Published } from '../courses/published'
import { coursesOf } from '../courses/shown-courses'
import { completeNeedsAssessment } from '../signals/complete-needs-assessment'
import type { Handler, MemberHandler } from '../web/handler'
import type { Form } from '../web/form'
import { pathSummaries } from './stats'
import { proposePath, questions, type NeedsAnswers, type Proposal } from './needs-questions'
import { textsOf, type Texts } from '../web/texts'

/**
 * The needs assessment and the learning path it leads to. A GET form for anonymous visitors: it needs no session, its
 * result can be bookmarked or shared, and nothing is stored.
 */
export const show: Handler = async (request, response, person) => {
  if (request.query.work === undefined && request.query.goal === undefined) return showForm(request, response)
  const { answers, form } = readNeeds(textsOf(response), request.query)
  if (!answers) return showForm(request, response, form)
  const proposal = proposePath(await pathSummaries(await coursesOf(response.locals.brand)), answers)
  const view = resultView(textsOf(response), answers, proposal, person !== null)
  response.render('academy/needs-assessment-result', view)
}

/** The same for a signed-in visitor: stores the answers and the path they lead to. */
export const create: MemberHandler = async (request, response, person) => {
  const { answers, form } = readNeeds(textsOf(response), request.body as Record<string, unknown>)
  if (!answers) return showForm(request, response, form)
  const proposal = proposePath(await pathSummaries(await coursesOf(response.locals.brand)), answers)
  await completeNeedsAssessment(person._id, answers, proposal?.path.slug ?? null)
  response.redirect(303, `/needs-assessment?${new URLSearchParams(answers)}`)
}

function readNeeds(
  { t }: Texts,
  fields: Record<string, unknown>,
): { answers: NeedsAnswers; form?: undefined } | { answers?: undefined; form: Form } {
  const errors: Record<string, string> = {}
  const values: Record<string, string> = {}
  for (const { id, answers } of questions) {
    const answer = answers.find(each => each === fields[id])
    if (answer) values[id] = answer
    else {
      const question = t(`academy:needsAssessment.${id}.question`)
      errors[id] = t('academy:needsAssessment.missing', { question })
    }
  }
  return Object.keys(errors).length ? { form: { values, errors } } : { answers: values as NeedsAnswers }
}

function showForm(request: Request, response: Response, form?: Form): void {
  const view = formView(textsOf(response), request.user !== undefined)
  const head = { ...view.head, noindex: form !== undefined }
  response
    .status(form ? 422 : 200)
    .render('academy/needs-assessment', { ...view, head, ...(form && { form }) })
}

function formView({ t }: Texts, isSignedIn: boolean) {
  return {
    head: { title: t('academy:needsAssessment.title'), description: t('academy:needsAssessment.lede') },
    nav: 'paths',
    isSignedIn,
    method: isSignedIn ? 'post' : 'get',
    fields: questions.map(({ id, answers }) => ({
      name: id,
      kind: 'radios',
      label: t(`academy:needsAssessment.${id}.question`),
      options: answers.map(value => ({ value, text: t(`academy:needsAssessment.${id}.${value}`) })),
      required: true,
    })),
    note: t(isSignedIn ? 'academy:needsAssessment.willBeSaved' : 'academy:needsAssessment.willNotBeSaved'),
  }
}

function resultView(
  texts: Texts,
  answers: NeedsAnswers,
  proposal: Proposal | undefined,
  isSignedIn: boolean,
) {
  const { t } = texts
  return {
    head: { title: t('academy:needsAssessment.answerTitle'), noindex: true },
    nav: 'paths',
    suggestion: proposal ? suggestionView(texts, answers, proposal) : null,
    empty: {
      title: t('academy:paths.none'),
      text: t('academy:paths.noneText'),
      link: { href: '/courses', text: t('academy:search.noneLink') },
    },
    decidesSoon: answers.when === 'soon',
    saved: t(isSignedIn ? 'academy:needsAssessment.saved' : 'academy:needsAssessment.notSaved'),
  }
}

function suggestionView(texts: Texts, answers: NeedsAnswers, { path, now, later }: Proposal) {
  const { t } = texts
  const [first] = now.length ? now : [...later].sort((a, b) => a.minutes - b.minutes)
  return {
    href: `/paths/${path.slug}`,
    title: path.title,
    summary: path.summary,
    lede: ledeOf(texts, answers, { path, now, later }),
    firstCourse: `/courses/${first!.slug}`,
    now: now.map(course => courseView(texts, course)),
    laterTitle: t(now.length ? 'academy:needsAssessment.later' : 'academy:needsAssessment.wholePath'),
    later: later.map(course => courseView(texts, course)),
  }
}

/** What fits the time that the visitor has, and what doesn't. */
function ledeOf({ t, minutes }: Texts, answers: NeedsAnswers, { now, later }: Proposal): string {
  const lengthOf = (courses: Published[]) => minutes(courses.reduce((sum, course) => sum + course.minutes, 0))
  const goal = t(`academy:needsAssessment.goal.${answers.goal}`)
  const values = {
    goal,
    time: lengthOf(now),
    available: t(`academy:needsAssessment.time.${answers.time}`),
    rest: lengthOf(later),
    shortest: minutes(Math.min(...later.map(course => course.minutes))),
  }
  if (!now.length) return t('academy:needsAssessment.noneFits', values)
  return t(later.length ? 'academy:needsAssessment.someFit' : 'academy:needsAssessment.answer', {
    ...values,
    count: now.length,
  })
}

function courseView({ t, minutes, money }: Texts, { slug, content, minutes: length }: Published) {
  const { title, summary, price } = content
  const cost = price ? money(price.amount, price.currency) : t('academy:facts.free')
  return { href: `/courses/${slug}`, title, summary, facts: `${minutes(length)} · ${cost}` }
}
