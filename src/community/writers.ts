import type { Types } from 'mongoose'
import { teamRoles } from '../courses/viewer'
import { Courses } from '../courses/course'
import { People, type Person } from '../people/person'
import { retained } from '../platform/retained'

/** Who wrote something, as the others see it. */
export type Writer = {
  name: string
  /** Of a learner who has one; empty for the team. */
  company: string
  /** On the course's team, or otherwise of the academy's. */
  tag: 'instructor' | 'team' | null
}

/** The ids of the people who make a course. */
export const courseTeamIds = retained(
  async (course: Types.ObjectId, dependOn) => {
    dependOn(Courses, '_id', course)
    const found = await Courses.findById(course, { team: 1 })
    return (found?.team ?? []).map(({ person }) => String(person))
  },
  { max: 500 },
)

/** Returns who people are to the readers of a course's questions, by id; nobody who was erased. */
export async function writersIn(
  course: Types.ObjectId,
  ids: readonly Types.ObjectId[],
): Promise<Map<string, Writer>> {
  if (!ids.length) return new Map()
  const [people, team] = await Promise.all([
    Promise.all([...new Set(ids.map(String))].map(id => People.loadKept(id))),
    courseTeamIds(course),
  ])
  return new Map(
    people.flatMap(person => {
      if (!person || person.erasedAt) return []
      const known = writers.get(person)
      const writer = known?.team === team ? known.writer : writerOf(person, team)
      writers.set(person, { team, writer })
      return [[String(person._id), writer] as const]
    }),
  )
}

/** What was made of a person and a team, until either is written. */
const writers = new WeakMap<object, { team: readonly string[]; writer: Writer }>()

function writerOf({ _id, name, company, role }: Readonly<Person>, team: readonly string[]): Writer {
  const tag = team.includes(String(_id)) ? 'instructor' : teamRoles.includes(role) ? 'team' : null
  return { name, company: tag ? '' : (company?.name ?? ''), tag }
}
