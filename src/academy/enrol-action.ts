import type { Lesson } from '../courses/course'
import type { Published } from '../courses/published'
import type { Translate } from '../web/i18n'

/**
 * The button that enrols a visitor: a link to sign up or to pay, or a form that enrols them immediately.
 *
 * @param lesson where it leads; by default, the first lesson.
 */
export function enrolAction(
  t: Translate,
  published: Published,
  isSignedIn: boolean,
  lesson?: Lesson,
): { isForm: boolean; href: string; text: string } {
  const course = `/courses/${published.slug}`
  if (published.content.price) {
    return isSignedIn
      ? { isForm: false, href: `${course}/checkout`, text: t('academy:course.buy') }
      : { isForm: false, href: `/sign-up?next=${course}/checkout`, text: t('academy:course.signUpAndBuy') }
  }
  const wanted = lesson ? `?lesson=${lesson.slug}` : ''
  return isSignedIn
    ? { isForm: true, href: `${course}/enrolment${wanted}`, text: t('academy:course.start') }
    : {
        isForm: false,
        href: `/sign-up?next=${course}/enrolment${encodeURIComponent(wanted)}`,
        text: t('academy:course.enrol'),
      }
}
