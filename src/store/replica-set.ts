/** The store calls itself a replica set of one of this name, so that drivers retry writes. */
export const replicaSetName = 'embedded'

/** The last MongoDB whose behaviour it follows. */
export const serverVersion = '7.0.14'
