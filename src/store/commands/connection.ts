import { Timestamp } from 'bson'
import { setName, version } from '../replica-set'
import { sessionId, sessionMinutes } from '../session'
import type { Doc, Value } from '../value'
import { arrayField, reply, type Call, type Commands } from './command'

/** Of MongoDB 7.0: https://github.com/mongodb/specifications/blob/master/source/wireversion-featurelist */
const wireVersion = 21

/** https://www.mongodb.com/docs/manual/reference/command/hello/: a replica set of one, so that drivers retry writes. */
function hello({ database, name }: Call): Doc {
  return reply({
    ...(name === 'hello' ? { isWritablePrimary: true } : { ismaster: true, isWritablePrimary: true }),
    helloOk: true,
    secondary: false,
    setName,
    setVersion: 1,
    hosts: [database.address],
    primary: database.address,
    me: database.address,
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: sessionMinutes,
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

export const connection: Commands = {
  hello: greeting,
  isMaster: greeting,
  ismaster: greeting,
  ping: { accepts: [], read: () => reply({}) },
  buildInfo: { accepts: [], read: buildInfo },
  buildinfo: { accepts: [], read: buildInfo },
  getParameter: {
    accepts: ['featureCompatibilityVersion'],
    read: () => reply({ featureCompatibilityVersion: new Map([['version', '7.0']]) }),
  },
  serverStatus: {
    accepts: [],
    read: () =>
      reply({
        version,
        process: 'embedded store',
        uptime: Math.floor(process.uptime()),
        localTime: new Date(),
      }),
  },
  endSessions: {
    accepts: ['endSessions'],
    write: call => {
      const ids = arrayField(call, 'endSessions').map(lsid => sessionId(new Map([['lsid', lsid]])))
      call.database.sessions.forget(ids.filter(id => id !== undefined))
      return reply({})
    },
  },
}

function buildInfo(): Doc {
  return reply({
    version,
    versionArray: [7, 0, 14, 0] as Value[],
    modules: ['embedded'],
    maxBsonObjectSize: 16 * 1024 * 1024,
    bits: 64,
    debug: false,
  })
}

/** The fields that a member of a replica set adds to each reply; sessions of the driver read them. */
export function clusterTime(now = Date.now()): Array<[string, Value]> {
  const time = new Timestamp({ t: Math.floor(now / 1000), i: 1 })
  return [['operationTime', time]]
}
