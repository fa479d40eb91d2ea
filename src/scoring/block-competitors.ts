import { later, minutes, now } from '../platform/clock'
import { conflict, isDuplicateKey } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import { People } from '../people/person'
import { activeModel, hashOfModel, Models, type ModelContent } from './model'
import { Scores } from './score'

/** By then every process has the new version (see `activeModel`), so that none looks again with the old one. */
const propagationDelay = minutes(2)

/**
 * Sets the domains of competitors, whose people are scored but never handed over. A model in force does not change, so this makes the next
 * version of it, with all else as it was; whoever belongs to a domain that came or went is looked at again. The same domains
 * change nothing. Answers the version in force.
 *
 * @param version the one that the domains were read from; refused (409) when there is a newer one.
 */
export async function blockCompetitors(domains: string[], version: number): Promise<number> {
  activeModel.forget()
  const before = await activeModel()
  if (before._id !== version) throw conflict('admin:errors.modelChanged')
  const old = new Set(before.content.blocked.domains)
  const wished = [...new Set(domains)].sort()
  const changed = [
    ...wished.filter(domain => !old.has(domain)),
    ...[...old].filter(each => !wished.includes(each)),
  ]
  if (!changed.length) return version
  const content: ModelContent = {
    ...before.content,
    blocked: { ...before.content.blocked, domains: wished },
  }
  const moment = now()
  const next = version + 1
  const versionOf = { _id: next, status: 'active' as const, hash: hashOfModel(content), content }
  try {
    await Models.create({ ...versionOf, createdAt: moment, activeSince: moment })
  } catch (error) {
    if (isDuplicateKey(error)) throw conflict('admin:errors.modelChanged')
    throw error
  }
  await Models.updateMany({ _id: { $lt: next }, status: 'active' }, { $set: { status: 'retired' } })
  activeModel.forget()
  await rescheduleDomains(changed)
  return next
}

async function rescheduleDomains(domains: string[]): Promise<void> {
  const people = await People.distinct('_id', { 'company.domain': { $in: domains } })
  await Scores.updateMany({ _id: { $in: people } }, { $set: { dueAt: later(now(), propagationDelay) } })
  wakeWorker.emit('due')
}
