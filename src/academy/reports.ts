import type { Response } from 'express'
import { z } from 'zod'
import { report, reportCaps, reportReasons } from '../community/moderation-case'
import type { Post } from '../community/post'
import { threadPath } from '../community/thread-path'
import { setFlash } from '../web/flash'
import { optionalField, readForm, refuseForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'
import { courseContext } from './course-context'
import { postIn, threadContextOf } from './thread-context'
import { notFound } from '../platform/errors'

const schema = z.object({
  reason: z.enum(reportReasons, { error: 'web:errors.chooseOne' }),
  text: optionalField(reportCaps.text),
})

/** `GET …/report`: why a question should be looked at. */
export const showThreadReport: MemberHandler = (_request, response) => {
  shownThread(response)
  response.render('academy/community/report', reportView(response))
}

/** `POST …/report`: tells the moderators. */
export const reportThread: MemberHandler = async (request, response, person) => {
  const thread = shownThread(response)
  const { data, form } = readForm(schema, request, response)
  if (form) return refuseForm(response, 'academy/community/report', form, reportView(response))
  const subject = { kind: 'thread' as const, thread, of: thread }
  await report(subject, person._id, { ...data, text: data.text ?? '' })
  thank(response)
}

function shownThread(response: Response) {
  const { thread } = threadContextOf(response)
  if (thread.state !== 'shown') throw notFound()
  return thread
}

/** `GET …/posts/:entry/report`: the same about an answer or a reply. */
export const showPostReport: MemberHandler = async (request, response) => {
  const post = await shownPost(response, request.params.entry)
  response.render('academy/community/report', reportView(response, post))
}

/** `POST …/posts/:entry/report` */
export const reportPost: MemberHandler = async (request, response, person) => {
  const post = await shownPost(response, request.params.entry)
  const { data, form } = readForm(schema, request, response)
  if (form) return refuseForm(response, 'academy/community/report', form, reportView(response, post))
  const subject = { kind: 'post' as const, thread: threadContextOf(response).thread, of: post }
  await report(subject, person._id, { ...data, text: data.text ?? '' })
  thank(response)
}

async function shownPost(response: Response, id: string): Promise<Post> {
  const post = await postIn(response, id)
  if (post.state !== 'shown') throw notFound()
  return post
}

function thank(response: Response): void {
  const { t } = textsOf(response)
  const { published } = courseContext(response)
  setFlash(response, {
    kind: 'done',
    bold: t('academy:community.report.sent'),
    text: t('academy:community.report.sentText'),
  })
  response.redirect(303, threadPath(published.slug, threadContextOf(response).thread))
}

function reportView(response: Response, post?: Post) {
  const { t } = textsOf(response)
  const { thread } = threadContextOf(response)
  const path = threadPath(courseContext(response).published.slug, thread)
  const title = t('academy:community.report.title')
  return {
    head: { title, noindex: true },
    nav: 'community',
    title,
    quote: post ? post.text : [thread.title, thread.text].filter(Boolean).join('\n\n'),
    action: `${path}${post ? `/posts/${String(post._id)}` : ''}/report`,
    back: path,
    fields: [
      {
        name: 'reason',
        kind: 'radios',
        label: t('academy:community.report.reason'),
        options: reportReasons.map(value => ({
          value,
          text: t(`academy:community.report.reasons.${value}`),
        })),
      },
      {
        name: 'text',
        kind: 'textarea',
        rows: 3,
        label: t('academy:community.report.text'),
        optional: true,
        maxlength: reportCaps.text,
      },
    ],
  }
}
