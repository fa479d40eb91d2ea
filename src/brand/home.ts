import { z } from 'zod'
import { line, link } from './fields'
import { brandCaptions, brandImage, brandVideo } from './file'

/** The kind, with a number after the first of it; it is also the `id` of the section's heading. */
const id = z
  .string()
  .regex(/^(?:hero|facts|customers|start|course|quotes|paths|sessions|catalogue|closing)(?:-\d{1,3})?$/)
const buttons = z.array(link).max(2)
const quote = z.strictObject({
  text: line(300).refine(Boolean, { error: 'admin:errors.home.quote' }),
  person: line(80).refine(Boolean, { error: 'admin:errors.home.person' }),
  company: line(80),
})

/** The icons, by their names, that a row of "Where to start" may have. */
export const rowSymbols = [
  ...['wrench', 'hard-hat', 'plugs-connected', 'chart-line-up', 'shield-check', 'users-three'],
  ...['code', 'gear', 'briefcase', 'student'],
] as const

/** What each kind of section has. An empty text shows the general one, where there is one, or nothing. */
export const sectionKinds = {
  /** The promise, two ways in, and the product beside it: a picture, a captioned video, or a tour to click through. */
  hero: z.strictObject({
    id,
    kind: z.literal('hero'),
    title: line(120),
    text: line(400),
    /** Without any: the shortest free lesson, and the needs assessment. */
    buttons,
    note: line(200),
    pictureLight: brandImage,
    pictureDark: brandImage,
    pictureAlt: line(300),
    video: brandVideo,
    captions: brandCaptions,
    poster: brandImage,
    videoLabel: line(60),
    videoNote: line(60),
    /** A free product tour of the catalogue, `<course>/<lesson>`. It isn't shown while a visitor can't see it. */
    tour: line(200).default(''),
  }),
  /** How many people learn here, and what the academy promises. */
  facts: z.strictObject({ id, kind: z.literal('facts') }),
  customers: z.strictObject({
    id,
    kind: z.literal('customers'),
    text: line(300),
    customers: z
      .array(
        z.strictObject({
          name: line(80).refine(Boolean, { error: 'admin:errors.home.customer' }),
          logo: brandImage,
        }),
      )
      .max(12),
  }),
  /** Where to start, by what the reader does. A row that leads to a path or a course says how long it takes. */
  start: z.strictObject({
    id,
    kind: z.literal('start'),
    title: line(120),
    text: line(400),
    buttons: z.array(link).max(1),
    rows: z
      .array(
        z.strictObject({
          title: line(120).refine(Boolean, { error: 'admin:errors.home.row' }),
          text: line(200),
          path: link.shape.path,
          symbol: z.enum(['', ...rowSymbols]).default(''),
        }),
      )
      .max(8),
  }),
  course: z.strictObject({
    id,
    kind: z.literal('course'),
    title: line(120),
    /** The last part of its URL. It isn't shown while no such course is published. */
    course: line(80),
    text: line(400),
    quote: z.nullable(quote),
    buttons,
  }),
  quotes: z.strictObject({ id, kind: z.literal('quotes'), title: line(120), quotes: z.array(quote).max(6) }),
  paths: z.strictObject({
    id,
    kind: z.literal('paths'),
    title: line(120),
    /** In order; without any, the first three. */
    paths: z.array(z.string().min(1).max(80)).max(6),
  }),
  /** The next live sessions; it isn't shown while there are none. */
  sessions: z.strictObject({ id, kind: z.literal('sessions'), title: line(120) }),
  catalogue: z.strictObject({ id, kind: z.literal('catalogue'), title: line(120) }),
  closing: z.strictObject({ id, kind: z.literal('closing'), title: line(120), text: line(400), buttons }),
} as const
export type SectionKind = keyof typeof sectionKinds
export const kindsOfSection = Object.keys(sectionKinds) as SectionKind[]

/** They have an `id` of the page or its heading, and the page has one of each. */
const onlyOnce: ReadonlySet<SectionKind> = new Set(['hero', 'facts', 'sessions', 'catalogue'])

const section = z.discriminatedUnion('kind', [
  sectionKinds.hero,
  sectionKinds.facts,
  sectionKinds.customers,
  sectionKinds.start,
  sectionKinds.course,
  sectionKinds.quotes,
  sectionKinds.paths,
  sectionKinds.sessions,
  sectionKinds.catalogue,
  sectionKinds.closing,
])
export type Section = z.output<typeof section>
export type SectionOf<Kind extends SectionKind> = Extract<Section, { kind: Kind }>

export const maxSections = 16

/** The sections of the home page, in order. */
export const homeSections = z
  .array(section)
  .max(maxSections)
  .refine(sections => new Set(sections.map(each => each.id)).size === sections.length)
  .refine(sections => [...onlyOnce].every(kind => sections.filter(each => each.kind === kind).length <= 1))

/** Returns the kinds that a page may get another section of. */
export function kindsToAdd(sections: Section[]): SectionKind[] {
  return kindsOfSection.filter(kind => !onlyOnce.has(kind) || !sections.some(each => each.kind === kind))
}

/** Returns a section without any texts, under an id that the page doesn't have yet. */
export function blankSection(kind: SectionKind, sections: Section[]): Section {
  const ids = new Set(sections.map(each => each.id))
  let [id, n] = [kind as string, 1]
  while (ids.has(id)) id = `${kind}-${++n}`
  const blank: { [Kind in SectionKind]: SectionOf<Kind> } = {
    hero: {
      ...{ id, kind: 'hero', title: '', text: '', buttons: [], note: '' },
      ...{ pictureLight: null, pictureDark: null, pictureAlt: '' },
      ...{ video: null, captions: null, poster: null, videoLabel: '', videoNote: '', tour: '' },
    },
    facts: { id, kind: 'facts' },
    customers: { id, kind: 'customers', text: '', customers: [] },
    start: { id, kind: 'start', title: '', text: '', buttons: [], rows: [] },
    course: { id, kind: 'course', title: '', course: '', text: '', quote: null, buttons: [] },
    quotes: { id, kind: 'quotes', title: '', quotes: [] },
    paths: { id, kind: 'paths', title: '', paths: [] },
    sessions: { id, kind: 'sessions', title: '' },
    catalogue: { id, kind: 'catalogue', title: '' },
    closing: { id, kind: 'closing', title: '', text: '', buttons: [] },
  }
  return blank[kind]
}

/**
 * The home page of a brand that hasn't arranged its own: what the academy offers, paths, the next live sessions, and
 * the whole catalogue.
 */
export const standardHome: Section[] = (['hero', 'facts', 'paths', 'sessions', 'catalogue'] as const).map(
  kind => blankSection(kind, []),
)
