import type { AssignmentReason } from '../leads/routing-reason'
import type { Translate } from '../web/i18n'

/** Returns why a lead has its owner, such as `By territory: UK, food and drink`. */
export function assignmentText({ kind, name, cause }: AssignmentReason, t: Translate): string {
  const chosen = t(`sales:timelineNote.why.${kind}`, { name })
  return cause === 'new' ? chosen : `${chosen}. ${t(`sales:timelineNote.cause.${cause}`)}`
}
