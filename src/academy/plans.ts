/** The product's plans; names and texts are translations under `academy:plans`. Null means unlimited. */
export const plans = [
  {
    id: 'start',
    /** In minor units per month. */
    price: 0,
    seats: 25,
    endpoints: 1,
    languages: 1,
    sessions: false,
    sso: false,
    support: 'forum',
  },
  {
    id: 'team',
    price: 24_000,
    seats: 250,
    endpoints: 3,
    languages: 3,
    sessions: true,
    sso: false,
    support: 'day',
  },
  {
    id: 'company',
    price: 96_000,
    seats: 2_500,
    endpoints: null,
    languages: null,
    sessions: true,
    sso: true,
    support: 'hours',
  },
] as const

export type Plan = (typeof plans)[number]

export const currency = 'EUR'
