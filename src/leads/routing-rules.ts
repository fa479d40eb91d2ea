import type { Types } from 'mongoose'
import { z } from 'zod'
import { audit } from '../events/audit'
import { defineVersioned } from '../platform/versioned'
import { standardResponseHours } from './response-clock'
import { isRegion } from './regions'

/*
 * WHO GETS A LEAD, as one versioned record: the rules in their order, the pools that share what a rule gives them, and
 * when each teammate works. A sales lead changes the draft, rehearses it and publishes it with a reason.
 */

/** The most of each. A rule's lists have the first, an installation the others. */
export const routingCaps = {
  values: 200,
  rules: 60,
  pools: 20,
  members: 100,
  teammates: 300,
  calendars: 20,
  daysOff: 400,
  name: 80,
}

const id = z.string().regex(/^[a-z0-9-]{1,80}$/)
const teammate = z.string().regex(/^[0-9a-f]{24}$/)
const name = z.string().min(1).max(routingCaps.name)
const values = (each: z.ZodType<string>) => z.array(each).max(routingCaps.values)
const officeHours = z.number().min(0).max(200)

/** Who gets the lead: a teammate, one of a pool, or the owner that the CRM names. */
const target = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('teammate'), id: teammate }),
  z.strictObject({ kind: z.literal('pool'), id }),
  z.strictObject({ kind: z.literal('crm') }),
])
export type RoutingTarget = z.infer<typeof target>

const rule = z.strictObject({
  id,
  name,
  /** All that isn't empty has to hold; a rule without conditions is for every lead. */
  when: z.strictObject({
    /** Named accounts, by the domain of the company. */
    companies: values(z.string().min(1).max(253)),
    /** What the domain of the email address is or ends in, such as `ac.uk`. */
    domains: values(z.string().min(1).max(253)),
    /** Country codes (ISO 3166-1) and regions. */
    countries: values(z.string().refine(code => /^[A-Z]{2}$/.test(code) || isRegion(code))),
    /** Topics of the courses and lessons that they have finished. */
    topics: values(z.string().min(1).max(100)),
    /** An answer to one of the academy's questions about learners, such as the size of their company. */
    answer: z.strictObject({ question: teammate, values: values(z.string().min(1).max(300)) }).nullable(),
  }),
  target,
  /** Office hours for the first response; null for the general time. */
  responseHours: officeHours.positive().nullable(),
})
export type RoutingRule = z.infer<typeof rule>

const pool = z.strictObject({
  id,
  name,
  members: z.array(teammate).max(routingCaps.members),
  /** `turns`: in turn, by weight. `load`: whoever has the fewest open leads for their weight. */
  share: z.enum(['turns', 'load']),
})
export type RoutingPool = z.infer<typeof pool>

const person = z
  .strictObject({
    weight: z.number().int().min(1).max(10),
    /** The most open leads; null for any number. */
    capacity: z.number().int().min(0).max(10_000).nullable(),
    /** Office hours, as in office-hours.ts. */
    days: z.array(z.number().int().min(1).max(7)).min(1).max(7),
    opens: z.number().int().min(0).max(1439),
    closes: z.number().int().min(1).max(1440),
    /** The id of their calendar of days off; null for none. */
    calendar: id.nullable(),
  })
  .refine(({ opens, closes }) => opens < closes)
export type RoutingPerson = z.infer<typeof person>

const calendar = z.strictObject({
  id,
  name,
  daysOff: z.array(z.strictObject({ day: z.iso.date(), name: z.string().max(100) })).max(routingCaps.daysOff),
})

const routingSchema = z.strictObject({
  rules: z.array(rule).max(routingCaps.rules),
  pools: z.array(pool).max(routingCaps.pools),
  /** By the teammate's id; without an entry, `standardPerson`. */
  people: z.record(teammate, person),
  calendars: z.array(calendar).max(routingCaps.calendars),
  /** Who gets a lead that no rule gives to anybody: a pool, or everybody in sales. */
  fallback: z.union([z.literal('everybody'), id]),
  /** Who gets it when they are all at capacity: the one with the fewest leads all the same, or a sales lead. */
  overflow: z.enum(['fewest', 'sales-lead']),
  response: z.strictObject({
    hours: officeHours.positive(),
    remindBefore: officeHours.nullable(),
    escalateAfter: officeHours.nullable(),
    reassignAfter: officeHours.nullable(),
  }),
  /** Why it was published. */
  reason: z.string().max(500),
})
export type RoutingContent = z.infer<typeof routingSchema>

