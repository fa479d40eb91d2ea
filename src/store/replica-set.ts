/**
 * The store presents itself as a replica set with one member, because drivers do not retry writes on a
 * standalone server.
 */
export const replicaSetName = 'embedded'

/** The MongoDB version whose behaviour the store follows and reports. */
export const serverVersion = '7.0.14'
