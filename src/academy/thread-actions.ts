import type { Request, Response } from 'express'
import { z } from 'zod'
import { acceptAnswer, answerQuestion } from '../community/answer-question'
import { askQuestion } from '../community/ask-question'
import {
  changePost,
  changeThread,
  takeDownPost,
  takeDownThread,
  putBackPost,
  putBackThread,
} from '../community/change-post'
import { communityCaps, splitQuestion } from '../community/thread'
import { setFollowing, setVote } from '../community/vote'
import { threadPath } from '../community/thread-path'
import { lessonPath } from '../courses/lesson-path'
import { isObjectIdOrHexString, Types } from 'mongoose'
import { conflict, forbidden } from '../platform/errors'
import { setFlash } from '../web/flash'
import { checkbox, field, lineField, optionalField, readForm, refuseForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { recordIdOf, submissionOf } from '../web/occasion'
import { textsOf } from '../web/texts'
import { courseContext, lessonOf } from './course-context'
import { lessonView } from './lessons'
import { withImage, type ReturnedForm } from './post-images'
import { postIn, threadContextOf } from './thread-context'
import { threadView } from './thread-page'

const questionSchema = z.object({
  text: field('academy:ask.missing', communityCaps.text),
  second: z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .nullable()
    .catch(null),
  isNameHidden: checkbox,
})

/** `POST /courses/:slug/lessons/:lesson/questions`: asks about a lesson, or a second of its recording. */
export const create: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const { published } = courseContext(response)
  const lesson = lessonOf(response)
  const { data, form } = readForm(questionSchema, request, response)
  if (form) return refuseForm(response, 'academy/lesson', form, await lessonView(request, response))
  const _id = recordIdOf(submissionOf(request, person))
  const second = data.second !== null && data.second < (lesson.mediaSeconds ?? 0) ? data.second : null
  const place = { _id, thread: _id, person: person._id }
  const { written: isHeld, refused } = await withImage(request, response, place, picture =>
    askQuestion(
      {
        ...{ _id, person: person._id, course: published.course, lesson: lesson.slug, second, picture },
        ...{ isNameHidden: data.isNameHidden, ...splitQuestion(data.text) },
      },
      lesson.title,
    ),
  )
  if (refused)
    return sendBack(request, response, 'academy/lesson', refused, await lessonView(request, response))
  const href = threadPath(published.slug, { _id })
  setFlash(response, {
    kind: 'done',
    bold: t('academy:ask.sent'),
    text: t(isHeld ? 'academy:community.heldText' : 'academy:ask.sentText'),
    link: { href, text: t('academy:ask.open') },
  })
  response.redirect(303, `${lessonPath(published, lesson)}#ask`)
}

/** Shows a form again, with everything that was typed and why it wasn't sent. */
function sendBack(
  request: Request,
  response: Response,
  view: string,
  { status, errors }: ReturnedForm,
  values: Record<string, unknown>,
): void {
  const form = { values: request.body as Record<string, unknown>, errors }
  response.status(status).render(view, { ...values, form })
}

const postSchema = z.object({
  text: field('academy:community.missing', communityCaps.text),
  answer: z
    .string()
    .refine(isObjectIdOrHexString)
    .transform(id => new Types.ObjectId(id))
    .nullable()
    .default(null),
  follow: checkbox,
})

/** `POST …/posts`: answers, or replies to the answer that the form names. */
export const createPost: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const { thread } = threadContextOf(response)
  if (thread.state !== 'shown') throw conflict('academy:errors.community.notShown')
  const { data, form } = readForm(postSchema, request, response)
  if (form) return refuseForm(response, 'academy/community/thread', form, await threadView(response, person))
  const { text, answer, follow } = data
  const _id = recordIdOf(submissionOf(request, person))
  const place = { _id, thread: thread._id, person: person._id }
  const { written: isHeld, refused } = await withImage(request, response, place, picture =>
    answerQuestion(thread, { _id, person: person._id, text, answer, via: 'web', picture }, aboutOf(response)),
  )
  if (refused) {
    return sendBack(
      request,
      response,
      'academy/community/thread',
      refused,
      await threadView(response, person),
    )
  }
  if (!answer && !follow) await setFollowing(thread._id, person._id, false)
  setFlash(response, {
    kind: 'done',
    bold: t(`academy:community.${answer ? 'replied' : 'answered'}`),
    ...(isHeld && { text: t('academy:community.heldText') }),
  })
  back(response, `#post-${String(_id)}`)
}

/** What a question is about: the title of its lesson, or of its course. */
function aboutOf(response: Response): string {
  return threadContextOf(response).lesson?.title ?? courseContext(response).published.content.title
}

function back(response: Response, anchor = ''): void {
  const { published } = courseContext(response)
  response.redirect(303, `${threadPath(published.slug, threadContextOf(response).thread)}${anchor}`)
}

const voted =
  (isFor: boolean): MemberHandler =>
  async (_request, response, person) => {
    await setVote('thread', threadContextOf(response).thread._id, person._id, isFor)
    back(response)
  }
export const upvote = voted(true)
export const withdrawVote = voted(false)

const votedPost =
  (isFor: boolean): MemberHandler =>
  async (request, response, person) => {
    const { _id } = await postIn(response, request.params.entry)
    await setVote('post', _id, person._id, isFor)
    back(response, `#post-${String(_id)}`)
  }
export const upvotePost = votedPost(true)
export const withdrawPostVote = votedPost(false)

const followed =
  (isFollowing: boolean): MemberHandler =>
  async (_request, response, person) => {
    const { t } = textsOf(response)
    await setFollowing(threadContextOf(response).thread._id, person._id, isFollowing)
    setFlash(response, {
      kind: 'done',
      bold: t(`academy:community.${isFollowing ? 'followed' : 'unfollowed'}`),
    })
    back(response)
  }
