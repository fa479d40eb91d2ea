import { z } from 'zod'
import { brandOf } from '../brand/brand'
import type { Person } from '../people/person'

/** The brand that a message is about. */
export const brandSchema = z
  .object({
    id: z.string().describe('Never changes, unless the brand is closed'),
    name: z.string().describe("The academy's name, as published now"),
  })
  .describe('The brand that the person joined, or the one that has the people of a brand that was closed')

/** The brand in all examples. */
export const brandExample: z.input<typeof brandSchema> = { id: 'academy', name: 'Example Academy' }

/** Returns the brand that a person belongs to; its name is empty until the brand is published. */
export async function brandData({ brand }: Pick<Person, 'brand'>): Promise<z.input<typeof brandSchema>> {
  const { id, content } = await brandOf(brand)
  return { id, name: content.academyName }
}
