/** The people of the demo. All of them are made up, and `.example` addresses belong to nobody (RFC 2606). */
export const administrator = {
  email: 'admin@lyceum.example',
  name: 'Tomasz Wrona',
  role: 'admin',
  title: 'Sales operations',
} as const

/** The teammates that the administrator invites. */
export const team = [
  { email: 'author@lyceum.example', name: 'Ines Halvorsen', role: 'author', title: 'Learning' },
  { email: 'reviewer@lyceum.example', name: 'Kateřina Malá', role: 'reviewer', title: 'Product' },
  { email: 'sales@lyceum.example', name: 'Petra Novotná', role: 'sales', title: 'Account executive' },
  { email: 'marek.dolezal@lyceum.example', name: 'Marek Doležal', role: 'sales', title: 'Account executive' },
  { email: 'saleslead@lyceum.example', name: 'Idris Bello', role: 'sales-lead', title: 'Head of sales' },
] as const

/** The password of every account in the demo. */
export const password = 'learn-and-sell'

/** What a learner does in the simulation (see learners-past.ts). A returner comes back in the last 5 days. */
type Habit = 'looker' | 'sampler' | 'learner' | 'finisher' | 'buyer' | 'returner'

type Source = { source?: string; medium?: string; campaign?: string; referrer?: string }

export const sources: Source[] = [
  { source: 'website', medium: 'website', campaign: 'try-before-you-talk' },
  { referrer: 'www.google.com' },
  { source: 'pump-weekly', medium: 'newsletter', campaign: 'november' },
  { source: 'colleague', medium: 'invite' },
  { source: 'linkedin', medium: 'cpc', campaign: 'autumn' },
  { referrer: 'www.linkedin.com' },
  { referrer: 'learning-weekly.example' },
  {},
]

export type Learner = {
  name: string
  title: string | null
  habit: Habit
  /** Index into `sources`. */
  source: number
  /** How many days before the start of the demo they sign up. */
  daysAgo: number
}

