import { z } from 'zod'
import { Feedback, feedbackKinds, feedbackStates, type FeedbackTopic } from '../community/feedback'
import { brandData, brandExample, brandSchema } from './brand-data'

/** A topic of the product team's list, sent with each message about one. It names nobody. */
export const feedbackSchema = z.object({
  brand: brandSchema,
  feedback: z.object({
    id: z.string(),
    kind: z.enum(feedbackKinds),
    title: z.string(),
    area: z.string().nullable().describe('The id of a topic of the academy'),
    state: z.enum(feedbackStates),
    reason: z.string().nullable().describe('Why it was declined, or what learners read about its state'),
    people: z.number().int().describe('How many people want it, each once'),
    companies: z.number().int(),
    searches: z.number().int().describe('How often it was searched for and not found'),
    open_deals: z
      .object({
        count: z.number().int(),
        amounts: z.array(z.object({ amount_minor: z.number().int(), currency: z.string().length(3) })),
      })
      .describe('The open deals of the companies that these people are from'),
    merged_into: z.string().nullable().describe('The topic that it is a duplicate of'),
    sequence: z.number().int().min(0).describe('Rises with each change of the topic, so drop a lower one'),
    at: z.iso.datetime().describe('When it was changed'),
  }),
})

/** Returns the topic of the examples, in a state. */
export function feedbackExample(
  state: (typeof feedbackStates)[number],
  sequence: number,
): z.input<typeof feedbackSchema> {
  return {
    brand: brandExample,
    feedback: {
      id: '6922a11fa4b1d3e5f7a90c78',
      kind: 'wish',
      title: 'Show the trend on the start screen',
      area: 'using-the-product',
      state,
      reason: null,
      people: 14,
      companies: 6,
      searches: 0,
      open_deals: { count: 2, amounts: [{ amount_minor: 4_820_000, currency: 'EUR' }] },
      merged_into: null,
      sequence,
      at: '2026-11-23T09:42:10.000Z',
    },
  }
}

/** Returns a topic as it is now; null when it was deleted. */
export async function feedbackData(id: string): Promise<z.input<typeof feedbackSchema> | null> {
  const topic: FeedbackTopic | null = await Feedback.findById(id)
  if (!topic) return null
  const { kind, title, area, state, reason, people, companies, searches, deals, amounts } = topic
  return {
    brand: await brandData({ brand: topic.brand }),
    feedback: {
      ...{ id, kind, title, area: area || null, state, reason: reason || null, people, companies, searches },
      open_deals: {
        count: deals,
        amounts: amounts.map(({ amount, currency }) => ({ amount_minor: amount, currency })),
      },
      merged_into: topic.mergedInto && String(topic.mergedInto),
      sequence: topic.changeCount,
      at: topic.changedAt.toISOString(),
    },
  }
}
