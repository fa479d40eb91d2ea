const names = ['prospect', 'author', 'reviewer', 'sales', 'saleslead', 'admin'] as const

/** The accounts that the demo's sign-in page offers, one for each kind of work. */
export const demoAccounts = names.map(name => ({ name, email: `${name}@tarnwell.example` }))

/** The password of every account in the demo. */
export const demoPassword = 'learn-and-sell'
