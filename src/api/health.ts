import mongoose from 'mongoose'
import { proveHost } from '../brand/check-host'
import { HttpError } from '../platform/errors'
import { now, seconds } from '../platform/clock'
import { config } from '../platform/config'
import type { Handler } from '../web/handler'
import { lastClockJump, lastHeartbeat } from '../platform/clock-jump'

/** A worker without a heartbeat for this long counts as down. */
const heartbeatTimeout = seconds(60)

/** `GET /healthz`: the process is running. Restart it when this doesn't respond. */
export const alive: Handler = (_request, response) => {
  response.json({ status: 'ok' })
}

/**
 * `GET /readyz`: the process can do its work, which includes writing to the database. Don't route requests to it unless
 * this responds with 200. It also reports a clock that went back in the last hour.
 */
export const ready: Handler = async (_request, response) => {
  const isDatabaseUp = await pingDatabase()
  const refusal = isDatabaseUp ? await writeRefusal() : null
  const heartbeatAt = isDatabaseUp ? await lastHeartbeat() : null
  const isWorkerUp = heartbeatAt !== null && now().getTime() - heartbeatAt.getTime() < heartbeatTimeout
  const jump = isDatabaseUp ? await lastClockJump() : null
  // A web process serves pages whether or not the workers elsewhere are up, so it only reports them.
  const isReady = isDatabaseUp && refusal === null && (isWorkerUp || config.role === 'web')
  response.status(isReady ? 200 : 503).json({
    status: isReady ? 'ready' : 'not ready',
    database: isDatabaseUp ? (refusal === null ? 'up' : `refuses writes: ${refusal}`) : 'down',
    worker: isWorkerUp ? 'up' : 'down',
    ...(jump && { clock: `went back ${Math.round(jump.milliseconds / 1000)} s at ${jump.at.toISOString()}` }),
  })
}

/**
 * `GET /host-check?nonce=`: proves that this installation answers on the host of the request, and with which brand; see
 * brand/check-host.ts. Throws 400 without a nonce.
 */
export const host: Handler = (request, response) => {
  const proof = proveHost(response.locals.brand.id, request.query.nonce)
  if (!proof) throw new HttpError(400, 'web:errors.badRequest')
  response.json(proof)
}

/** Returns why the database refuses a write, such as a full disk: pages can be read then. Null when it doesn't. */
async function writeRefusal(): Promise<string | null> {
  const settings = mongoose.connection.collection<{ _id: string; at: Date }>('settings')
  const options = { upsert: true, timeoutMS: 2000 }
  const written = settings.updateOne({ _id: 'readiness' }, { $set: { at: now() } }, options)
  return written.then(
    () => null,
    (error: Error) => error.message,
  )
}

async function pingDatabase(): Promise<boolean> {
  const ping = mongoose.connection.db?.admin().ping({ timeoutMS: 2000 })
  return (await ping?.then(() => true).catch(() => false)) ?? false
}
