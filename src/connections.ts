import { statfs } from 'node:fs/promises'
import mongoose from 'mongoose'
import { defaultBrandId } from './brand/brand'
import { checkHost } from './brand/check-host'
import { listProducts } from './checkout/stripe'
import { verifyMailServer } from './mail/transport'
import { now } from './platform/clock'
import { config, isLoopbackHost } from './platform/config'
import { connectionFault } from './platform/connection-fault'
import { defineConnections } from './platform/connection-check'

/** Where the academy depends on something outside this process, and how the go-live checklist tries each of them. */
export function installConnections(): void {
  defineConnections({ address, email, payments, database })
}

/** Opens the academy's address as a browser would. */
async function address() {
  const url = new URL(config.baseUrl)
  const values = { address: config.baseUrl }
  const result = await checkHost(defaultBrandId, url.hostname)
  if (result !== 'ok') return { passed: false, text: result, values: { ...values, host: url.hostname } }
  if (isLoopbackHost(url.hostname))
    return { passed: config.demo, onlyHere: true, text: 'thisComputer', values }
  return { passed: true, text: 'ok', values }
}

/** Connects to the mail server and signs in. */
async function email() {
  if (!config.smtpUrl) return { passed: config.demo, onlyHere: true, text: 'inbox' }
  const values = { server: new URL(config.smtpUrl).hostname }
  try {
    await verifyMailServer()
    return { passed: true, text: 'ok', values }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    return { passed: false, text: code === 'EAUTH' ? 'refused' : mailFault(error as Error), values }
  }
}

/** Nodemailer has codes of its own around those of Node. */
function mailFault(error: NodeJS.ErrnoException): string {
  if (error.code === 'ETIMEDOUT') return 'timeout'
  const isTls = error.code === 'ETLS' || /certificate|ssl|tls/i.test(error.message)
  const code = error.code === 'EDNS' ? 'ENOTFOUND' : isTls ? 'ERR_TLS' : error.code
  return connectionFault({ ...error, code })
}

/** Reads the products at Stripe with the key of the settings. */
async function payments() {
  if (config.stripe.standIn) return { passed: true, onlyHere: true, text: 'standIn' }
  try {
    await listProducts()
    const isTest = config.stripe.secretKey.includes('_test_')
    return { passed: true, text: isTest ? 'test' : 'ok' }
  } catch (error) {
    const { type } = error as { type?: string }
    const isRefused = type === 'StripeAuthenticationError' || type === 'StripePermissionError'
    return { passed: false, text: isRefused ? 'refused' : 'noAnswer' }
  }
}

/** Writes to the database and waits until it is durable. */
async function database() {
  const startedAt = performance.now()
  await mongoose.connection
    .collection<{ _id: string }>('settings')
    .updateOne({ _id: 'written' }, { $set: { at: now() } }, { upsert: true })
  const ms = Math.max(1, Math.round(performance.now() - startedAt))
  if (config.mongodbUri) return { passed: true, text: 'mongodb', values: { ms } }
  const { bavail, bsize } = await statfs(config.dataDir)
  const gigabytes = Math.floor((bavail * bsize) / 1e9)
  return { passed: gigabytes > 0, text: gigabytes > 0 ? 'embedded' : 'full', values: { ms, gigabytes } }
}
