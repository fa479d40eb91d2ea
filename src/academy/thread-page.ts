import type { Response } from 'express'
import { topicOfQuestion } from '../community/give-feedback'
import type { QueryFilter } from 'mongoose'
import { Posts, type Post } from '../community/post'
import type { Thread } from '../community/thread'
import { communityCaps } from '../community/thread'
import { writersIn, type Writer } from '../community/writers'
import { questionsPath, threadPath } from '../community/thread-path'
import type { Published } from '../courses/published'
import { Courses } from '../courses/course'
import { coursePermissions } from '../courses/course-role'
import { isGraded, kindOf } from '../courses/kinds/kinds'
import { Revisions } from '../courses/revision'
import { clock, type TranscriptLine } from '../courses/transcript'
import { lessonPath } from '../courses/lesson-path'
import type { Person } from '../people/person'
import type { MemberHandler } from '../web/handler'
import { pageLinks, readPage, type At } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { canOpen, courseContext } from './course-context'
import { shelfLink } from './group-context'
import { imageFieldsOf, postImageView } from './post-images'
import { agoText, postHtml, versionViews, voteView, writerView } from './post-view'
import { canRead, canWriteHere, threadContextOf } from './thread-context'
import { similarRows } from './threads'

/** Answers on a page, each with its replies. */
const pageSize = 10

/**
 * What of the answers and replies is on the page: what the rules hold is there for its writer and the team. An answer
 * of a deleted account, which has no words any more, keeps its place above the replies of others.
 */
const readableBy = ({ _id }: Person, isTeam: boolean): QueryFilter<Post> => ({
  $or: [
    { state: { $in: ['shown', 'hidden'] } },
    { state: 'held', ...(!isTeam && { person: _id }) },
    { state: 'removed', text: '' },
  ],
})

/** `GET /courses/:slug/questions/:id`: a question with its answers. */
export const show: MemberHandler = async (request, response, person) => {
  response.render('academy/community/thread', await threadView(response, person, parametersOf(request)))
}

/** Returns what a question's page shows, which also shows the errors in its form. */
export async function threadView(response: Response, person: Person, { after, before }: At = {}) {
  const texts = textsOf(response)
  const { t } = texts
  const { published } = courseContext(response)
  const { thread, lesson, isTeam } = threadContextOf(response)
  const path = threadPath(published.slug, thread)
  const readable = readableBy(person, isTeam)
  const answers = { thread: thread._id, answer: null }
  const isFirst = !after && !before
  const [page, accepted, similar] = await Promise.all([
    readPage<Post>(
      beyond =>
        Posts.find({ $and: [{ ...answers, ...readable }, { _id: { $ne: thread.accepted } }, beyond] }),
      { votes: -1, _id: 1 },
      { after, before },
      pageSize,
    ),
    isFirst && thread.accepted ? Posts.findOne({ ...answers, _id: thread.accepted }) : null,
    thread.state === 'shown' ? similarRows(texts, published, thread.title, person, thread._id) : [],
  ])
  const shown = accepted ? [accepted, ...page.rows] : page.rows
  const replies = shown.length
    ? await Posts.find({
        thread: thread._id,
        answer: { $in: shown.map(({ _id }) => _id) },
        ...readable,
      }).sort({ _id: 1 })
    : []
  const people = [thread, ...shown, ...replies].map(each => each.person)
  const writers = await writersIn(
    published.course,
    thread.acceptedBy ? [...people, thread.acceptedBy] : people,
  )
  const title = titleOf(texts, thread)
  const canWrite = canWriteHere(response) && thread.state === 'shown'
  return {
    head: { title, noindex: true },
    nav: 'community',
    scripts: ['/js/community.js'],
    crumbs: crumbs(texts, published, lesson, thread),
    path,
    title,
    question: questionView(response, person, writers, path),
    count: t('academy:community.answers', { count: thread.answers }),
    answers: shown.map(post => ({
      ...answerView(response, post, person, writers, path),
      accepted: post === accepted ? acceptedText(texts, thread, writers) : null,
      acceptance: acceptanceView(response, post, person, path),
      // What a moderator hides takes its replies with it.
      replies: replies
        .filter(({ answer }) => canRead(thread) && post.state !== 'hidden' && answer?.equals(post._id))
        .map(reply => postView(response, reply, person, writers, path)),
    })),
    canWrite,
    join: canWrite ? null : joinView(texts, published, thread),
    answerField: {
      name: 'text',
      label: t('academy:community.yourAnswer'),
      kind: 'textarea',
      rows: 6,
      maxlength: communityCaps.text,
      hint: t('academy:community.markdown'),
    },
    imageFields: imageFieldsOf(texts),
    followField: { name: 'follow', kind: 'checkbox', label: t('academy:community.emailMe'), checked: true },
    unanswered: thread.answers === 0 && thread.state === 'shown' ? t('academy:community.unanswered') : null,
    still:
      lesson && thread.second !== null && thread.state === 'shown'
        ? await stillView(response, published, lesson, thread.second)
        : null,
    feedback: thread.state === 'shown' ? await feedbackView(response, thread) : null,
    similar,
    inLesson: await inLessonView(texts, published, thread, lesson, person),
    addToShelf:
      thread.state === 'shown'
        ? await shelfLink(response.locals.brand, person, { thread: String(thread._id) })
        : null,
    pages: { ...pageLinks(page, (at: At) => `${path}?${new URLSearchParams({ ...at })}`), notes: [] },
  }
}

