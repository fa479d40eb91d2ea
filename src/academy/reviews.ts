import type { Request, Response } from 'express'
import type { QueryFilter } from 'mongoose'
import { z } from 'zod'
import {
  answerReview,
  deleteReview,
  fewestForAverage,
  hideReview,
  reviewCaps,
  reviewId,
  Reviews,
  reviewSummary,
  writeReview,
  type Review,
  type ReviewSummary,
} from '../community/review'
import { writersIn, type Writer } from '../community/writers'
import type { Person } from '../people/person'
import { forbidden } from '../platform/errors'
import { setFlash } from '../web/flash'
import { checkbox, optionalField, readForm, refuseForm } from '../web/form'
import type { Handler, MemberHandler } from '../web/handler'
import { pageLinks, readPage, type At, type SortOrder } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { isForEveryone } from '../courses/visibility'
import { courseContext, type CourseContext } from './course-context'
import { agoText, writerView } from './post-view'
import { answersFor } from './thread-context'

const pageSize = 10

const orders = {
  newest: { writtenAt: -1, _id: -1 },
  highest: { stars: -1, writtenAt: -1, _id: -1 },
  lowest: { stars: 1, writtenAt: 1, _id: 1 },
} as const satisfies Record<string, SortOrder>
type Order = keyof typeof orders
const orderNames = Object.keys(orders) as Order[]

export const reviewsPath = (slug: string) => `/courses/${slug}/reviews`

/** Whether someone may write a review: they have completed the course, and have it. */
export const canReview = ({ enrolment, hasAccess }: CourseContext) =>
  hasAccess && Boolean(enrolment?.completedAt)

/** Returns how a course is reviewed, in a few words: an average once there are enough; null without reviews. */
export function ratingText({ t, number }: Texts, { total, average }: ReviewSummary): string | null {
  if (!total) return null
  if (total < fewestForAverage) return t('academy:reviews.count', { count: total })
  return t('academy:reviews.rating', { average: number(Math.round(average * 10) / 10), count: total })
}

/** `GET /courses/:slug/reviews`: what learners who have completed a course say of it. */
export const index: Handler = async (request, response, person) => {
  response.render('academy/reviews', await reviewsView(request, response, person))
}

async function reviewsView(request: Request, response: Response, person: Person | null) {
  const texts = textsOf(response)
  const { t } = texts
  const context = courseContext(response)
  const { slug, course, content } = context.published
  const { sort, after, before } = parametersOf(request)
  const chosen = orderNames.find(each => each === sort) ?? 'newest'
  const isTeam = person !== null && (await answersFor(person, context.published))
  const filter: QueryFilter<Review> = { course, state: 'shown' }
  const [page, summary, own, hidden] = await Promise.all([
    readPage<Review>(
      beyond => Reviews.find({ $and: [filter, beyond] }),
      orders[chosen],
      { after, before },
      pageSize,
    ),
    reviewSummary(course),
    person && canReview(context) ? Reviews.findById(reviewId(person._id, course)) : null,
    isTeam ? Reviews.find({ course, state: 'hidden' }).sort({ writtenAt: -1, _id: -1 }).limit(pageSize) : [],
  ])
  const rows = [...page.rows, ...hidden]
  const writers = await writersIn(
    course,
    rows.flatMap(each => (each.answer ? [each.person, each.answer.by] : [each.person])),
  )
  const path = reviewsPath(slug)
  const address = (values: Record<string, string>) => {
    const query = new URLSearchParams({ ...(chosen !== 'newest' && { sort: chosen }), ...values })
    return query.size ? `${path}?${query}` : path
  }
  const view = (review: Review) => reviewView(texts, review, { writers, person, isTeam, path })
  return {
    head: {
      title: t('academy:reviews.title', { course: content.title }),
      canonical: path,
      ...(!isForEveryone(content) && { noindex: true }),
    },
    nav: 'courses',
    course: { href: `/courses/${slug}`, text: content.title },
    title: t('academy:reviews.heading'),
    rating: ratingText(texts, summary),
    tooFew: summary.total > 0 && summary.total < fewestForAverage,
    distribution: summary.total ? distributionOf(texts, summary) : [],
    form: { values: {}, errors: {} },
    own: person && canReview(context) ? ownView(texts, own, path) : null,
    sorts: orderNames.map(each => ({
      href: each === 'newest' ? path : `${path}?sort=${each}`,
      text: t(`academy:reviews.sort.${each}`),
      isChosen: each === chosen,
    })),
    rows: page.rows.map(view),
    hidden: hidden.map(view),
    pages: { ...pageLinks(page, (at: At) => address({ ...at })), notes: [] },
  }
}

/** The number of reviews with five stars down to one. */
function distributionOf({ t, number }: Texts, { byStars, total }: ReviewSummary) {
  return byStars
    .map((count, n) => ({
      label: t('academy:reviews.stars', { count: n + 1 }),
      value: count,
      total,
      count: number(count),
    }))
    .reverse()
}

