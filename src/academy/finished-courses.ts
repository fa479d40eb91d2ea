import { goalOf } from '../learning/goal'
import { cover } from '../web/charts/cover'
import { courseLooks } from '../web/course-palette'
import type { MemberHandler } from '../web/handler'
import { pageZone } from '../web/reader-zone'
import { textsOf } from '../web/texts'
import { courseContext } from './course-context'
import { courseLanguage } from './course-language'
import { demoOffer } from './demos'
import { nextCourses } from './next-courses'
import { reviewsPath } from './reviews'
import { nextStepLink, nextStepOf } from './next-step'
import { isMotivated } from './weekly-goal'

/**
 * `GET /courses/:slug/finished`: what a learner can do after a course that they have completed, its certificate, and
 * the next step. Everyone else, and those who have switched it off, are sent to the course.
 */
export const show: MemberHandler = async (request, response, person) => {
  const context = courseContext(response)
  const { published, enrolment, hasAccess } = context
  const { slug, content, lessons } = published
  const isFinished = hasAccess && enrolment?.completedAt
  if (!isFinished || !isMotivated(response, await goalOf(person._id))) {
    return response.redirect(303, `/courses/${slug}`)
  }
  const texts = textsOf(response)
  const { t, dir } = texts
  const [looks, next, demo] = await Promise.all([
    courseLooks(response.locals.brand),
    nextCourses(response, person, published),
    demoOffer(request, response, person),
  ])
  const [step, link] = [nextStepOf(response, context), nextStepLink(response)]
  response.render('academy/finished', {
    head: { title: t('academy:finished.title', { course: content.title }), noindex: true },
    nav: 'courses',
    scripts: ['/js/zone.js'],
    zone: pageZone(request),
    title: t('academy:finished.title', { course: content.title }),
    lede: t('academy:finished.lede', { count: lessons.length }),
    language: courseLanguage(published),
    outcomes: content.outcomes,
    certificate: content.certificate ? `/courses/${slug}/certificate` : null,
    course: `/courses/${slug}`,
    reviews: reviewsPath(slug),
    colonnade: cover({
      id: slug,
      topic: content.topic,
      palette: looks(slug).palette,
      lessons: lessons.map(({ minutes }) => ({ minutes, blue: true })),
      format: 'head',
      rtl: dir === 'rtl',
    }),
    demo,
    offer: step && link && { text: step.text, link },
    plans: response.locals.offers.pricing && step?.kind !== 'checkout',
    nextCourses: next,
  })
}
