/** The people of the demo: made up, and all at `.example`, where nobody can have an address. */
export const staff = [
  { email: 'author@lyceum.example', name: 'Ines Halvorsen', role: 'author', title: 'Learning' },
  { email: 'reviewer@lyceum.example', name: 'Kateřina Malá', role: 'reviewer', title: 'Product' },
  { email: 'sales@lyceum.example', name: 'Petra Novotná', role: 'sales', title: 'Account executive' },
  { email: 'marek.dolezal@lyceum.example', name: 'Marek Doležal', role: 'sales', title: 'Account executive' },
  { email: 'saleslead@lyceum.example', name: 'Idris Bello', role: 'sales-lead', title: 'Head of sales' },
  { email: 'admin@lyceum.example', name: 'Tomasz Wrona', role: 'admin', title: 'Sales operations' },
] as const

export const password = 'walk-and-talk'

/** How somebody walks through the academy: what the simulation lets them do (demo-past.ts). A returner comes back in the last days. */
export type Habit = 'looker' | 'sampler' | 'learner' | 'finisher' | 'buyer' | 'returner'

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
  /** Index of `sources`. */
  from: number
  /** How many days ago they joined. */
  joined: number
}

/** A dozen companies; the first learner of each came first. */
export const companies: { name: string; domain: string; country: string; learners: Learner[] }[] = [
  {
    name: 'Northwind Pumps',
    domain: 'northwind-pumps.example',
    country: 'GB',
    // Amara Okonkwo has a script of her own, see demo-past.ts.
    learners: [
      { name: 'Priya Raman', title: 'Sales Operations Manager', habit: 'sampler', from: 3, joined: 6 },
      { name: 'Tom Ashworth', title: 'IT Manager', habit: 'sampler', from: 3, joined: 5 },
    ],
  },
  {
    name: 'Harbour Analytics',
    domain: 'harbour-analytics.example',
    country: 'SG',
    learners: [
      { name: 'Mei-Ling Tan', title: 'Head of Revenue Operations', habit: 'buyer', from: 1, joined: 9 },
      { name: 'Wei Jie Lim', title: 'Sales Analyst', habit: 'sampler', from: 3, joined: 7 },
      { name: 'Aisyah Rahman', title: 'Customer Success Manager', habit: 'buyer', from: 3, joined: 6 },
    ],
  },
  {
    name: 'Tidewater Health',
    domain: 'tidewater-health.example',
    country: 'IE',
    learners: [
      { name: 'Siobhán Ní Bhriain', title: 'L&D Partner', habit: 'buyer', from: 2, joined: 6 },
      { name: 'Conor Walsh', title: 'Clinical Trainer', habit: 'sampler', from: 3, joined: 10 },
      { name: 'Aoife Brennan', title: 'Director of Learning', habit: 'buyer', from: 3, joined: 5 },
      { name: 'Declan Moore', title: 'IT Manager', habit: 'looker', from: 1, joined: 5 },
    ],
  },
  {
    name: 'Cobalto Logística',
    domain: 'cobalto-logistica.example',
    country: 'ES',
    learners: [
      { name: 'Lucía Ferrer', title: 'Sales Manager', habit: 'buyer', from: 0, joined: 11 },
      { name: 'Andrés Molina', title: 'Operations Lead', habit: 'sampler', from: 3, joined: 13 },
      { name: 'José Ignacio Paredes', title: 'Director of Sales', habit: 'buyer', from: 3, joined: 8 },
      { name: 'Marta Soler', title: 'HR Business Partner', habit: 'looker', from: 0, joined: 4 },
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
        from: 0,
        joined: 21,
      },
      { name: 'Julien Moreau', title: 'Product Trainer', habit: 'finisher', from: 3, joined: 18 },
      { name: 'Camille Bernard', title: 'Marketing Manager', habit: 'buyer', from: 3, joined: 7 },
      { name: 'Théo Lambert', title: null, habit: 'sampler', from: 5, joined: 11 },
    ],
  },
  {
    name: 'Lumen Grid',
    domain: 'lumen-grid.example',
    country: 'IN',
    learners: [
      { name: 'Arjun Mehta', title: 'Chief Technology Officer', habit: 'buyer', from: 1, joined: 26 },
      { name: 'Priya Nair', title: 'Enablement Manager', habit: 'buyer', from: 3, joined: 19 },
      { name: 'Rohan Iyer', title: 'Solutions Engineer', habit: 'sampler', from: 1, joined: 20 },
      { name: 'Kavya Rao', title: 'Customer Trainer', habit: 'learner', from: 3, joined: 17 },
      { name: 'Dev Malhotra', title: 'Intern', habit: 'looker', from: 4, joined: 9 },
    ],
  },
  {
    name: 'Karoo Freight',
    domain: 'karoo-freight.example',
    country: 'ZA',
    learners: [
      { name: 'Thandiwe Mokoena', title: 'Head of Sales Enablement', habit: 'buyer', from: 2, joined: 34 },
      { name: 'Pieter Botha', title: 'Regional Sales Manager', habit: 'learner', from: 3, joined: 30 },
      { name: 'Naledi Khumalo', title: 'Training Coordinator', habit: 'buyer', from: 3, joined: 23 },
      { name: 'Sipho Dlamini', title: 'Dispatcher', habit: 'looker', from: 3, joined: 14 },
    ],
  },
  {
    name: 'Officina Verde',
    domain: 'officina-verde.example',
    country: 'IT',
    learners: [
      { name: 'Chiara Bellandi', title: 'Head of Marketing', habit: 'buyer', from: 0, joined: 41 },
      { name: 'Matteo Ricci', title: 'Trade Marketing Lead', habit: 'returner', from: 5, joined: 38 },
      { name: 'Giulia Conti', title: 'Product Manager', habit: 'sampler', from: 6, joined: 33 },
      { name: 'Paolo Greco', title: 'Agronomist', habit: 'looker', from: 0, joined: 22 },
    ],
  },
  {
    name: 'Kessel & Sohn',
    domain: 'kessel-sohn.example',
    country: 'DE',
    learners: [
      { name: 'Daniel Krüger', title: 'Training Manager', habit: 'buyer', from: 1, joined: 30 },
      { name: 'Anke Vogt', title: 'Director of Service', habit: 'buyer', from: 3, joined: 48 },
      { name: 'Lukas Brandt', title: 'Service Technician', habit: 'sampler', from: 3, joined: 44 },
      { name: 'Heike Sommer', title: 'Works Council', habit: 'looker', from: 3, joined: 36 },
      { name: 'Jonas Weber', title: 'IT Administrator', habit: 'returner', from: 1, joined: 29 },
    ],
  },
  {
    name: 'Norrsken Mining',
    domain: 'norrsken-mining.example',
    country: 'SE',
    learners: [
      { name: 'Lars-Erik Sandström', title: 'Commercial Manager', habit: 'buyer', from: 3, joined: 31 },
      { name: 'Elin Bergqvist', title: 'HSE Trainer', habit: 'buyer', from: 6, joined: 52 },
      { name: 'Oskar Lindgren', title: 'Shift Supervisor', habit: 'sampler', from: 3, joined: 45 },
      { name: 'Maja Nyberg', title: 'Procurement', habit: 'looker', from: 7, joined: 19 },
    ],
  },
  {
    name: 'Palmline Foods',
    domain: 'palmline-foods.example',
    country: 'NG',
    learners: [
      { name: 'Ngozi Eze', title: 'Head of Training', habit: 'buyer', from: 0, joined: 71 },
      { name: 'Tunde Adeyemi', title: 'Sales Director', habit: 'buyer', from: 3, joined: 66 },
      { name: 'Amina Bello', title: 'Quality Manager', habit: 'learner', from: 3, joined: 58 },
      { name: 'Chinedu Okafor', title: 'Account Manager', habit: 'sampler', from: 2, joined: 55 },
      { name: 'Ifeoma Obi', title: 'Distribution Lead', habit: 'learner', from: 3, joined: 39 },
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
        from: 2,
        joined: 80,
      },
      { name: 'Ondřej Krejčí', title: 'Application Engineer', habit: 'finisher', from: 3, joined: 76 },
      { name: 'Jana Veselá', title: 'Marketing Lead', habit: 'buyer', from: 3, joined: 69 },
      { name: 'Filip Havel', title: 'Sales Engineer', habit: 'sampler', from: 1, joined: 62 },
      { name: 'Lenka Bártová', title: 'Trainer', habit: 'learner', from: 3, joined: 47 },
    ],
  },
]

