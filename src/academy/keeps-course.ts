import { brandOf, type ShownBrand } from '../brand/brand'
import type { Published } from '../courses/published'
import { shows } from '../courses/shown-courses'
import type { Person } from '../people/person'

/**
 * Whether a learner finds a course that they have enrolled in at a brand: at the one they joined, whatever it shows
 * now, because they may have paid for it; at another one, only what it shows to everyone.
 */
export async function keepsCourse(
  brand: ShownBrand,
  person: Pick<Person, 'brand'>,
  course: Published,
): Promise<boolean> {
  return (await brandOf(person.brand)).id === brand.id || shows(brand, course)
}
