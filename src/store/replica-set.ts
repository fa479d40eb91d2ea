/** The store calls itself a replica set of one of this name, so that drivers retry writes. */
export const setName = 'embedded'

/** The last MongoDB whose behaviour it follows. */
export const version = '7.0.14'
