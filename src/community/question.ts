import type { QueryFilter, Types } from 'mongoose'
import { Events, type Event } from '../events/event'

/** A question as it stands in the ledger; there is no other record of it. */
export type Question = Event<'question.asked'>

/** At most `size` questions, newest first: of one course, and after the one that a key names, if said. */
export async function readQuestions(wish: {
  course?: Types.ObjectId
  /** The key of the last question on the page before. A key that cannot be read is the first page. */
  before?: string
  size: number
}): Promise<{ questions: Question[]; older: string | null }> {
  const { course, before, size } = wish
  const found = await Events.find({ $and: [asked, course ? { course } : {}, olderThan(before)] })
    .sort({ at: -1, _id: -1 })
    .limit(size + 1)
    .lean<Question[]>()
  const questions = found.slice(0, size)
  const last = questions.at(-1)
  return {
    questions,
    older: found.length > size && last ? `${last.at.toISOString()}_${last._id}` : null,
  }
}

/** How many there are, of one course or of all. */
export function countQuestions(course?: Types.ObjectId): Promise<number> {
  return Events.countDocuments({ $and: [asked, course ? { course } : {}] }).exec()
}

/** Who had themselves erased left questions without words behind; these are none any more. */
const asked: QueryFilter<Event> = { name: 'question.asked', 'data.text': { $ne: '' } }

function olderThan(before = ''): QueryFilter<Event> {
  const [moment, ...id] = before.split('_')
  const at = new Date(moment!)
  if (Number.isNaN(at.getTime())) return {}
  return { at: { $lte: at }, $or: [{ at: { $lt: at } }, { _id: { $lt: id.join('_') } }] }
}
