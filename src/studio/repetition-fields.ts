import { sessionCaps } from '../sessions/live-session'
import { repetitions } from '../sessions/repetition'
import type { FormField } from '../web/field'
import type { RowsView } from '../web/form-rows'
import type { Texts } from '../web/texts'

export type Label = (key: string) => string

/** Returns the fields of how a new session repeats, and what the series is. */
export function repetitionRows(texts: Texts): (FormField[] | RowsView)[] {
  const { t } = texts
  const label: Label = key => t(`studio:sessions.form.${key}`)
  return [
    ...repeatRows(['', ...repetitions, 'dates'], 2, texts),
    [
      {
        ...{ kind: 'radios', name: 'seriesKind', label: label('seriesKind'), value: 'dates' },
        options: (['dates', 'parts'] as const).map(value => ({
          value,
          text: label(`seriesKinds.${value}`),
          hint: label(`seriesKindHints.${value}`),
        })),
      },
    ],
    ...seriesRows({ t }),
  ]
}

/** Returns the fields of how sessions follow each other: at least so many, or on days that are chosen. */
function repeatRows(offered: readonly string[], least: number, { t }: Pick<Texts, 't'>): FormField[][] {
  const label: Label = key => t(`studio:sessions.form.${key}`)
  return [
    [
      {
        ...{ kind: 'select', name: 'repeats', label: label('repeats'), hint: label('repeatsHint') },
        options: offered.map(value => ({ value, text: label(`repetition.${value || 'none'}`) })),
      },
      {
        ...wholeNumberField('count', label, least, sessionCaps.series),
        ...{ required: false, hint: label(least > 1 ? 'countHint' : 'moreHint') },
      },
    ],
    [
      {
        ...{ kind: 'textarea', name: 'dates', label: label('dates'), hint: label('datesHint') },
        ...{ rows: 3, maxlength: 1000, spellcheck: 'false', optional: true },
      },
    ],
  ]
}

/** Returns the fields for more dates of a series. */
export const moreDatesFields = (texts: Pick<Texts, 't'>): FormField[] =>
  repeatRows([...repetitions, 'dates'], 1, texts).flat()

/** Returns the fields of what a series' certificate needs. */
export function seriesRows({ t }: Pick<Texts, 't'>): FormField[][] {
  const label: Label = key => t(`studio:sessions.form.${key}`)
  return [
    [{ kind: 'checkbox', name: 'seriesCertificate', label: label('seriesCertificate') }],
    [
      {
        ...wholeNumberField('seriesRequired', label, 1, sessionCaps.series),
        ...{ required: false, optional: true, hint: label('seriesRequiredHint') },
      },
    ],
  ]
}

/** Returns a required field for a whole number. */
export function wholeNumberField(name: string, label: Label, min: number, max: number): FormField {
  return { name, type: 'number', label: label(name), min, max, inputmode: 'numeric', required: true }
}
