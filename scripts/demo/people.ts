import { tarnwellSettings } from './tarnwell'

/** What a learner does in the simulation (see learners-past.ts). A returner comes back in the last 5 days. */
type Habit = 'looker' | 'sampler' | 'learner' | 'finisher' | 'buyer' | 'returner'

type Source = { source?: string; medium?: string; campaign?: string; referrer?: string }

export type Learner = {
  name: string
  title: string | null
  habit: Habit
  /** Index into `sources`. */
  source: number
  /** How many days before the start of the demo they sign up. */
  daysAgo: number
  /** The slug of the course that they take first. */
  course?: string
  /** What they ask at the end: a question about a lesson, a request, or a seat in a live session. */
  asked?: { kind: 'question' | 'contact' | 'demo' | 'session'; lesson?: string; text: string }
}

type Company = { name: string; domain: string; country: string; learners: Learner[] }
type Individual = Learner & { email: string; country: string }
type Teammate = { email: string; name: string; title: string }

/** The people of the demo. All of them are made up, and `.example` addresses belong to nobody (RFC 2606). */
const people = tarnwellSettings<{
  administrator: Teammate & { role: 'admin' }
  /** The teammates that the administrator invites. */
  team: (Teammate & { role: 'author' | 'reviewer' | 'sales' | 'sales-lead' })[]
  prospect: Teammate & { country: string }
  sources: Source[]
  companies: Company[]
  individuals: Individual[]
}>('people')

export const { administrator, team, prospect, sources, companies, individuals } = people

/** Who learns with Lyceum's guide: companies that want an academy of their own. */
export const guideCompanies: Company[] = [
  {
    name: 'Atlas Cartes',
    domain: 'atlas-cartes.example',
    country: 'FR',
    learners: [
      {
        name: 'Fatima Zahra El Idrissi',
        title: 'Head of Customer Education',
        habit: 'buyer',
        source: 0,
        daysAgo: 21,
      },
      { name: 'Julien Moreau', title: 'Product Trainer', habit: 'finisher', source: 3, daysAgo: 18 },
      { name: 'Camille Bernard', title: 'Marketing Manager', habit: 'learner', source: 3, daysAgo: 7 },
      { name: 'Théo Lambert', title: null, habit: 'sampler', source: 5, daysAgo: 11 },
    ],
  },
  {
    name: 'Vega Instruments',
    domain: 'vega-instruments.example',
    country: 'CZ',
    learners: [
      {
        name: 'Radka Dvořáková',
        title: 'Director of Customer Education',
        habit: 'buyer',
        source: 2,
        daysAgo: 80,
      },
      { name: 'Ondřej Krejčí', title: 'Application Engineer', habit: 'finisher', source: 3, daysAgo: 76 },
      { name: 'Jana Veselá', title: 'Marketing Lead', habit: 'buyer', source: 3, daysAgo: 69 },
      { name: 'Filip Havel', title: 'Sales Engineer', habit: 'sampler', source: 1, daysAgo: 62 },
      { name: 'Lenka Bártová', title: 'Trainer', habit: 'learner', source: 3, daysAgo: 47 },
    ],
  },
]

export const guideIndividuals: Individual[] = [
  {
    ...{ name: 'Ayo Martins', email: 'ayo.martins.lnd@free-mail.example', country: 'GB' },
    ...{ title: 'Freelance trainer', habit: 'learner', source: 5, daysAgo: 43 },
  },
  {
    ...{ name: 'Bruno Costa', email: 'bruno.costa.talks@free-mail.example', country: 'PT' },
    ...{ title: 'Consultant', habit: 'looker', source: 7, daysAgo: 28 },
  },
]
