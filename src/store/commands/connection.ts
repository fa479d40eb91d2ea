import { Timestamp } from 'bson'
import { replicaSetName, serverVersion } from '../replica-set'
import { sessionId, sessionTimeoutMinutes } from '../session'
import type { Doc, Value } from '../value'
import { arrayField, makeDoc, type Call, type Commands } from './command'

/**
 * The wire version of MongoDB 7.0:
 * https://github.com/mongodb/specifications/blob/master/source/wireversion-featurelist
 */
const wireVersion = 21

/**
 * Describes the store as a replica set with one member, so that drivers retry writes. MongoDB manual,
 * "hello":
 * https://www.mongodb.com/docs/manual/reference/command/hello/
 */
function hello({ database, name }: Call): Doc {
  return makeDoc({
    ...(name === 'hello' ? { isWritablePrimary: true } : { ismaster: true, isWritablePrimary: true }),
    helloOk: true,
    secondary: false,
    setName: replicaSetName,
    setVersion: 1,
    hosts: [database.address],
    primary: database.address,
    me: database.address,
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: sessionTimeoutMinutes,
    minWireVersion: 0,
    maxWireVersion: wireVersion,
    readOnly: false,
  })
}

const greeting = {
  accepts: [
    'helloOk',
    'client',
    'compression',
    'topologyVersion',
    'maxAwaitTimeMS',
    'loadBalanced',
    'backpressure',
    'saslSupportedMechs',
    'speculativeAuthenticate',
    'hello',
    'isMaster',
    'ismaster',
  ],
  read: hello,
}

/** Commands that drivers send to set up and keep a connection. */
export const connection: Commands = {
  hello: greeting,
  isMaster: greeting,
  ismaster: greeting,
  ping: { accepts: [], read: () => makeDoc({}) },
  buildInfo: { accepts: [], read: buildInfo },
  buildinfo: { accepts: [], read: buildInfo },
  getParameter: {
    accepts: ['featureCompatibilityVersion'],
    read: () => makeDoc({ featureCompatibilityVersion: new Map([['version', '7.0']]) }),
  },
  serverStatus: {
    accepts: [],
    read: () =>
      makeDoc({
        version: serverVersion,
        process: 'embedded store',
        uptime: Math.floor(process.uptime()),
        localTime: new Date(),
      }),
  },
  endSessions: {
    accepts: ['endSessions'],
    write: call => {
      const ids = arrayField(call, 'endSessions').map(lsid => sessionId(new Map([['lsid', lsid]])))
      call.database.sessions.end(ids.filter(id => id !== undefined))
      return makeDoc({})
    },
  },
}

function buildInfo(): Doc {
  return makeDoc({
    version: serverVersion,
    versionArray: [7, 0, 14, 0] as Value[],
    modules: ['embedded'],
    maxBsonObjectSize: 16 * 1024 * 1024,
    bits: 64,
    debug: false,
  })
}

/** Returns the field that a member of a replica set adds to each reply. The driver's sessions read it. */
export function operationTimeFields(now = Date.now()): Array<[string, Value]> {
  const time = new Timestamp({ t: Math.floor(now / 1000), i: 1 })
  return [['operationTime', time]]
}