type Around = { writers: Map<string, Writer>; person: Person | null; isTeam: boolean; path: string }

function reviewView(texts: Texts, review: Review, { writers, person, isTeam, path }: Around) {
  const { t } = texts
  const { _id, stars, text, isNameHidden, writtenAt, editedAt, answer, state } = review
  const isOwn = person !== null && review.person.equals(person._id)
  return {
    anchor: `review-${_id.replace(':', '-')}`,
    stars,
    label: t('academy:reviews.stars', { count: stars }),
    who: writerView(texts, writers.get(String(review.person)), isNameHidden, isOwn),
    when: [agoText(texts, writtenAt), editedAt && t('academy:reviews.edited')].filter(Boolean).join(' · '),
    text,
    answer: answer && {
      who: writerView(texts, writers.get(String(answer.by)), false, false),
      when: agoText(texts, answer.at),
      text: answer.text,
    },
    team: isTeam
      ? {
          answer: `${path}/${_id}/answer`,
          field: {
            ...{ name: 'answer', id: `answer-${_id.replace(':', '-')}`, kind: 'textarea', rows: 3 },
            ...{ label: t('academy:reviews.answerLabel'), value: answer?.text ?? '' },
            ...{ maxlength: reviewCaps.answer, hint: t('academy:reviews.answerHint'), form: noForm },
          },
          isHidden: state === 'hidden',
          hide: `${path}/${_id}/hiding${state === 'hidden' ? '/removal' : ''}`,
        }
      : null,
  }
}

/** The forms of the team keep nothing of the form above them. */
const noForm = { values: {}, errors: {} }

function ownView({ t }: Texts, own: Review | null, path: string) {
  return {
    title: t(`academy:reviews.${own ? 'change' : 'write'}`),
    action: path,
    removal: own ? `${path}/removal` : null,
    isHidden: own?.state === 'hidden',
    fields: [
      {
        ...{ name: 'stars', kind: 'radios', label: t('academy:reviews.starsLabel'), value: own?.stars },
        options: [5, 4, 3, 2, 1].map(value => ({
          value,
          text: t('academy:reviews.stars', { count: value }),
        })),
      },
      {
        ...{ name: 'text', kind: 'textarea', rows: 5, maxlength: reviewCaps.text, optional: true },
        ...{ label: t('academy:reviews.textLabel'), value: own?.text },
        hint: t('academy:reviews.textHint'),
      },
      {
        ...{ name: 'isNameHidden', kind: 'checkbox', label: t('academy:reviews.hideName') },
        checked: own?.isNameHidden,
      },
    ],
  }
}

const reviewSchema = z.object({
  stars: z
    .string({ error: 'academy:reviews.missing' })
    .regex(/^[1-5]$/, 'academy:reviews.missing')
    .transform(Number),
  text: optionalField(reviewCaps.text),
  isNameHidden: checkbox,
})

/** `POST /courses/:slug/reviews`: writes one's own review, or changes it. */
export const create: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const context = courseContext(response)
  if (!canReview(context)) throw forbidden()
  const { data, form } = readForm(reviewSchema, request, response)
  if (form) {
    return refuseForm(response, 'academy/reviews', form, await reviewsView(request, response, person))
  }
  const { course, content } = context.published
  const { stars, text, isNameHidden } = data
  await writeReview({ person: person._id, course, stars, text: text ?? '', isNameHidden }, content.title)
  setFlash(response, { kind: 'done', bold: t('academy:reviews.written') })
  response.redirect(303, reviewsPath(context.published.slug))
}

/** `POST …/removal`: deletes one's own review. */
export const destroy: MemberHandler = async (_request, response, person) => {
  const { course, slug } = courseContext(response).published
  await deleteReview(person._id, course)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('academy:reviews.deleted') })
  response.redirect(303, reviewsPath(slug))
}

/** Lets only those through who answer for the course. Runs after `load`. */
export const requireTeam: MemberHandler = async (_request, response, person) => {
  if (!(await answersFor(person, courseContext(response).published))) throw forbidden()
}

const answerSchema = z.object({ answer: optionalField(reviewCaps.answer) })

/** `POST …/:entry/answer`: answers a review for the team. */
export const answerAsTeam: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(answerSchema, request, response)
  if (form) {
    return refuseForm(response, 'academy/reviews', form, await reviewsView(request, response, person))
  }
  const { course, slug } = courseContext(response).published
  await answerReview(course, request.params.entry, { text: data.answer ?? '', by: person._id })
  response.redirect(303, reviewsPath(slug))
}

const hidden =
  (isHidden: boolean): MemberHandler =>
  async (request, response, person) => {
    const { course, slug } = courseContext(response).published
    await hideReview(course, request.params.entry, isHidden, person._id)
    response.redirect(303, reviewsPath(slug))
  }
/** `POST …/:entry/hiding` and `…/hiding/removal`: hides a review, or shows it again. */
export const hide = hidden(true)
export const show = hidden(false)