/** The button that adds it to its lesson's draft, and since when it is part of what learners read. */
async function inLessonView(
  { t, date }: Texts,
  { course, slug }: Published,
  thread: Thread,
  lesson: Lesson | null,
  person: Person,
) {
  if (!lesson) return null
  if (thread.inLessonFrom && lesson.body.includes(threadPath(slug, thread))) {
    const since = { course, publishedAt: { $gte: thread.inLessonFrom } }
    const [first] = await Revisions.find(since, { publishedAt: 1 }).sort({ number: 1 }).limit(1)
    return { since: first && t('academy:community.inLesson', { day: date(first.publishedAt) }), action: null }
  }
  const isReady = thread.state === 'shown' && thread.audience === 'everyone' && thread.accepted !== null
  if (!isReady || isGraded(lesson) || lesson.kind === 'tour') return null
  const team = await Courses.findById(course, { team: 1 })
  if (!team || !coursePermissions(person, team).has('write')) return null
  const isDrafted = thread.inLessonFrom !== null
  return {
    since: isDrafted ? t('academy:community.inDraft') : null,
    action: isDrafted ? null : `/studio${lessonPath({ slug }, lesson)}/threads/${String(thread._id)}`,
  }
}

/** What the product team makes of it: learners see what is public, and the team can pass a question on. */
async function feedbackView(response: Response, { _id }: Thread) {
  const { t } = textsOf(response)
  const isTeam = Boolean(response.locals.can?.allCourses)
  const topic = await topicOfQuestion(_id)
  if (topic && (isTeam || topic.isPublic)) {
    return {
      href: isTeam ? `/feedback/${topic._id}` : '/wishes',
      text: t('academy:community.feedback', {
        state: t(`account:wishes.state.${topic.state}`),
        count: topic.people,
      }),
      reason: topic.reason,
    }
  }
  if (!isTeam) return null
  const query = new URLSearchParams({ source: 'question', ref: String(_id) })
  return { href: `/feedback/new?${query}`, text: t('academy:community.toFeedback'), reason: '' }
}

/** Where a moderator decides about something, and comes back from. */
const hideView = (_id: Post['_id'], back: string) => ({
  href: `/studio/moderation/${String(_id)}?back=${encodeURIComponent(back)}`,
})

function titleOf({ t }: Texts, { state, title }: Thread): string {
  if (state === 'hidden') return t('academy:community.hiddenQuestion')
  return state === 'removed'
    ? t('academy:community.removedQuestion')
    : title || t('academy:community.goneQuestion')
}

function crumbs({ t }: Texts, published: Published, lesson: Lesson | null, { second }: Thread) {
  const href = lesson && lessonPath(published, lesson)
  return [
    { text: published.content.title, href: `/courses/${published.slug}` },
    { text: t('academy:community.crumb'), href: questionsPath(published.slug) },
    ...(lesson && href ? [{ text: lesson.title, href }] : []),
    ...(href && second !== null
      ? [{ text: t('academy:community.at', { time: clock(second) }), href: `${href}?t=${second}` }]
      : []),
  ]
}
type Lesson = Published['lessons'][number]

/** Where in the recording the question is, with what is said there for those who can open it. */
async function stillView(response: Response, published: Published, lesson: Lesson, second: number) {
  const { t } = textsOf(response)
  const { slug, content } = published
  const time = clock(second)
  const canPlay = canOpen(courseContext(response), lesson)
  const part = canPlay
    ? await kindOf(lesson).show?.(lesson, { slug, ...content }, { requested: null, last: undefined })
    : null
  const lines = part && 'lines' in part ? (part.lines as TranscriptLine[]) : []
  const isVideo = lesson.kind === 'video'
  return {
    href: `${lessonPath(published, lesson)}?t=${second}`,
    at: t(`academy:community.${isVideo ? 'atInVideo' : 'atInAudio'}`, { time }),
    text: t('academy:community.playFrom', { time }),
    line: lines.findLast(({ start, isChapter }) => start <= second && !isChapter)?.text ?? '',
    picture: isVideo ? `/courses/${slug}/poster.webp` : null,
  }
}

