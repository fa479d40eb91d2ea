import { z } from 'zod'
import { rejectionReasons, type Lead } from '../leads/lead'
import { canReject } from '../leads/change-lead'
import { People } from '../people/person'
import { normaliseText } from '../platform/text'
import type { Translate } from '../web/i18n'

/** The form that rejects a lead, on the lead's page and behind the link in the email. */
export const rejectionForm = z.object({
  reason: z.enum(rejectionReasons, { error: 'sales:errors.reason' }),
  text: z.string().overwrite(normaliseText).trim().max(500, { error: 'web:errors.tooLong' }).default(''),
})

/**
 * Returns what to tell a teammate whose form was opened before the last change of a lead: who has responded to it, or
 * that it has changed. Null when nothing has changed since, or the lead can no longer be rejected.
 *
 * @param changeCount the number of changes when the form was opened, as it came from the form.
 */
export async function changeSinceOpened(
  lead: Lead,
  changeCount: unknown,
  t: Translate,
): Promise<string | null> {
  if (changeCount === undefined || String(changeCount) === String(lead.changeCount)) return null
  if (!canReject(lead)) return null
  const { kind, by } = lead.disposition ?? { kind: null, by: null }
  const teammate = by && (await People.findById(by, { name: 1 }))
  return kind && teammate
    ? t(`sales:respondedBy.${kind}`, { name: teammate.name })
    : t('sales:errors.changedSinceOpened')
}

/** Returns the fields of the form, as `partials/field` takes them. */
export function rejectionFields(t: Translate) {
  return {
    reason: {
      name: 'reason',
      kind: 'radios' as const,
      label: t('sales:rejection.reason'),
      required: true,
      options: rejectionReasons.map(value => ({ value, text: t(`sales:rejectionReason.${value}`) })),
    },
    text: {
      name: 'text',
      kind: 'textarea' as const,
      label: t('sales:rejection.details'),
      optional: true,
      maxlength: 500,
      rows: 3,
    },
  }
}
