import { localDayOf } from '../leads/absence'
import { brandOf, defaultBrandId } from '../brand/brand'
import { canOwn } from '../leads/assignable-team'
import { digestRhythms, Digests, type DigestRhythm } from '../leads/digest-choice'
import { queueEmail } from '../mail/queue-email'
import { firstNameOf } from '../people/first-name'
import { People, timeZoneOf, type Person } from '../people/person'
import { hours, later, minutes, now } from '../platform/clock'
import { config } from '../platform/config'
import { decryptSecret, encryptSecret } from '../platform/encrypt-secret'
import { defineQueue, doubling, work } from '../platform/queue'
import { date, nullable, oneOf, string, type RecordOf } from '../platform/record'
import { renderEmail } from '../web/render-email'
import { postWebhook, type CallResult } from '../webhooks/post'
import { digestOf, nextDigestAt, type Digest } from './digest'
import { slackMessage } from './slack-message'

/** The team's digest in a channel of Slack, or of a program that takes the same messages; due at the next one. */
export const ChannelDigests = defineQueue(
  'ChannelDigest',
  'channel_digests',
  {
    _id: string(),
    /** The address of the incoming webhook. Whoever has it can write to the channel, so it is encrypted. */
    address: string(),
    /** The only part of it that is shown. */
    host: string(),
    every: oneOf(digestRhythms),
    sentAt: nullable(date()),
    /** What the channel answered last, when it wasn't a success. */
    failure: nullable(string()),
  },
  { queue: 'channel-digests' },
)
export type ChannelDigest = RecordOf<typeof ChannelDigests>

const channel = 'team'

/** A server that was down over night doesn't send a morning's digest in the afternoon. */
const tooLate = hours(6)

/** True for some hours after a digest was due. Attempts after a failure are due later, and don't count. */
const isMorning = (timeZone: string, every: DigestRhythm) =>
  nextDigestAt(later(now(), -tooLate), timeZone, every) <= now()

/** Saves how often a teammate gets a digest; null for never. */
export async function saveDigestRhythm(person: Person, every: DigestRhythm | null): Promise<void> {
  const { _id } = person
  if (!every) return void (await Digests.deleteOne({ _id }))
  const dueAt = nextDigestAt(now(), timeZoneOf(person), every)
  await Digests.updateOne({ _id }, { $set: { every, dueAt, attempts: 0, failedAt: null } }, { upsert: true })
}

/** Sends the digests that are due by email. Whoever has left sales gets none, and their choice is forgotten. */
export const emailDigests = work(
  Digests,
  { lease: minutes(1), backoff: doubling(minutes(1), hours(1)), maxAttempts: 20 },
  async ({ _id, every, dueAt }) => {
    const person = (await canOwn(_id)) ? await People.load(_id) : null
    if (!person) {
      await Digests.deleteOne({ _id })
      return null
    }
    if (dueAt && isMorning(timeZoneOf(person), every)) await emailDigest(person, localDayOf(dueAt, person))
    return { dueAt: nextDigestAt(now(), timeZoneOf(person), every) }
  },
)

/**
 * Emails a teammate what waits for them, once for each `id`.
 *
 * @returns false when nothing waits: then nothing is sent.
 */
export async function emailDigest(person: Person, id: string): Promise<boolean> {
  const brand = await brandOf(person.brand)
  const digest = await digestOf(person, timeZoneOf(person), brand)
  if (!digest) return false
  const values = { name: firstNameOf(person.name), digest, href: `${brand.baseUrl}/sales/digest` }
  await queueEmail({
    _id: `digest:${person._id}:${id}`,
    person: person._id,
    to: person.email,
    kind: 'service',
    aboutEach: peopleIn(digest),
    ...renderEmail('digest', values, brand),
  })
  return true
}

const peopleIn = ({ sections }: Digest) => sections.flatMap(({ lines }) => lines.map(({ person }) => person))

/** Returns the team's digest in a channel, without its address; null when there is none. */
export function channelDigest(): Promise<Omit<ChannelDigest, 'address'> | null> {
  return ChannelDigests.findById(channel, { address: 0 }).exec()
}

/**
 * Sends the team's digest to a channel, and keeps its address when that works.
 *
 * @param address of an incoming webhook.
 */
export async function saveChannelDigest(address: string, every: DigestRhythm): Promise<CallResult> {
  const result = await postDigest(address)
  if (!result.ok) return result
  const at = now()
  const fields = {
    ...{ address: encryptSecret(address, channel), host: new URL(address).hostname, every },
    ...{
      sentAt: at,
      failure: null,
      dueAt: nextDigestAt(at, config.timeZone, every),
      attempts: 0,
      failedAt: null,
      // A worker that posts to the channel before this one doesn't write its result over this.
      leaseToken: null,
      leaseUntil: null,
    },
  }
  await ChannelDigests.updateOne({ _id: channel }, { $set: fields }, { upsert: true })
  return result
}

/** Stops the team's digest, and forgets the address of the channel. */
export async function removeChannelDigest(): Promise<void> {
  await ChannelDigests.deleteOne({ _id: channel })
}

/** Sends the team's digest to its channel. A failure is tried again for hours, and shown on the page. */
export const postDigests = work(
  ChannelDigests,
  { lease: minutes(1), backoff: doubling(minutes(1), hours(1)), maxAttempts: 100 },
  async ({ _id, address, every }) => {
    const isDue = isMorning(config.timeZone, every)
    const result = isDue ? await postDigest(decryptSecret(address, _id)) : null
    if (result && !result.ok) {
      const retryAt = later(now(), Math.max(result.retryAfter ?? 0, minutes(10)))
      return { failure: answerOf(result), dueAt: retryAt }
    }
    const next = { dueAt: nextDigestAt(now(), config.timeZone, every) }
    return result ? { ...next, sentAt: now(), failure: null } : next
  },
)

async function postDigest(address: string): Promise<CallResult> {
  const brand = await brandOf(defaultBrandId)
  const digest = await digestOf(null, config.timeZone, brand)
  return postWebhook(address, {}, JSON.stringify(slackMessage(digest, brand)))
}

/** Such as `403 invalid_token`, or why there was no answer. */
export function answerOf({ status, response, error }: CallResult): string {
  return status === null ? (error ?? '') : `${status} ${response.slice(0, 200)}`.trim()
}