/** People without a company: free mail, never a lead of a company. */
export const alone: (Learner & { email: string })[] = [
  {
    name: 'Sam Rivers',
    email: 'sam.rivers.reads@free-mail.example',
    title: 'Student',
    habit: 'finisher',
    from: 1,
    joined: 57,
  },
  {
    name: 'Ayo Martins',
    email: 'ayo.martins.lnd@free-mail.example',
    title: 'Freelance trainer',
    habit: 'learner',
    from: 5,
    joined: 43,
  },
  {
    name: 'Lena Fuchs',
    email: 'lena.fuchs.learns@free-mail.example',
    title: null,
    habit: 'sampler',
    from: 1,
    joined: 37,
  },
  {
    name: 'Bruno Costa',
    email: 'bruno.costa.talks@free-mail.example',
    title: 'Consultant',
    habit: 'looker',
    from: 7,
    joined: 28,
  },
  {
    name: 'Hana Suzuki',
    email: 'hana.suzuki.notes@free-mail.example',
    title: null,
    habit: 'looker',
    from: 4,
    joined: 15,
  },
  {
    name: 'Pavel Marek',
    email: 'pavel.marek.cte@free-mail.example',
    title: 'Teacher',
    habit: 'sampler',
    from: 6,
    joined: 6,
  },
]
