import type { Types } from 'mongoose'
import { Enrolments } from './enrolment'

/** Counts the enrolments in these courses: in total, by course id and by revision id. */
export async function countLearners(courses: Types.ObjectId[]): Promise<{
  all: number
  byCourse: Map<string, number>
  byRevision: Map<string, number>
}> {
  const groups = await Enrolments.aggregate<{
    _id: { course: Types.ObjectId; revision: Types.ObjectId }
    learners: number
  }>([
    { $match: { course: { $in: courses } } },
    { $group: { _id: { course: '$course', revision: '$revision' }, learners: { $sum: 1 } } },
  ])
  const byCourse = new Map<string, number>()
  for (const { _id, learners } of groups) {
    byCourse.set(String(_id.course), (byCourse.get(String(_id.course)) ?? 0) + learners)
  }
  return {
    all: groups.reduce((sum, group) => sum + group.learners, 0),
    byCourse,
    byRevision: new Map(groups.map(group => [String(group._id.revision), group.learners])),
  }
}
