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
  /** An expert or another one on the course's team, or otherwise of the academy's. */
  tag: 'expert' | 'instructor' | 'team' | null
}

/** Who makes a course. */
const courseTeam = retained(
  async (course: Types.ObjectId, dependOn) => {
    dependOn(Courses, '_id', course)
    const found = await Courses.findById(course, { team: 1 })
    return (found?.team ?? []).map(({ person, role }) => ({ person: String(person), role }))
  },
  { max: 500 },
)
type Team = Awaited<ReturnType<typeof courseTeam>>

/** Whether a person is one of those who make a course. */
export async function makesCourse(person: Types.ObjectId, course: Types.ObjectId): Promise<boolean> {
  return (await courseTeam(course)).some(member => member.person === String(person))
}

/** Returns who people are to the readers of a course's questions, by id; nobody who was erased. */
export async function writersIn(
  course: Types.ObjectId,
  ids: readonly Types.ObjectId[],
): Promise<Map<string, Writer>> {
  if (!ids.length) return new Map()
  const [people, team] = await Promise.all([
    Promise.all([...new Set(ids.map(String))].map(id => People.loadKept(id))),
    courseTeam(course),
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
const writers = new WeakMap<object, { team: Team; writer: Writer }>()

function writerOf({ _id, name, company, role }: Readonly<Person>, team: Team): Writer {
  const own = team.filter(member => member.person === String(_id)).map(member => member.role)
  const onTeam = own.length ? 'instructor' : teamRoles.includes(role) ? 'team' : null
  // Whoever also writes the course is called what says more.
  const tag = own.length && own.every(each => each === 'expert') ? 'expert' : onTeam
  return { name, company: tag ? '' : (company?.name ?? ''), tag }
}
