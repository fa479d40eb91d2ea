import { later, minutes, now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { activate, activeModel } from './model'
import { bringIntoDraft } from './model-draft'
import type { ModelContent } from './model-content'
import { rescheduleScores } from './reschedule-scores'

/** After this time every process uses the new version (see `activeModel`), so none rescores with the old one. */
const propagationDelay = minutes(2)

/**
 * Sets the domains of competitors; people at these companies are scored but never handed off. An active model never
 * changes, so this creates and activates the next version, and reschedules the scores of everyone at an added or
 * removed domain.
 *
 * @param version the version that the domains were read from.
 * @returns the version that is active afterwards: the same one when the domains haven't changed.
 * @throws 409 when a newer version is active.
 */
export async function blockCompetitors(domains: string[], version: number): Promise<number> {
  activeModel.forget()
  const current = await activeModel()
  if (current._id !== version) throw conflict('admin:errors.modelChanged')
  const before = new Set(current.content.blocked.domains)
  const after = [...new Set(domains)].sort()
  const changed = [
    ...after.filter(domain => !before.has(domain)),
    ...[...before].filter(domain => !after.includes(domain)),
  ]
  if (!changed.length) return version
  const withChanges = (listed: readonly string[]) =>
    [...new Set([...listed, ...changed.filter(domain => !before.has(domain))])]
      .filter(domain => after.includes(domain) || !changed.includes(domain))
      .sort()
  const content: ModelContent = {
    ...current.content,
    blocked: { ...current.content.blocked, domains: after },
  }
  // Before it is active, so that a process that ends between the two leaves nobody who should be scored again.
  await rescheduleScores(changed, later(now(), propagationDelay))
  if (!(await activate(version + 1, content))) throw conflict('admin:errors.modelChanged')
  activeModel.forget()
  await bringIntoDraft(version + 1, draft => ({
    ...draft,
    blocked: { ...draft.blocked, domains: withChanges(draft.blocked.domains) },
  }))
  return version + 1
}
