import { z } from 'zod'
import { rejectionReasons } from '../leads/lead'
import { normaliseText } from '../platform/text'
import type { Translate } from '../web/i18n'

/** The form that rejects a lead, on the lead's page and behind the link in the email. */
export const rejectionForm = z.object({
  reason: z.enum(rejectionReasons, { error: 'sales:errors.reason' }),
  text: z.string().overwrite(normaliseText).trim().max(500, { error: 'web:errors.tooLong' }).default(''),
})

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
