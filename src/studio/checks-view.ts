import { confirmLesson, type Finding, type TriedLink } from '../courses/check-course'
import { assetNamed } from '../courses/asset'
import { lessonsOf } from '../courses/content'
import { outsideLinksOf, untriedReason } from '../courses/outside-link'
import { lessonNamed } from '../courses/outline'
import { readSteps } from '../courses/steps'
import type { CourseState } from './course-state'
import type { TextLink, Texts } from '../web/texts'
import { urlOf } from './urls'

type CheckItem = { tone: string; icon: string; iconLabel?: string; text: string; link: TextLink | null }

/**
 * Returns the findings shown next to a course's pages, followed by what was found to be right and what is known about
 * each outside link: for one lesson on its own pages, for the whole course on all others.
 */
export function checksView(state: CourseState, texts: Texts): CheckItem[] {
  const { course, lesson, findings, around } = state
  const { t } = texts
  const shown = lesson ? findings.filter(finding => finding.lesson === lesson.slug) : findings
  const confirmed = lesson ? confirmLesson(course.draft, lesson, shown, around) : []
  const passed = { tone: 'is-pine', icon: 'check-circle-fill', link: null }
  const outside = outsideItems(state, texts)
  const isQuiet = shown.every(({ level }) => level === 'look') && !confirmed.length
  return [
    ...(isQuiet
      ? [{ ...passed, text: t(lesson ? 'studio:checks.lessonOk' : 'studio:checks.courseOk') }]
      : []),
    ...(lesson ? shown : lookedAtTogether(shown)).map(finding => findingItem(finding, state, texts)),
    ...confirmed.map(({ key, values }) => ({
      ...passed,
      iconLabel: t('studio:levels.ok'),
      text: t(key, values),
    })),
    ...outside,
  ]
}

/** The outside links that are listed: a longer list hides what matters. */
const maxListed = 30

/** Returns what trying each outside link led to, and when. Dead ones are findings. */
function outsideItems({ course, lesson, around }: CourseState, { t, date }: Texts): CheckItem[] {
  const links = outsideLinksOf(course.draft).filter(link => !lesson || link.lesson === lesson.slug)
  const urls = [...new Set(links.map(({ url }) => url))]
  const alive = urls.filter(url => around.outside.get(url)?.outcome !== 'dead')
  const items = alive.slice(0, maxListed).map((url): CheckItem => {
    const link = around.outside.get(url)
    const values = {
      url: url.length > 80 ? `${url.slice(0, 80)}…` : url,
      date: link?.checkedAt ? date(link.checkedAt, 'short') : '',
      status: link?.status ?? 0,
    }
    const text = t(`studio:outsideLinks.${outcomeOf(url, link)}`, values)
    const isAnswered = link?.outcome === 'answered'
    return {
      tone: isAnswered ? 'is-pine' : '',
      icon: isAnswered ? 'check-circle-fill' : 'info',
      iconLabel: t(`studio:levels.${isAnswered ? 'ok' : 'note'}`),
      text: link?.movedTo ? `${text} ${t('studio:outsideLinks.moved', { url: link.movedTo })}` : text,
      link: null,
    }
  })
  const rest = alive.length - items.length
  if (!rest) return items
  const text = t('studio:outsideLinks.more', { count: rest })
  return [...items, { tone: '', icon: 'info', text, link: null }]
}

function outcomeOf(url: string, link: TriedLink | undefined): string {
  if (!link?.outcome)
    return { off: 'off', private: 'private', port: 'port' }[String(untriedReason(url))] ?? 'notYet'
  if (link.outcome === 'answered') return 'answered'
  return `${link.outcome}.${link.reason}`
}

/** Returns findings with one for all pictures to look at, which leads to the first of them. */
function lookedAtTogether(findings: Finding[]): Finding[] {
  const [first, ...others] = findings.filter(({ level }) => level === 'look')
  if (!first || !others.length) return findings
  const count = [first, ...others].reduce((sum, { values }) => sum + Number(values.count), 0)
  return [...findings.filter(({ level }) => level !== 'look'), { ...first, values: { count } }]
}

const marks = {
  error: { tone: 'is-brick', icon: 'x-circle-fill' },
  warning: { tone: 'is-ochre', icon: 'warning-fill' },
  look: { tone: '', icon: 'eye' },
}

function findingItem(finding: Finding, state: CourseState, texts: Texts): CheckItem {
  const { level, key } = finding
  const { t, date } = texts
  const { checkedAt } = finding.values
  const values = { ...finding.values, ...(checkedAt && { date: date(new Date(checkedAt), 'short') }) }
  return {
    ...marks[level],
    iconLabel: t(`studio:levels.${level}`),
    text: t(key, values),
    link: linkOf(finding, state, texts),
  }
}

/** Returns where to fix a finding: a question, a lesson or one of its lines, settings, or the course's description. */
function linkOf(finding: Finding, state: CourseState, { t }: Texts): TextLink | null {
  const { key, lesson, line, field, question } = finding
  const { course, canWrite } = state
  const captions = lesson && canWrite ? captionsUrl(finding, course) : null
  if (captions) {
    const title = lessonNamed(course.draft, lesson!)!.title
    const isHere = state.lesson !== undefined
    return {
      href: captions,
      text: isHere ? t('studio:captions.write') : t('studio:checks.captionsOf', { lesson: title }),
    }
  }
  if (!lesson) {
    if (field && canWrite)
      return { href: `${urlOf(course)}/settings#${field}`, text: t('studio:checks.change') }
    if (!line) return null
    return { href: `${urlOf(course)}/settings#description`, text: t('studio:checks.goTo') }
  }
  const isAboutQuestions = key === 'studio:checks.longestRight'
  const place = question
    ? `/questions/${question}`
    : isAboutQuestions
      ? '/questions?longest=1'
      : line
        ? `#line-${line}`
        : ''
  const href = `${urlOf(course, lesson)}${place}`
  if (!state.lesson) {
    return { href, text: lessonsOf(course.draft).find(each => each.slug === lesson)?.title ?? lesson }
  }
  if (question) return { href, text: t('studio:checks.openQuestion') }
  if (isAboutQuestions) return { href, text: t('studio:checks.showQuestions') }
  // A step of a tour is fixed in its form.
  if (field === 'steps') {
    const step = readSteps(state.lesson.body).steps.find(each => each.line === line)
    const steps = `${urlOf(course, lesson)}/steps`
    return { href: step ? `${steps}/${step.id}` : steps, text: t('studio:bar.steps') }
  }
  if (!canWrite) return null
  if (line) return { href, text: t('studio:checks.goTo') }
  if (!field) return null
  return { href: `${urlOf(course, lesson)}/settings#${field}`, text: t('studio:checks.change') }
}

/** Returns where missing or empty captions are written; null for a finding about anything else. */
function captionsUrl({ key, values, lesson }: Finding, course: CourseState['course']): string | null {
  const url = (of: Record<string, string>) => `${urlOf(course)}/captions?${new URLSearchParams(of)}`
  if (key === 'studio:checks.emptyCaptions') return url({ path: String(values.file) })
  if (key === 'studio:checks.noCaptionsBeside') return url({ recording: String(values.file) })
  const { assets } = course.draft
  const about = key === 'studio:checks.noCaptions' ? lessonNamed(course.draft, lesson!) : undefined
  const recording = about?.kind === 'video' ? assetNamed(assets, about.video) : undefined
  return recording ? url({ recording: recording.path }) : null
}
