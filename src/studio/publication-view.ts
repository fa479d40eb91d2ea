import { isDeepStrictEqual } from 'node:util'
import { compareLessons, compareLines, isRestChanged } from '../courses/compare'
import { lessonsOf } from '../courses/content'
import type { Course, CourseContent, Lesson } from '../courses/course'
import { lessonNamed } from '../courses/outline'
import { learnersOutside } from '../learning/learners-outside'
import { effectOfMove } from '../learning/move-learners'
import { People } from '../people/person'
import type { FormField } from '../web/field'
import type { TextLink, Texts } from '../web/texts'
import { urlOf } from './urls'
import { firstChangesHtml } from '../web/word-diff'

type ChangeRow = {
  colour: string
  tag: string
  title: string
  text: string
  diffHtml: string
  link: TextLink | null
}

/** Returns what a publication changes: new, changed and removed lessons, the rest, and the files that become public. */
export function changeRows(course: Course, before: CourseContent, texts: Texts): ChangeRow[] {
  const { t, minutes } = texts
  const { draft } = course
  const lessons = compareLessons(before, draft).map(({ slug, title, change }): ChangeRow => {
    const row = { tag: t(`studio:publication.tags.${change}`), title, text: '', diffHtml: '', link: null }
    if (change === 'removed') return { ...row, colour: 'tag-brick' }
    const lesson = lessonNamed(draft, slug)!
    if (change === 'added') {
      const text = `${t(`studio:kinds.${lesson.kind}`)}, ${minutes(lesson.minutes)}`
      const link = { href: `${urlOf(course, slug)}/preview`, text: t('studio:bar.preview') }
      return { ...row, colour: 'tag-pine', text, link }
    }
    const passage = firstChange(lessonNamed(before, slug)!, lesson)
    const link = {
      href: `${urlOf(course, slug)}/history`,
      text: t('studio:publication.all', { count: passage?.changes ?? 1 }),
    }
    const text = passage ? '' : t('studio:publication.lessonSettings')
    return { ...row, colour: '', text, diffHtml: passage?.html ?? '', link }
  })
  const known = new Set(before.assets.map(({ hash }) => hash))
  const files = draft.assets.filter(({ hash }) => !known.has(hash))
  const other = { text: '', diffHtml: '', link: null }
  return [
    ...lessons,
    ...(isRestChanged(before, draft)
      ? [
          {
            ...other,
            colour: '',
            tag: t('studio:publication.tags.changed'),
            title: t('studio:revision.settingsChanged'),
          },
        ]
      : []),
    ...(files.length
      ? [
          {
            ...other,
            colour: 'tag-ochre',
            tag: t('studio:publication.tags.public'),
            title: t('studio:publication.files', { count: files.length }),
            link: { href: `${urlOf(course)}/files`, text: t('studio:publication.see') },
          },
        ]
      : []),
  ]
}

/**
 * Returns who sees the course once the draft is published, and what that means for those who have enrolled; null when
 * the draft doesn't change it.
 */
export async function visibilityRow(
  course: Course,
  before: CourseContent,
  { t }: Texts,
): Promise<ChangeRow | null> {
  const { draft } = course
  const who = ({ visibility = 'public' }: CourseContent) => visibility
  const lists = ({ companies = [], excludedCompanies = [] }: CourseContent) => ({
    companies,
    excludedCompanies,
  })
  const isSame = who(before) === who(draft)
  if (isSame && isDeepStrictEqual(lists(before), lists(draft))) return null
  const { count, isAtLeast } = await learnersOutside(course, draft)
  const key = !count ? 'nobodyOutside' : isAtLeast ? 'outsideAtLeast' : 'outside'
  return {
    colour: 'tag-ochre',
    tag: t('studio:publication.tags.changed'),
    title: isSame
      ? t('studio:publication.visibilityCompanies')
      : t('studio:publication.visibility', {
          before: t(`studio:visibility.${who(before)}`),
          after: t(`studio:visibility.${who(draft)}`),
        }),
    text: t(`studio:publication.${key}`, { count }),
    diffHtml: '',
    link: { href: `${urlOf(course)}/settings#who`, text: t('studio:bar.settings') },
  }
}

/** Returns the first passage of a lesson's text that differs, and how many do; null when its text is the same. */
function firstChange(before: Lesson, after: Lesson): { html: string; changes: number } | null {
  const lines = compareLines(before.body, after.body)
  const starts = lines.flatMap(({ kind }, n) => (kind !== 'same' && lines[n - 1]?.kind !== kind ? [n] : []))
  const groups = starts.filter(n => n === 0 || lines[n - 1]!.kind === 'same')
  if (!groups.length) return null
  const end = lines.findIndex(({ kind }, n) => n > groups[0]! && kind === 'same')
  const changed = lines.slice(groups[0], end < 0 ? undefined : end)
  const textOf = (kind: 'removed' | 'added') =>
    changed
      .filter(line => line.kind === kind)
      .map(({ text }) => text)
      .join('\n')
  return { html: firstChangesHtml(textOf('removed'), textOf('added')), changes: groups.length }
}

/** Learners who are named when a move sets them back. */
const maxNamed = 3

/**
 * Returns the choice between leaving learners in progress where they are and moving them; null when there are none.
 *
 * @param isNamed whether the reader may know who they are: nobody of another company does.
 */
export async function learnersField(
  course: Course,
  before: { content: CourseContent; number: number },
  isNamed: boolean,
  texts: Texts,
): Promise<FormField | null> {
  const { t, minutes } = texts
  const changed = compareLessons(before.content, course.draft).flatMap(({ slug, change }) =>
    change === 'changed' ? slug : [],
  )
  const lessons = lessonsOf(course.draft)
  const effect = await effectOfMove(course, lessons, changed)
  if (!effect.inProgress) return null
  const known = new Set(lessonsOf(before.content).map(({ slug }) => slug))
  const more = lessons.filter(({ slug }) => !known.has(slug)).reduce((sum, lesson) => sum + lesson.minutes, 0)
  const [first] = effect.setBack
  const named = effect.setBack.slice(0, maxNamed).map(({ person }) => person)
  const people = isNamed ? await People.find({ _id: { $in: named }, erasedAt: null }, { name: 1 }) : []
  const stay = [
    t('studio:publication.stayText'),
    ...(effect.finishedChanged
      ? [t('studio:publication.finishedChanged', { count: effect.finishedChanged })]
      : []),
  ]
  const move = [
    effect.withMore
      ? t('studio:publication.withMore', { count: effect.withMore, time: minutes(more) })
      : t('studio:publication.withoutMore'),
    ...(first
      ? [
          t(`studio:publication.${people.length ? 'setBack' : 'setBackUnnamed'}`, {
            count: effect.setBack.length,
            lesson: first.lesson.title,
            names: people.map(({ name }) => name).join(', '),
          }),
        ]
      : []),
  ]
  return {
    kind: 'radios',
    name: 'move',
    label: t('studio:publication.learners'),
    options: [
      {
        value: 'no',
        text: t('studio:publication.stay', { count: effect.inProgress, version: before.number }),
        hint: stay.join(' '),
        checked: true,
      },
      { value: 'yes', text: t('studio:publication.move'), hint: move.join(' ') },
    ],
  }
}
