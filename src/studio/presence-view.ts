import type { Types } from 'mongoose'
import { othersPresent } from '../courses/presence'
import { People } from '../people/person'
import { initialsOf } from '../web/initials'
import type { Texts } from '../web/texts'

/** A colleague as pages show them. */
type Colleague = { name: string; initials: string }

/** Those who are in a lesson: `label` says it in words. */
export type PersonsPresent = { label: string; colleagues: Colleague[] }

export type PresenceView = {
  /** Who else is at the reader's place, and the sentence that says so; '' when nobody is. */
  here: Colleague[]
  sentence: string
  /** Who else is in which lesson, by its slug. */
  lessons: Map<string, PersonsPresent>
}

/**
 * Returns who else is editing a course.
 *
 * @param place the reader's place: a lesson's slug, '' for the settings of the course, null for any other page.
 */
export async function presenceView(
  { course, reader, place }: { course: Types.ObjectId; reader: Types.ObjectId; place: string | null },
  { t, listed }: Texts,
): Promise<PresenceView> {
  const others = await othersPresent(course, reader)
  const people = others.length
    ? await People.find({ _id: { $in: others.map(({ person }) => person) } }, { name: 1 })
    : []
  const names = new Map(people.map(({ _id, name }) => [String(_id), name]))
  const at = new Map<string, string[]>()
  for (const { person, place } of others) {
    const name = names.get(String(person))
    if (name) at.set(place, [...(at.get(place) ?? []), name])
  }
  const colleagues = (all: string[]) => all.map(name => ({ name, initials: initialsOf(name) }))
  const words = (key: string, all: string[]) => t(key, { count: all.length, names: listed(all) })
  const here = place === null ? [] : (at.get(place) ?? [])
  const key = place ? 'studio:presence.lesson' : 'studio:presence.settings'
  return {
    here: colleagues(here),
    sentence: here.length ? words(key, here) : '',
    lessons: new Map(
      [...at]
        .filter(([slug]) => slug)
        .map(([slug, all]) => [
          slug,
          { label: words('studio:presence.inLesson', all), colleagues: colleagues(all) },
        ]),
    ),
  }
}
