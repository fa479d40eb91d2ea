import type { Response } from 'express'
import { textsOf, type TextLink } from '../web/texts'
import { courseContext, type CourseContext } from './course-context'

/** What a course offers as its next step: its own, or else that of the brand; null for none. */
export function nextStepOf(response: Response, { published }: Pick<CourseContext, 'published'>) {
  const { brand, offers } = response.locals
  const step = published.content.callToAction ?? brand.content.nextStep
  return step?.kind === 'checkout' && !offers.pricing ? null : step
}

/**
 * Returns the link to the next step of the course that `load` found: to the plans, to where trials begin, or to a
 * request, which says what the learner has asked for and when. Null without a next step.
 */
export function nextStepLink(response: Response): TextLink | null {
  const context = courseContext(response)
  const step = nextStepOf(response, context)
  if (!step) return null
  const { trialUrl } = response.locals.brand.content
  if (step.kind === 'checkout') return { href: '/pricing', text: step.label }
  if (step.kind === 'trial' && trialUrl) return { href: trialUrl, text: step.label }
  const { t, date } = textsOf(response)
  const path = `/courses/${context.published.slug}/contact-request`
  const request = context.enrolment?.contactRequest
  if (!request) return { href: path, text: step.label }
  const day = date(request.at, 'short')
  return { href: `${path}/sent`, text: t(`academy:contactRequest.link.${request.kind}`, { day }) }
}
