import { z } from 'zod'
import { isRegion } from '../leads/regions'
import { matchOf } from '../leads/routing-choice'
import {
  routingCaps,
  type RoutingContent,
  type RoutingPerson,
  type RoutingPool,
  type RoutingRule,
  type RoutingTarget,
} from '../leads/routing-rules'
import { freeSlug } from '../courses/slug'
import { countryCodeOf } from '../people/countries'
import { checkedValues, lineField, wordList } from '../web/form'
import { daysInCalendar } from './days-off'

/** The parts of the rules that have their own forms, each in the row of the table that it changes. */
export const routingParts = ['rules', 'pools', 'people', 'calendars', 'settings'] as const
export type RoutingPart = (typeof routingParts)[number]

/** The name of the form that adds to a part. */
export const newItem = 'new'

const name = lineField('sales:routing.errors.name', routingCaps.name)
const words = (read?: (word: string) => string) =>
  wordList(routingCaps.values, 'sales:routing.errors.tooMany', read)

const domain = (typed: string) => typed.toLowerCase().replace(/^(?:https?:\/\/)?(?:www\.)?|^[@.]|\/.*$/g, '')
const domains = words(domain).refine(list => list.every(each => /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(each)), {
  error: 'sales:routing.errors.domains',
})

/** A country by its name or code, or a region. */
const place = (typed: string) => countryCodeOf(typed) ?? typed.toLowerCase().replace(/\s+/g, '-')
const isPlace = (each: string) => isRegion(each) || countryCodeOf(each) === each

const hours = z
  .string()
  .trim()
  .default('')
  .transform(typed => typed.replace(',', '.'))
  .pipe(z.string().regex(/^$|^\d{1,3}(?:\.\d{1,2})?$/, { error: 'sales:routing.errors.hours' }))
  .transform(typed => (typed === '' ? null : Number(typed)))
  .refine(value => value === null || value <= 200, { error: 'sales:routing.errors.hours' })
const duration = hours.refine(value => value === null || value > 0, { error: 'sales:routing.errors.hours' })

const time = z
  .string({ error: 'sales:demoHours.errors.time' })
  .trim()
  .regex(/^(?:[01]?\d|2[0-3]):[0-5]\d$|^24:00$/, { error: 'sales:demoHours.errors.time' })
  .transform(typed => {
    const [hour = 0, minute = 0] = typed.split(':').map(Number)
    return hour * 60 + minute
  })

const whole = (minimum: number, maximum: number, error: string) =>
  z
    .string({ error })
    .trim()
    .regex(/^\d{1,5}$/, { error })
    .transform(Number)
    .refine(value => value >= minimum && value <= maximum, { error })

const targetField = z
  .string({ error: 'sales:routing.errors.target' })
  .regex(/^(?:crm|pool:[a-z0-9-]{1,80}|teammate:[0-9a-f]{24})$/, { error: 'sales:routing.errors.target' })
  .transform((typed): RoutingTarget => {
    const [kind, id = ''] = typed.split(':')
    if (kind === 'crm') return { kind }
    return { kind: kind === 'pool' ? 'pool' : 'teammate', id }
  })

const ruleForm = z
  .object({
    name,
    companies: domains,
    domains,
    countries: words(place).refine(list => list.every(isPlace), {
      error: 'sales:routing.errors.countries',
    }),
    topics: words(),
    question: z
      .string()
      .regex(/^(?:[0-9a-f]{24})?$/, { error: 'web:errors.chooseOne' })
      .default(''),
    answers: words(),
    target: targetField,
    responseHours: duration,
  })
  .refine(({ question, answers }) => !question || answers.length > 0, {
    error: 'sales:routing.errors.answers',
    path: ['answers'],
  })

const poolForm = z.object({
  name,
  members: z
    .preprocess(checkedValues, z.array(z.string().regex(/^[0-9a-f]{24}$/)).max(routingCaps.members))
    .refine(list => list.length > 0, { error: 'sales:routing.errors.members' }),
  share: z.enum(['turns', 'load'], { error: 'web:errors.chooseOne' }),
})