function questionView(response: Response, person: Person, writers: Map<string, Writer>, path: string) {
  const texts = textsOf(response)
  const { t } = texts
  const { thread, isTeam } = threadContextOf(response)
  const isOwn = thread.person.equals(person._id)
  const isFollowed = thread.followers.some(each => each.equals(person._id))
  // The team that answers needs the name, to ask back.
  const isNameHidden = thread.isNameHidden && !isTeam
  return {
    state: thread.state,
    isShown: canRead(thread),
    html: canRead(thread) && thread.text ? postHtml(thread.text) : '',
    picture: canRead(thread) ? postImageView(texts, thread, path) : null,
    note: noteOn(texts, thread),
    who: writerView(texts, writers.get(String(thread.person)), isNameHidden, isOwn),
    hiddenName: thread.isNameHidden && isTeam && !isOwn ? t('academy:community.nameHiddenTeam') : null,
    when: agoText(texts, thread.askedAt),
    edited: editedView(texts, thread),
    vote: voteView(texts, thread, person, path, 'question'),
    follow: {
      action: `${path}/following${isFollowed ? '/removal' : ''}`,
      text: t(`academy:community.${isFollowed ? 'unfollow' : 'follow'}`),
      count: thread.followers.length,
    },
    edit: isOwn && thread.state === 'shown' ? `${path}/edit` : null,
    removal: isOwn && thread.state === 'shown' ? `${path}/removal` : null,
    report: !isOwn && thread.state === 'shown' ? `${path}/report` : null,
    hide: isTeam && thread.state !== 'hidden' && !isOwn ? hideView(thread._id, path) : null,
  }
}

function noteOn({ t }: Texts, { audience, state }: Thread): string | null {
  if (state === 'held') return t('academy:community.held')
  return audience === 'team' ? t('academy:community.teamOnly') : null
}

function editedView(texts: Texts, { editedAt, versions }: Pick<Post, 'editedAt' | 'versions'>) {
  return editedAt
    ? { text: texts.t('academy:community.edited'), versions: versionViews(texts, versions) }
    : null
}

function answerView(...args: Parameters<typeof postView>) {
  const view = postView(...args)
  const { t } = textsOf(args[0])
  return { ...view, replyLabel: t('academy:community.replyTo', { name: view.who.name }) }
}

function postView(
  response: Response,
  post: Post,
  person: Person,
  writers: Map<string, Writer>,
  threadAt: string,
) {
  const texts = textsOf(response)
  const { t } = texts
  const { thread, isTeam } = threadContextOf(response)
  const path = `${threadAt}/posts/${String(post._id)}`
  const isOwn = post.person.equals(person._id)
  const isShown = canRead(post) && canRead(thread)
  // Whoever asked without a name answers below it without one, too.
  const isNameHidden = thread.isNameHidden && post.person.equals(thread.person)
  return {
    id: `post-${String(post._id)}`,
    isShown,
    html: isShown ? postHtml(post.text) : '',
    hidden: isShown ? null : t(`academy:community.${post.state === 'removed' ? 'gonePost' : 'hiddenPost'}`),
    note: post.state === 'held' ? t('academy:community.held') : null,
    picture: isShown ? postImageView(texts, post, path) : null,
    who: writerView(texts, writers.get(String(post.person)), isNameHidden, isOwn),
    when: t(`academy:community.${post.via === 'email' ? 'byEmail' : 'on'}`, {
      when: agoText(texts, post.writtenAt),
    }),
    edited: editedView(texts, post),
    vote: voteView(texts, post, person, path, 'answer'),
    reply: { action: `${threadAt}/posts`, answer: String(post._id) },
    share: `${threadAt}#post-${String(post._id)}`,
    edit: isOwn && post.state === 'shown' ? `${path}/edit` : null,
    removal: isOwn && post.state === 'shown' ? `${path}/removal` : null,
    report: !isOwn && post.state === 'shown' ? `${path}/report` : null,
    hide: isTeam && post.state !== 'hidden' && !isOwn ? hideView(post._id, threadAt) : null,
  }
}

function acceptedText({ t }: Texts, thread: Thread, writers: Map<string, Writer>): string {
  const by = thread.acceptedBy
  if (by && !by.equals(thread.person)) return t('academy:community.acceptedByTeam')
  const writer = writers.get(String(thread.person))
  if (!writer || thread.isNameHidden) return t('academy:community.acceptedByAsker')
  return t('academy:community.acceptedBy', { name: writer.name })
}

/** The button that accepts an answer, for its asker and the team. */
function acceptanceView(response: Response, post: Post, person: Person, threadAt: string) {
  const { t } = textsOf(response)
  const { thread, isTeam } = threadContextOf(response)
  if (!(isTeam || thread.person.equals(person._id)) || thread.state !== 'shown' || post.state !== 'shown')
    return null
  const isAccepted = thread.accepted?.equals(post._id) === true
  return {
    action: `${threadAt}/posts/${String(post._id)}/acceptance${isAccepted ? '/removal' : ''}`,
    text: t(`academy:community.${isAccepted ? 'unaccept' : 'accept'}`),
  }
}

function joinView({ t }: Texts, { slug }: Published, { state }: Thread) {
  if (state !== 'shown') return null
  return {
    text: t('academy:community.join'),
    href: `/courses/${slug}`,
    link: t('academy:community.joinLink'),
  }
}
