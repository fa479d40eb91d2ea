import { Comments, type Comment } from '../courses/comment'
import { mentionable } from '../courses/comment-notice'
import type { Lesson } from '../courses/course'
import { quoteFinder, type Place } from '../courses/text-quote'
import { People, type Person } from '../people/person'
import { initialsOf } from '../web/initials'
import type { Texts } from '../web/texts'
import type { CourseState } from './course-state'
import { urlOf } from './urls'
import { wordDiffHtml } from '../web/word-diff'

/** The most open comments of a lesson that are shown, and the most closed ones: the newest of these. */
const maxShown = 200

/** Returns what the pages of a lesson show about its comments: open ones in the order of the text, then closed ones. */
export async function commentsView(state: CourseState, lesson: Lesson, texts: Texts) {
  const { t } = texts
  const { course, permissions, tab } = state
  const about = { course: course._id, lesson: lesson.slug }
  const [waiting, done] = await Promise.all([
    Comments.find({ ...about, state: 'open' })
      .sort({ at: 1 })
      .limit(maxShown),
    Comments.find({ ...about, state: { $ne: 'open' } })
      .sort({ at: -1 })
      .limit(maxShown),
  ])
  const comments = [...waiting, ...done.reverse()]
  const names = await namesOf(comments)
  const placeIn = quoteFinder(lesson.body)
  const rows = comments
    .map(comment => ({ comment, place: placeIn(comment.quote) }))
    .sort((a, b) => (a.place?.start ?? Infinity) - (b.place?.start ?? Infinity))
    .map(({ comment, place }) => commentRow(comment, place, { state, lesson, names, texts }))
  const open = rows.filter(({ isOpen }) => isOpen)
  const people = permissions.has('comment') ? await mentionable(course) : []
  return {
    title: t('studio:comments.title', { count: open.length }),
    open,
    closed: rows.filter(({ isOpen }) => !isOpen),
    closedTitle: t('studio:comments.closed', { count: rows.length - open.length }),
    keys: 'Ctrl Shift M',
    canComment: permissions.has('comment'),
    url: `${urlOf(course, lesson)}/comments`,
    from: tab === 'write' ? 'write' : 'preview',
    people: JSON.stringify(people.map(({ name }) => name)),
    mention: people.length
      ? t('studio:comments.mention', {
          names: people
            .slice(0, 8)
            .map(({ name }) => `@${name}`)
            .join(', '),
        })
      : '',
  }
}

function commentRow(
  comment: Comment,
  place: Place | null,
  {
    state: { course, canWrite },
    lesson,
    names,
    texts: { t, date },
  }: { state: CourseState; lesson: Lesson; names: Map<string, string>; texts: Texts },
) {
  const { quote, text, replacement, replies, state } = comment
  const isSuggestion = replacement !== null
  const nameOf = (id: Person['_id']) => names.get(String(id)) ?? t('studio:comments.someone')
  const url = `${urlOf(course, lesson)}/comments/${comment._id}`
  const isOpen = state === 'open'
  const action = (path: string, key: string) => ({ url: `${url}/${path}`, text: t(`studio:comments.${key}`) })
  return {
    id: `comment-${comment._id}`,
    key: String(comment._id),
    isOpen,
    name: nameOf(comment.by),
    initials: initialsOf(nameOf(comment.by)),
    time: date(comment.at, 'full'),
    quote,
    shownQuote: quote.exact.length > 90 ? `${quote.exact.slice(0, 90)}…` : quote.exact,
    passage: place ? (place.isExact ? '' : t('studio:comments.changed')) : t('studio:comments.gone'),
    text,
    changesHtml: isSuggestion ? wordDiffHtml(quote.exact, replacement) : '',
    stateText: isOpen
      ? ''
      : t(`studio:comments.states.${state}`, { name: comment.closedBy ? nameOf(comment.closedBy) : '' }),
    replies: replies.map(reply => ({
      name: nameOf(reply.by),
      text: reply.text,
      time: date(reply.at, 'full'),
    })),
    replyUrl: `${url}/replies`,
    actions: isOpen
      ? isSuggestion
        ? canWrite
          ? [action('acceptance', 'accept'), action('rejection', 'decline')]
          : []
        : [action('resolution', 'resolve')]
      : state === 'accepted'
        ? []
        : [action('reopening', 'reopen')],
  }
}

async function namesOf(comments: Comment[]): Promise<Map<string, string>> {
  const ids = comments.flatMap(({ by, closedBy, replies }) =>
    [by, closedBy ?? [], ...replies.map(each => each.by)].flat(),
  )
  const people = await People.find({ _id: { $in: ids } }, { name: 1 })
  return new Map(people.map(({ _id, name }) => [String(_id), name]))
}