const personForm = z
  .object({
    weight: whole(1, 10, 'sales:routing.errors.weight'),
    capacity: z
      .string()
      .trim()
      .default('')
      .pipe(z.string().regex(/^\d{0,4}$/, { error: 'sales:routing.errors.capacity' }))
      .transform(typed => (typed === '' ? null : Number(typed))),
    days: z
      .preprocess(checkedValues, z.array(z.coerce.number().int().min(1).max(7)).max(7))
      .refine(list => list.length > 0, { error: 'sales:routing.errors.days' }),
    opens: time,
    closes: time,
    calendar: z
      .string()
      .regex(/^[a-z0-9-]{0,80}$/)
      .default('')
      .transform(id => id || null),
  })
  .refine(({ opens, closes }) => opens < closes, { error: 'sales:routing.errors.order', path: ['closes'] })

/** A line for each day, `2026-12-25 Christmas Day`, or the text of a calendar file with whole days (RFC 5545). */
const daysOff = z
  .string()
  .max(200_000, { error: 'web:errors.tooLong' })
  .default('')
  .transform(typed =>
    /^\s*BEGIN:VCALENDAR/i.test(typed)
      ? daysInCalendar(typed)
      : typed
          .split(/\r?\n/)
          .map(line => line.trim())
          .filter(Boolean)
          .map(line => ({ day: line.slice(0, 10), name: line.slice(10).trim().slice(0, 100) })),
  )
  .refine(list => list.every(({ day }) => z.iso.date().safeParse(day).success), {
    error: 'sales:routing.errors.daysOff',
  })
  .refine(list => list.length <= routingCaps.daysOff, { error: 'sales:routing.errors.tooMany' })
  .transform(list => list.toSorted((a, b) => (a.day < b.day ? -1 : 1)))

const calendarForm = z.object({ name, daysOff })

const settingsForm = z.object({
  hours: duration.refine(value => value !== null, { error: 'sales:routing.errors.hours' }),
  remindBefore: hours,
  escalateAfter: hours,
  reassignAfter: hours,
  fallback: z.string().regex(/^[a-z0-9-]{1,80}$/, { error: 'web:errors.chooseOne' }),
  overflow: z.enum(['fewest', 'sales-lead'], { error: 'web:errors.chooseOne' }),
})

/** The schema of each form. */
export const routingForms = {
  rules: ruleForm,
  pools: poolForm,
  people: personForm,
  calendars: calendarForm,
  settings: settingsForm,
}

/** What a form has typed, by its part. */
export type RoutingInput = {
  [P in RoutingPart]: { part: P; data: z.output<(typeof routingForms)[P]> }
}[RoutingPart]

/**
 * Returns the rules with what a form says of an item; `new` adds one.
 *
 * @returns null when there are as many as there may be, or no such item.
 */
export function withRoutingItem(
  content: RoutingContent,
  item: string,
  input: RoutingInput,
): RoutingContent | null {
  switch (input.part) {
    case 'rules': {
      const { question, answers, target, responseHours, name: title, ...when } = input.data
      const answer = question ? { question, values: answers } : null
      const rule = { name: title, target, responseHours, when: { ...when, answer } }
      const rules = put<RoutingRule>(content.rules, item, rule, routingCaps.rules)
      return rules && { ...content, rules: item === newItem ? withLastInPlace(rules) : rules }
    }
    case 'pools': {
      const pools = put<RoutingPool>(content.pools, item, input.data, routingCaps.pools)
      return pools && { ...content, pools }
    }
    case 'calendars': {
      const calendars = put(content.calendars, item, input.data, routingCaps.calendars)
      return calendars && { ...content, calendars }
    }
    case 'people': {
      const people: Record<string, RoutingPerson> = { ...content.people, [item]: input.data }
      return Object.keys(people).length <= routingCaps.teammates ? { ...content, people } : null
    }
    case 'settings': {
      const { fallback, overflow, hours: responseHours, ...alerts } = input.data
      return { ...content, fallback, overflow, response: { ...alerts, hours: responseHours! } }
    }
  }
}

