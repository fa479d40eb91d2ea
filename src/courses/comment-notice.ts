import { Types } from 'mongoose'
import { People, type Person } from '../people/person'
import { later, minutes, now } from '../platform/clock'
import { defineQueue, doubling, wakeWorker, work, type Consumer } from '../platform/queue'
import { list, nested, objectId, string, type RecordOf } from '../platform/record'
import { Courses, type Course } from './course'
import { coursePermissions, teamAccounts } from './course-role'

/** What a person should read about a course: mentions of them, and replies to them. One email says all of a burst. */
const CommentNotices = defineQueue(
  'CommentNotice',
  'comment_notices',
  {
    /** `course:person`. */
    _id: string(),
    course: objectId(),
    person: objectId(),
    items: list(nested({ key: objectId(), lesson: string(), by: objectId(), text: string() })),
  },
  { queue: 'comment-notices' },
)
export type CommentNotice = RecordOf<typeof CommentNotices>

/** An email leaves this long after the last of a burst of comments. */
const quietFor = minutes(5)

/** Returns the people who can be mentioned in a course: those who may read it in the studio, by name. */
export async function mentionable({ team }: Pick<Course, 'team'>): Promise<Person[]> {
  const people = await People.find({ role: { $in: [...teamAccounts] }, suspendedAt: null, erasedAt: null })
  return people
    .filter(person => coursePermissions(person, { team }).has('comment'))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'))
}

/** Returns those of these people whom a text mentions: `@Ines Halvorsen`, in any case. */
export function mentionedIn(text: string, people: Person[]): Person[] {
  const plain = text.toLowerCase()
  // “@Ann Lee” doesn't mention Ann.
  const byLength = people.toSorted((a, b) => b.name.length - a.name.length)
  const { found } = byLength.reduce(
    ({ rest, found }, person) => {
      const mention = `@${person.name.toLowerCase()}`
      if (!rest.includes(mention)) return { rest, found }
      const isSame = (each: Person) => each.name.toLowerCase() === person.name.toLowerCase()
      return { rest: rest.replaceAll(mention, ' '), found: [...found, ...people.filter(isSame)] }
    },
    { rest: plain, found: [] as Person[] },
  )
  return found
}

/** Notes a comment for the people whom it mentions, and for those whom it replies to (`to`), except its author. */
export async function notifyOfComment(
  { _id: course }: Pick<Course, '_id'>,
  { lesson, by, text, to }: { lesson: string; by: Types.ObjectId; text: string; to: Types.ObjectId[] },
): Promise<void> {
  const current = await Courses.findById(course)
  if (!current) return
  const people = await mentionable(current)
  const repliedTo = people.filter(({ _id }) => to.some(each => each.equals(_id)))
  const recipients = new Set([...mentionedIn(text, people), ...repliedTo].map(({ _id }) => String(_id)))
  recipients.delete(String(by))
  for (const person of recipients) {
    await CommentNotices.update(
      { _id: `${course}:${person}` },
      {
        // A worker that is sending those before leaves this one for the next email.
        $set: {
          ...{ course, person: new Types.ObjectId(person), dueAt: later(now(), quietFor) },
          ...{ attempts: 0, failedAt: null, leaseToken: null, leaseUntil: null },
        },
        $push: { items: { key: new Types.ObjectId(), lesson, by, text } },
      },
      { upsert: true },
    )
  }
  if (recipients.size) wakeWorker.emit('due', CommentNotices.queue)
}

/**
 * Creates the consumer that emails people about comments: calls `email` with those of a burst, which must queue one
 * email for the same ones.
 */
export function emailComments(email: (notice: CommentNotice) => Promise<unknown>): Consumer {
  const policy = { lease: minutes(2), backoff: doubling(minutes(1), minutes(60)), maxAttempts: 20 }
  return work(CommentNotices, policy, async notice => {
    if (!notice.items.length) return
    await email(notice)
    const keys = notice.items.map(({ key }) => key)
    await CommentNotices.updateOne({ _id: notice._id }, { $pull: { items: { key: { $in: keys } } } })
  })
}