export const follow = followed(true)
export const unfollow = followed(false)

const accepted =
  (isAccepted: boolean): MemberHandler =>
  async (request, response, person) => {
    const { thread, isTeam } = threadContextOf(response)
    if (!isTeam && !thread.person.equals(person._id)) throw forbidden()
    const { _id } = await postIn(response, request.params.entry)
    if (isAccepted || thread.accepted?.equals(_id)) {
      await acceptAnswer(thread, isAccepted ? _id : null, person._id, aboutOf(response))
    }
    back(response, `#post-${String(_id)}`)
  }
export const accept = accepted(true)
export const unaccept = accepted(false)

const changeSchema = z.object({
  title: lineField('academy:ask.missing', communityCaps.title),
  text: optionalField(communityCaps.text),
})

/** `GET …/edit`: the form that changes one's own question. */
export const edit: MemberHandler = (_request, response, person) => {
  const { thread } = threadContextOf(response)
  if (!thread.person.equals(person._id) || thread.state !== 'shown') throw forbidden()
  response.render('academy/community/edit', editView(response, thread))
}

/** `POST …`: changes one's own question. */
export const update: MemberHandler = async (request, response, person) => {
  const { thread } = threadContextOf(response)
  if (!thread.person.equals(person._id) || thread.state !== 'shown') throw forbidden()
  const { data, form } = readForm(changeSchema, request, response)
  if (form) return refuseForm(response, 'academy/community/edit', form, editView(response, thread))
  sayChanged(response, await changeThread(thread, { title: data.title, text: data.text ?? '' }))
  back(response)
}

function sayChanged(response: Response, isHeld: boolean): void {
  const { t } = textsOf(response)
  setFlash(response, {
    kind: 'done',
    bold: t('academy:community.changed'),
    ...(isHeld && { text: t('academy:community.heldText') }),
  })
}

const changePostSchema = z.object({ text: field('academy:community.missing', communityCaps.text) })

/** `GET …/posts/:entry/edit`: the form that changes one's own answer or reply. */
export const editPost: MemberHandler = async (request, response, person) => {
  const post = await ownPost(response, request.params.entry, person)
  response.render('academy/community/edit', editView(response, post, `/posts/${String(post._id)}`))
}

/** `POST …/posts/:entry`: changes it. */
export const updatePost: MemberHandler = async (request, response, person) => {
  const post = await ownPost(response, request.params.entry, person)
  const anchor = `/posts/${String(post._id)}`
  const { data, form } = readForm(changePostSchema, request, response)
  if (form) return refuseForm(response, 'academy/community/edit', form, editView(response, post, anchor))
  sayChanged(response, await changePost(threadContextOf(response).thread, post, data.text))
  back(response, `#post-${String(post._id)}`)
}

async function ownPost(response: Response, id: string, person: { _id: Types.ObjectId }) {
  const post = await postIn(response, id)
  if (!post.person.equals(person._id) || post.state !== 'shown') throw forbidden()
  return post
}

function editView(response: Response, { title, text }: { title?: string; text: string }, below = '') {
  const { t } = textsOf(response)
  const { published } = courseContext(response)
  const path = threadPath(published.slug, threadContextOf(response).thread)
  const words = {
    ...{ name: 'text', kind: 'textarea', rows: 8, value: text, maxlength: communityCaps.text },
    label: t(`academy:community.${title === undefined ? 'yourAnswer' : 'details'}`),
    hint: t('academy:community.markdown'),
  }
  const line = {
    name: 'title',
    label: t('academy:community.question'),
    value: title,
    maxlength: communityCaps.title,
  }
  const heading = t(`academy:community.${title === undefined ? 'editPost' : 'editQuestion'}`)
  return {
    head: { title: heading, noindex: true },
    nav: 'community',
    title: heading,
    action: `${path}${below}`,
    back: path,
    fields: title === undefined ? [words] : [line, words],
  }
}

/** `POST …/removal`: removes one's own question. It can be put back for 10 minutes. */
export const removeThread: MemberHandler = async (_request, response, person) => {
  const { t } = textsOf(response)
  const { thread } = threadContextOf(response)
  if (!thread.person.equals(person._id)) throw forbidden()
  await takeDownThread(thread)
  const path = threadPath(courseContext(response).published.slug, thread)
  setFlash(response, {
    kind: 'done',
    bold: t('academy:community.removed'),
    undo: { action: `${path}/restoration`, text: t('academy:community.undo') },
  })
  back(response)
}

/** `POST …/restoration`: puts it back. */
export const restoreThread: MemberHandler = async (_request, response, person) => {
  const { thread } = threadContextOf(response)
  if (!thread.person.equals(person._id)) throw forbidden()
  await putBackThread(thread)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('academy:community.restored') })
  back(response)
}

/** `POST …/posts/:entry/removal`: removes one's own answer or reply; likewise. */
export const destroyPost: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const post = await ownPost(response, request.params.entry, person)
  await takeDownPost(post)
  const path = threadPath(courseContext(response).published.slug, threadContextOf(response).thread)
  setFlash(response, {
    kind: 'done',
    bold: t('academy:community.removed'),
    undo: { action: `${path}/posts/${String(post._id)}/restoration`, text: t('academy:community.undo') },
  })
  back(response)
}

/** `POST …/posts/:entry/restoration`: puts it back. */
export const undoPostRemoval: MemberHandler = async (request, response, person) => {
  const post = await postIn(response, request.params.entry)
  if (!post.person.equals(person._id)) throw forbidden()
  await putBackPost(post)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('academy:community.restored') })
  back(response, `#post-${String(post._id)}`)
}
