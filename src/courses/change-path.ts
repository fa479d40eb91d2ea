import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { conflict, HttpError, notFound } from '../platform/errors'
import { Paths, type PathContent } from './path'
import { publishedCourses } from './published'
import { freeSlug } from './slug'

type By = Types.ObjectId | null

/** The most courses of a path. */
export const maxPathCourses = 30

/**
 * Creates a path that nobody sees yet.
 *
 * @param slug made from the title when it is empty, with a number if it is taken.
 * @returns its slug.
 * @throws 409 for a given slug that is taken.
 */
export async function newPath(content: PathContent, by: By, slug = ''): Promise<string> {
  const taken = new Set((await Paths.all()).map(({ _id }) => _id))
  for (;;) {
    const id = slug || freeSlug(content.title, 'path', candidate => taken.has(candidate))
    if (await Paths.create(id, content)) {
      if (by)
        await audit({ actor: by, action: 'path.created', subject: id, detail: { title: content.title } })
      return id
    }
    if (slug) throw conflict('studio:errors.pathSlugTaken', { slug })
    taken.add(id)
  }
}

/** Saves the draft of a path. Throws 409 when someone else has saved since. */
export async function savePath(
  slug: string,
  content: PathContent,
  draftNumber: number,
  by: By,
): Promise<number> {
  const number = await Paths.save(slug, content, draftNumber)
  if (by) await audit({ actor: by, action: 'path.changed', subject: slug })
  return number
}

/**
 * Publishes the draft of a path.
 *
 * @returns the number of the version.
 * @throws 404 for an unknown path, 409 when someone else has saved since, 422 when none of its courses is published.
 */
export async function publishPath(slug: string, draftNumber: number, by: By): Promise<number> {
  const path = await Paths.read(slug)
  if (!path) throw notFound()
  const published = new Set((await publishedCourses()).map(course => course.slug))
  if (!path.draft.courses.some(course => published.has(course)))
    throw new HttpError(422, 'studio:errors.pathEmpty')
  const { version, isNew } = await Paths.publish(slug, draftNumber, by)
  if (by && isNew) {
    await audit({ actor: by, action: 'path.published', subject: slug, detail: { number: version.number } })
  }
  return version.number
}

/** Takes a path off the academy; learners keep their courses. Withdrawing it again changes nothing. */
export async function withdrawPath(slug: string, by: Types.ObjectId): Promise<void> {
  if (await Paths.withdraw(slug)) await audit({ actor: by, action: 'path.withdrawn', subject: slug })
}