export const standardPerson: RoutingPerson = {
  weight: 1,
  capacity: null,
  days: [1, 2, 3, 4, 5],
  opens: 9 * 60,
  closes: 17 * 60,
  calendar: null,
}

/** How leads are given before a sales lead has said anything: to whoever has the fewest. */
export const standardRouting: RoutingContent = {
  rules: [],
  pools: [],
  people: {},
  calendars: [],
  fallback: 'everybody',
  overflow: 'fewest',
  response: {
    hours: standardResponseHours,
    remindBefore: null,
    escalateAfter: null,
    reassignAfter: null,
  },
  reason: '',
}

/** One record for the installation. */
const routingId = 'routing'
const Routing = defineVersioned<RoutingContent>('Routing', 'routing', 'routing_versions')

/** The rules that count, with their number; null before the first publication. */
export type ActiveRouting = { number: number | null; content: RoutingContent }

/** Returns the published rules, or the standard. A publication elsewhere is seen after `STALE_AFTER_MS`. */
export async function activeRouting(): Promise<ActiveRouting> {
  const [published] = await Routing.published()
  return published ?? { number: null, content: standardRouting }
}

export type RoutingDraft = {
  content: RoutingContent
  /** 0 before the first change. */
  draftNumber: number
  /** The number of the published version; null before the first. */
  version: number | null
  changedAt: Date | null
}

/** Returns the draft; before the first change, what is active. */
export async function routingDraft(): Promise<RoutingDraft> {
  const record = await Routing.read(routingId)
  if (!record) return { content: standardRouting, draftNumber: 0, version: null, changedAt: null }
  const { draft, draftNumber, version, changedAt } = record
  return { content: draft, draftNumber, version, changedAt }
}

/**
 * Saves the draft over the one with `draftNumber`. References to what no longer exists are left out.
 *
 * @returns the number of the new draft.
 * @throws 409 when someone else has saved since, and ZodError for a draft that isn't valid.
 */
export function saveRouting(content: RoutingContent, draftNumber: number): Promise<number> {
  return Routing.save(routingId, routingSchema.parse(tidied(content)), draftNumber)
}

/** Without rules for pools, and without calendars, that don't exist any more. */
function tidied(content: RoutingContent): RoutingContent {
  const { pools, calendars, fallback } = content
  const isPool = (poolId: string) => pools.some(each => each.id === poolId)
  return {
    ...content,
    rules: content.rules.filter(({ target: to }) => to.kind !== 'pool' || isPool(to.id)),
    fallback: isPool(fallback) ? fallback : 'everybody',
    people: Object.fromEntries(
      Object.entries(content.people).map(([key, each]) => [
        key,
        { ...each, calendar: calendars.some(one => one.id === each.calendar) ? each.calendar : null },
      ]),
    ),
  }
}

/**
 * Publishes the draft: the next lead is given by it.
 *
 * @param reason for colleagues, who read it in the history.
 * @returns the number of the version.
 * @throws 409 when someone else has saved since.
 */
export async function publishRouting(
  draftNumber: number,
  reason: string,
  by: Types.ObjectId,
): Promise<number> {
  const { content } = await routingDraft()
  const number = await saveRouting({ ...content, reason }, draftNumber)
  const { version } = await Routing.publish(routingId, number, by)
  await audit({
    actor: by,
    action: 'routing.published',
    subject: routingId,
    detail: { number: version.number, reason },
  })
  return version.number
}

/** Returns the published versions, newest first. */
export const routingHistory = () => Routing.history(routingId)

/** Returns a published version; null for none of this number. */
export const routingVersion = (number: number) => Routing.version(routingId, number)
