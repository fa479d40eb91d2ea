import type { Types } from 'mongoose'
import { changeOnce } from '../courses/change-draft'
import { maxBodyLength } from '../courses/content'
import { changeLesson, lessonNamed } from '../courses/outline'
import { now } from '../platform/clock'
import { conflict, HttpError, notFound } from '../platform/errors'
import { Posts } from './post'
import { Threads, type Thread } from './thread'

/** Where an answered question stands, and what leads back to it. */
type Place = { path: string; link: string; answer: string }

/**
 * Appends a question and its accepted answer to the draft of its lesson, as text that a reader opens. Nobody's name is
 * in it. Once only: again changes nothing.
 *
 * @param place `path` of its page, the words of the `link` to it, and the heading of its `answer`.
 * @throws 404 for a lesson that the draft no longer has, 409 without an accepted answer, 422 for one that gets too long
 */
export async function addThreadToLesson(thread: Thread, place: Place, by: Types.ObjectId): Promise<void> {
  const isOpen =
    thread.state === 'shown' && thread.audience === 'everyone' && thread.lesson && thread.accepted
  const answer = isOpen && (await Posts.findOne({ _id: thread.accepted, state: 'shown' }))
  if (!answer) throw conflict('studio:errors.noAcceptedAnswer')
  const slug = thread.lesson!
  const block = discussionBlock(thread, answer.text, place)
  await changeOnce(
    thread.course,
    { submission: `thread:${String(thread._id)}`, lesson: slug },
    content => {
      const lesson = lessonNamed(content, slug)
      if (!lesson) throw notFound()
      if (lesson.body.includes(place.path)) return content
      const body = `${lesson.body.trimEnd()}\n\n${block}\n`
      if (body.length > maxBodyLength) {
        throw new HttpError(422, 'studio:errors.lessonTooLong', { maximum: maxBodyLength })
      }
      return changeLesson(content, slug, { body })
    },
    by,
  )
  await Threads.updateOne({ _id: thread._id, inLessonFrom: null }, { $set: { inLessonFrom: now() } })
}

/** The Markdown of a question and its answer. */
function discussionBlock(
  { title, text }: Pick<Thread, 'title' | 'text'>,
  answer: string,
  place: Place,
): string {
  const parts = [
    `<details>\n<summary>${plain(title)}</summary>`,
    ...(text ? [quoted(inLesson(text))] : []),
    `**${place.answer}**`,
    inLesson(answer),
    `[${place.link}](${place.path})`,
    '</details>',
  ]
  return parts.join('\n\n')
}

/** Words of one line, which are no Markdown. */
const plain = (words: string) => words.replace(/[\\`*_[\]<>#&]/g, '\\$&')

const quoted = (text: string) =>
  text
    .split('\n')
    .map(line => `> ${line}`.trimEnd())
    .join('\n')

/** A post's Markdown within a lesson: headings would be in its outline, and tags would end what it stands in. */
const inLesson = (text: string) =>
  text
    .trim()
    .replace(/^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$/gm, '**$1**')
    .replace(/<\/?(?:details|summary)[^>\n]*>/gi, '`$&`')