/** Puts the last rule before those at the end that take every lead: after them it would hardly ever decide. */
function withLastInPlace(rules: RoutingRule[]): RoutingRule[] {
  const added = rules.at(-1)!
  const others = rules.slice(0, -1)
  const place = others.findLastIndex(each => matchOf(each) !== 'everyLead') + 1
  return matchOf(added) === 'everyLead' ? rules : others.toSpliced(place, 0, added)
}

type Named = { id: string; name: string }

function put<Item extends Named>(
  items: Item[],
  item: string,
  data: Omit<Item, 'id'>,
  most: number,
): Item[] | null {
  if (item === newItem) {
    const id = freeSlug(data.name, 'item', slug => slug === newItem || items.some(each => each.id === slug))
    return items.length < most ? [...items, { ...data, id } as Item] : null
  }
  return items.some(({ id }) => id === item)
    ? items.map(each => (each.id === item ? ({ ...data, id: item } as Item) : each))
    : null
}

/** Returns the values of a form for an item; those of an empty one for `new`, and null for no such item. */
export function valuesOfItem(
  content: RoutingContent,
  part: RoutingPart,
  item: string,
): Record<string, unknown> | null {
  const clock = (minutes: number) =>
    [Math.floor(minutes / 60), minutes % 60].map(each => String(each).padStart(2, '0')).join(':')
  const found = <Item extends Named>(items: Item[]) => items.find(({ id }) => id === item)
  switch (part) {
    case 'rules': {
      const rule = found(content.rules)
      if (!rule) return item === newItem ? { name: '' } : null
      const { companies, domains: endings, countries, topics, answer } = rule.when
      const { target } = rule
      return {
        name: rule.name,
        companies: companies.join('\n'),
        domains: endings.join(', '),
        countries: countries.join(', '),
        topics: topics.join(', '),
        question: answer?.question ?? '',
        answers: answer?.values.join('\n') ?? '',
        target: target.kind === 'crm' ? 'crm' : `${target.kind}:${target.id}`,
        responseHours: rule.responseHours ?? '',
      }
    }
    case 'pools': {
      const pool = found(content.pools)
      return pool ? { ...pool } : item === newItem ? { name: '', share: 'turns', members: [] } : null
    }
    case 'calendars': {
      const calendar = found(content.calendars)
      if (!calendar) return item === newItem ? { name: '', daysOff: '' } : null
      return {
        name: calendar.name,
        daysOff: calendar.daysOff.map(each => `${each.day} ${each.name}`.trim()).join('\n'),
      }
    }
    case 'people': {
      const person = content.people[item]
      return {
        weight: person?.weight ?? 1,
        capacity: person?.capacity ?? '',
        days: (person?.days ?? [1, 2, 3, 4, 5]).map(String),
        opens: clock(person?.opens ?? 540),
        closes: clock(person?.closes ?? 1020),
        calendar: person?.calendar ?? '',
      }
    }
    case 'settings': {
      const { response, fallback, overflow } = content
      const shown = Object.entries(response).map(([key, value]) => [key, value ?? ''])
      return { ...Object.fromEntries(shown), fallback, overflow }
    }
  }
}

/** Returns the rules after a button such as `up`, `down` or `remove`; null for no such item. */
export function movedRoutingItem(
  content: RoutingContent,
  part: RoutingPart,
  item: string,
  verb: string,
): RoutingContent | null {
  if (part === 'settings') return null
  if (part === 'people') {
    if (verb !== 'remove') return null
    return {
      ...content,
      people: Object.fromEntries(Object.entries(content.people).filter(([id]) => id !== item)),
    }
  }
  const items: Named[] = content[part]
  const from = items.findIndex(({ id }) => id === item)
  if (from < 0) return null
  const rest = items.toSpliced(from, 1)
  const to = Math.max(0, verb === 'up' ? from - 1 : from + 1)
  return { ...content, [part]: verb === 'remove' ? rest : rest.toSpliced(to, 0, items[from]!) }
}
