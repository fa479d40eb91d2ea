import { confirmLesson, type Finding } from '../courses/check-course'
import { lessonsOf } from '../courses/content'
import type { CourseState } from './course-state'
import type { TextLink, Texts } from '../web/texts'
import { urlOf } from './urls'

type CheckItem = { tone: string; icon: string; iconLabel?: string; text: string; link: TextLink | null }

/**
 * Returns the findings shown next to a course's pages, followed by what was found to be right: for one lesson on its
 * own pages, for the whole course on all others.
 */
export function checksView(state: CourseState, texts: Texts): CheckItem[] {
  const { course, lesson, findings } = state
  const { t } = texts
  const shown = lesson ? findings.filter(finding => finding.lesson === lesson.slug) : findings
  const confirmed = lesson ? confirmLesson(course.draft, lesson, shown) : []
  const passed = { tone: 'is-pine', icon: 'check-circle-fill', link: null }
  if (!shown.length && !confirmed.length) {
    return [{ ...passed, text: t(lesson ? 'studio:checks.lessonOk' : 'studio:checks.courseOk') }]
  }
  return [
    ...shown.map(finding => findingItem(finding, state, texts)),
    ...confirmed.map(({ key, values }) => ({
      ...passed,
      iconLabel: t('studio:levels.ok'),
      text: t(key, values),
    })),
  ]
}

function findingItem(finding: Finding, state: CourseState, texts: Texts): CheckItem {
  const { level, key, values } = finding
  const { t } = texts
  const isError = level === 'error'
  return {
    tone: isError ? 'is-brick' : 'is-ochre',
    icon: isError ? 'x-circle-fill' : 'warning-fill',
    iconLabel: t(`studio:levels.${level}`),
    text: t(key, values),
    link: linkOf(finding, state, texts),
  }
}

/** Returns where to fix a finding: a lesson, one of its lines, its settings or the course's description. */
function linkOf({ lesson, line, field }: Finding, state: CourseState, { t }: Texts): TextLink | null {
  const { course, canWrite } = state
  if (!lesson) {
    if (!line) return null
    return { href: `${urlOf(course)}/settings#description`, text: t('studio:checks.line', { line }) }
  }
  const anchor = line ? `#line-${line}` : ''
  const href = `${urlOf(course, lesson)}${anchor}`
  if (!state.lesson) {
    return { href, text: lessonsOf(course.draft).find(each => each.slug === lesson)?.title ?? lesson }
  }
  if (line) return { href, text: t('studio:checks.line', { line }) }
  if (!field || !canWrite) return null
  return { href: `${urlOf(course, lesson)}/settings#${field}`, text: t('studio:checks.change') }
}
