import type { Lesson, Module } from '../courses/course'
import { kindOf } from '../courses/kinds/kinds'
import type { CourseState } from './course-state'
import type { Texts } from '../web/texts'
import type { PersonsPresent } from './presence-view'
import { editorUrl, urlOf } from './urls'

type MoveButton = { to: 'up' | 'down'; icon: string; label: string }

type OutlineLesson = {
  slug: string
  title: string
  href: string
  icon: string
  minutes: string
  needsFixes: boolean
  /** How many comments are open on it, in words; empty without any. */
  comments: string
  isOpen: boolean
  /** Who else is in the lesson; null when nobody is. */
  present: PersonsPresent | null
  /** Value of `aria-current`; null for a lesson that isn't open. */
  current: 'page' | 'true' | null
  /** Where a move is posted; null for a reader who can't write. */
  positionUrl: string | null
  /** The arrows of the open lesson; null on the other lessons. */
  moves: MoveButton[] | null
}

/** Returns the outline shown next to a course's pages. */
export function outlineView(state: CourseState, texts: Texts) {
  const { course, tab, canWrite, lesson } = state
  const { t, number } = texts
  const url = urlOf(course)
  return {
    title: course.draft.title,
    href: url,
    isOpen: tab === 'course',
    draftState: draftState(state, texts),
    changes: state.requestedChanges && {
      title: t('studio:outline.changesRequested', { name: state.requestedChanges.by }),
      note: clipped(state.requestedChanges.note),
      href: `${url}/review`,
    },
    modules: course.draft.modules.map(module => ({
      folder: module.folder,
      title: module.title,
      minutes: number(minutesOf(module)),
      lessons: module.lessons.map(each => outlineLesson(each, state, texts)),
    })),
    actions: canWrite
      ? [
          ...(course.draft.modules.length
            ? [{ href: `${url}/lessons/new`, text: t('studio:outline.addLesson') }]
            : []),
          { href: `${url}#add-module`, text: t('studio:outline.addModule') },
        ]
      : [],
    reorderHint: canWrite && lesson ? t('studio:outline.reorderHint') : '',
  }
}

/** In characters: the review page has the whole reason. */
const maxNote = 240
const clipped = (note: string) => (note.length > maxNote ? `${note.slice(0, maxNote).trimEnd()}…` : note)

/** Returns how many comments are open on a lesson; empty without any. */
export function openCommentsOf(
  { slug }: Lesson,
  openComments: ReadonlyMap<string, number>,
  t: Texts['t'],
): string {
  const count = openComments.get(slug)
  return count ? t('studio:outline.comments', { count }) : ''
}

/** Returns the buttons that move a lesson or module up and down. */
export function moveButtons(title: string, t: Texts['t']): [up: MoveButton, down: MoveButton] {
  return [
    { to: 'up', icon: 'arrow-up', label: t('studio:outline.up', { title }) },
    { to: 'down', icon: 'arrow-down', label: t('studio:outline.down', { title }) },
  ]
}

/** Returns the sum of the minutes of a module's lessons. */
export function minutesOf(module: Module): number {
  return module.lessons.reduce((sum, lesson) => sum + lesson.minutes, 0)
}

function draftState({ course, published, isUpToDate }: CourseState, { t }: Texts): string {
  if (!published) return t('studio:outline.draft', { draft: course.draftNumber })
  if (isUpToDate) return t('studio:outline.noChanges', { version: published.number })
  return t('studio:outline.draftOverVersion', { draft: course.draftNumber, version: published.number })
}

function outlineLesson(each: Lesson, state: CourseState, { t, number }: Texts): OutlineLesson {
  const { course, lesson, tab, canWrite, faultyLessons, present } = state
  const url = urlOf(course, each)
  const href = canWrite ? editorUrl(course, each) : url
  const isOpen = lesson?.slug === each.slug
  return {
    slug: each.slug,
    title: each.title,
    href,
    icon: kindOf(each).icon,
    minutes: number(each.minutes),
    needsFixes: faultyLessons.has(each.slug),
    comments: openCommentsOf(each, state.openComments, t),
    isOpen,
    present: present.get(each.slug) ?? null,
    current: isOpen ? (tab === 'write' && href === url ? 'page' : 'true') : null,
    positionUrl: canWrite ? `${url}/position` : null,
    moves: isOpen && canWrite ? moveButtons(each.title, t) : null,
  }
}
