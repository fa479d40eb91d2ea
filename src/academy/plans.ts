/** The plans of the product; their names and words are under `academy:plans`. Money in minor units per month. */
export const plans = [
  {
    id: 'start',
    price: 0,
    seats: 25,
    receivers: 1,
    languages: 1,
    sessions: false,
    sso: false,
    support: 'forum',
  },
  {
    id: 'team',
    price: 24_000,
    seats: 250,
    receivers: 3,
    languages: 3,
    sessions: true,
    sso: false,
    support: 'day',
  },
  {
    id: 'company',
    price: 96_000,
    seats: 2_500,
    receivers: null,
    languages: null,
    sessions: true,
    sso: true,
    support: 'hours',
  },
] as const

export const currency = 'EUR'