/** The companies of the leads. */
export const companies: { name: string; domain: string; country: string; learners: Learner[] }[] = [
  {
    name: 'Northwind Pumps',
    domain: 'northwind-pumps.example',
    country: 'GB',
    // Their colleague Amara Okonkwo has her own schedule in learners-past.ts.
    learners: [
      { name: 'Priya Raman', title: 'Sales Operations Manager', habit: 'sampler', source: 3, daysAgo: 6 },
      { name: 'Tom Ashworth', title: 'IT Manager', habit: 'sampler', source: 3, daysAgo: 5 },
    ],
  },
  {
    name: 'Harbour Analytics',
    domain: 'harbour-analytics.example',
    country: 'SG',
    learners: [
      { name: 'Mei-Ling Tan', title: 'Head of Revenue Operations', habit: 'buyer', source: 1, daysAgo: 9 },
      { name: 'Wei Jie Lim', title: 'Sales Analyst', habit: 'sampler', source: 3, daysAgo: 7 },
      { name: 'Aisyah Rahman', title: 'Customer Success Manager', habit: 'buyer', source: 3, daysAgo: 6 },
    ],
  },
  {
    name: 'Tidewater Health',
    domain: 'tidewater-health.example',
    country: 'IE',
    learners: [
      { name: 'Siobhán Ní Bhriain', title: 'L&D Partner', habit: 'buyer', source: 2, daysAgo: 6 },
      { name: 'Conor Walsh', title: 'Clinical Trainer', habit: 'sampler', source: 3, daysAgo: 10 },
      { name: 'Aoife Brennan', title: 'Director of Learning', habit: 'buyer', source: 3, daysAgo: 5 },
      { name: 'Declan Moore', title: 'IT Manager', habit: 'looker', source: 1, daysAgo: 5 },
    ],
  },
  {
    name: 'Cobalto Logística',
    domain: 'cobalto-logistica.example',
    country: 'ES',
    learners: [
      { name: 'Lucía Ferrer', title: 'Sales Manager', habit: 'buyer', source: 0, daysAgo: 11 },
      { name: 'Andrés Molina', title: 'Operations Lead', habit: 'sampler', source: 3, daysAgo: 13 },
      { name: 'José Ignacio Paredes', title: 'Director of Sales', habit: 'buyer', source: 3, daysAgo: 8 },
      { name: 'Marta Soler', title: 'HR Business Partner', habit: 'looker', source: 0, daysAgo: 4 },
    ],
  },
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
      { name: 'Camille Bernard', title: 'Marketing Manager', habit: 'buyer', source: 3, daysAgo: 7 },
      { name: 'Théo Lambert', title: null, habit: 'sampler', source: 5, daysAgo: 11 },
    ],
  },
  {
    name: 'Lumen Grid',
    domain: 'lumen-grid.example',
    country: 'IN',
    learners: [
      { name: 'Arjun Mehta', title: 'Chief Technology Officer', habit: 'buyer', source: 1, daysAgo: 26 },
      { name: 'Priya Nair', title: 'Enablement Manager', habit: 'buyer', source: 3, daysAgo: 19 },
      { name: 'Rohan Iyer', title: 'Solutions Engineer', habit: 'sampler', source: 1, daysAgo: 20 },
      { name: 'Kavya Rao', title: 'Customer Trainer', habit: 'learner', source: 3, daysAgo: 17 },
      { name: 'Dev Malhotra', title: 'Intern', habit: 'looker', source: 4, daysAgo: 9 },
    ],
  },
  {
    name: 'Karoo Freight',
    domain: 'karoo-freight.example',
    country: 'ZA',
    learners: [
      { name: 'Thandiwe Mokoena', title: 'Head of Sales Enablement', habit: 'buyer', source: 2, daysAgo: 34 },
      { name: 'Pieter Botha', title: 'Regional Sales Manager', habit: 'learner', source: 3, daysAgo: 30 },
      { name: 'Naledi Khumalo', title: 'Training Coordinator', habit: 'buyer', source: 3, daysAgo: 23 },
      { name: 'Sipho Dlamini', title: 'Dispatcher', habit: 'looker', source: 3, daysAgo: 14 },
    ],
  },
  {
    name: 'Officina Verde',
    domain: 'officina-verde.example',
    country: 'IT',
    learners: [
      { name: 'Chiara Bellandi', title: 'Head of Marketing', habit: 'buyer', source: 0, daysAgo: 41 },
      { name: 'Matteo Ricci', title: 'Trade Marketing Lead', habit: 'returner', source: 5, daysAgo: 38 },
      { name: 'Giulia Conti', title: 'Product Manager', habit: 'sampler', source: 6, daysAgo: 33 },
      { name: 'Paolo Greco', title: 'Agronomist', habit: 'looker', source: 0, daysAgo: 22 },
    ],
  },
  {
    name: 'Kessel & Sohn',
    domain: 'kessel-sohn.example',
    country: 'DE',
    learners: [
      { name: 'Daniel Krüger', title: 'Training Manager', habit: 'buyer', source: 1, daysAgo: 30 },
      { name: 'Anke Vogt', title: 'Director of Service', habit: 'buyer', source: 3, daysAgo: 48 },
      { name: 'Lukas Brandt', title: 'Service Technician', habit: 'sampler', source: 3, daysAgo: 44 },
      { name: 'Heike Sommer', title: 'Works Council', habit: 'looker', source: 3, daysAgo: 36 },
      { name: 'Jonas Weber', title: 'IT Administrator', habit: 'returner', source: 1, daysAgo: 29 },
    ],
  },
  {
    name: 'Norrsken Mining',
    domain: 'norrsken-mining.example',
    country: 'SE',
    learners: [
      { name: 'Lars-Erik Sandström', title: 'Commercial Manager', habit: 'buyer', source: 3, daysAgo: 31 },
      { name: 'Elin Bergqvist', title: 'HSE Trainer', habit: 'buyer', source: 6, daysAgo: 52 },
      { name: 'Oskar Lindgren', title: 'Shift Supervisor', habit: 'sampler', source: 3, daysAgo: 45 },
      { name: 'Maja Nyberg', title: 'Procurement', habit: 'looker', source: 7, daysAgo: 19 },
    ],
  },
  {
    name: 'Palmline Foods',
    domain: 'palmline-foods.example',
    country: 'NG',
    learners: [
      { name: 'Ngozi Eze', title: 'Head of Training', habit: 'buyer', source: 0, daysAgo: 71 },
      { name: 'Tunde Adeyemi', title: 'Sales Director', habit: 'buyer', source: 3, daysAgo: 66 },
      { name: 'Amina Bello', title: 'Quality Manager', habit: 'learner', source: 3, daysAgo: 58 },
      { name: 'Chinedu Okafor', title: 'Account Manager', habit: 'sampler', source: 2, daysAgo: 55 },
      { name: 'Ifeoma Obi', title: 'Distribution Lead', habit: 'learner', source: 3, daysAgo: 39 },
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

/** Learners with an address at a free email provider, and therefore without a company. */
export const individuals: (Learner & { email: string })[] = [
  {
    name: 'Sam Rivers',
    email: 'sam.rivers.reads@free-mail.example',
    title: 'Student',
    habit: 'finisher',
    source: 1,
    daysAgo: 57,
  },
  {
    name: 'Ayo Martins',
    email: 'ayo.martins.lnd@free-mail.example',
    title: 'Freelance trainer',
    habit: 'learner',
    source: 5,
    daysAgo: 43,
  },
  {
    name: 'Lena Fuchs',
    email: 'lena.fuchs.learns@free-mail.example',
    title: null,
    habit: 'sampler',
    source: 1,
    daysAgo: 37,
  },
  {
    name: 'Bruno Costa',
    email: 'bruno.costa.talks@free-mail.example',
    title: 'Consultant',
    habit: 'looker',
    source: 7,
    daysAgo: 28,
  },
  {
    name: 'Hana Suzuki',
    email: 'hana.suzuki.notes@free-mail.example',
    title: null,
    habit: 'looker',
    source: 4,
    daysAgo: 15,
  },
  {
    name: 'Pavel Marek',
    email: 'pavel.marek.cte@free-mail.example',
    title: 'Teacher',
    habit: 'sampler',
    source: 6,
    daysAgo: 6,
  },
]
