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
 * `GET /readyz`: the process can do its work. Don't route requests to it unless this responds with 200. It also reports
 * a clock that went back in the last hour.
 */
export const ready: Handler = async (_request, response) => {
  const isDatabaseUp = await pingDatabase()
  const heartbeatAt = isDatabaseUp ? await lastHeartbeat() : null
  const isWorkerUp = heartbeatAt !== null && now().getTime() - heartbeatAt.getTime() < heartbeatTimeout
  const jump = isDatabaseUp ? await lastClockJump() : null
  // A web process serves pages whether or not the workers elsewhere are up, so it only reports them.
  const isReady = isDatabaseUp && (isWorkerUp || config.role === 'web')
  response.status(isReady ? 200 : 503).json({
    status: isReady ? 'ready' : 'not ready',
    database: isDatabaseUp ? 'up' : 'down',
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

async function pingDatabase(): Promise<boolean> {
  const ping = mongoose.connection.db?.admin().ping({ timeoutMS: 2000 })
  return (await ping?.then(() => true).catch(() => false)) ?? false
}
