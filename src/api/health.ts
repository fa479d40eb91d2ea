import type { RequestHandler } from 'express'
import mongoose from 'mongoose'
import { now, seconds } from '../platform/clock'
import { config } from '../platform/config'
import { lastHeartbeat } from '../platform/queue'

const silence = seconds(60)

/** The process runs: restart it when it does not answer this. */
export const alive: RequestHandler = (_request, response) => {
  response.set('cache-control', 'no-store').json({ status: 'ok' })
}

/** It can do its work: send it no visitors when it does not answer this with 200. */
export const ready: RequestHandler = async (_request, response) => {
  const database = await isAnswering()
  const beat = database ? await lastHeartbeat() : null
  const isBeating = beat !== null && now().getTime() - beat.getTime() < silence
  // A web process serves pages whether or not the workers elsewhere are well; that it only tells.
  const isReady = database && (isBeating || config.role === 'web')
  response
    .set('cache-control', 'no-store')
    .status(isReady ? 200 : 503)
    .json({
      status: isReady ? 'ready' : 'not ready',
      database: database ? 'up' : 'down',
      worker: isBeating ? 'up' : 'down',
    })
}

async function isAnswering(): Promise<boolean> {
  const ping = mongoose.connection.db?.admin().ping({ timeoutMS: 2000 })
  return (await ping?.then(() => true).catch(() => false)) ?? false
}
