import type { Types } from 'mongoose'
import { Emails } from '../mail/email'
import { Posts } from './post'

/**
 * Deletes emails about something that isn't shown any more and that wait to be sent: their ids begin with what they are
 * about. Those about the answers to a question have its title, so they go with it.
 */
export async function deleteUnsentNotices(kind: 'thread' | 'post', _id: Types.ObjectId): Promise<void> {
  if (kind === 'post') return deleteUnsent('questionAnswered', _id)
  await deleteUnsent('questionAsked', _id)
  for (const post of await Posts.distinct('_id', { thread: _id }))
    await deleteUnsent('questionAnswered', post)
}

async function deleteUnsent(view: string, _id: Types.ObjectId): Promise<void> {
  const start = `${view}:${String(_id)}:`
  await Emails.deleteMany({ _id: { $gte: start, $lt: `${start}~` }, dueAt: { $type: 'date' } })
}
