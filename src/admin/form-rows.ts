import type { FormField } from '../web/field'
import type { Translate } from '../web/i18n'

/** Rows of a form: the fields `links.0.label`, `links.0.path`, `links.1.label`… */
export type TypedRow = Record<string, string>

type RowField = {
  name: string
  label: string
  maxlength?: number
  hint?: string
  options?: { value: string; text: string }[]
  /** Sent back as it was shown. */
  hidden?: boolean
}

/** The rows of a list as a form edits them. */
export type RowList = {
  /** The name of the list, `links`. */
  list: string
  legend: string
  fields: RowField[]
  /** The most rows. */
  max: number
}

/** Reads the rows of a list from a form, without those in which nothing is typed. */
export function typedRows(body: unknown, { list, fields, max }: RowList): TypedRow[] {
  const typed = (body ?? {}) as Record<string, unknown>
  const valueOf = (n: number, name: string) => {
    const value = typed[`${list}.${n}.${name}`]
    return typeof value === 'string' ? value.trim() : ''
  }
  // One more than there may be, so that the schema refuses it instead of the form losing it.
  const rows = Array.from({ length: max + 1 }, (_, n) =>
    Object.fromEntries(fields.map(({ name }) => [name, valueOf(n, name)])),
  )
  return moved(rows, list, typed.change).filter(row => Object.values(row).some(Boolean))
}

/** Applies the button that was pressed: `up:links:1`, `down:links:1` or `remove:links:1`. */
function moved<Item>(rows: Item[], list: string, change: unknown): Item[] {
  const [verb, of, index] = typeof change === 'string' ? change.split(':') : []
  const from = Number(index)
  if (of !== list || !(from in rows)) return rows
  const rest = rows.toSpliced(from, 1)
  if (verb === 'remove') return rest
  return rest.toSpliced(Math.max(0, verb === 'up' ? from - 1 : from + 1), 0, rows[from]!)
}

/** Returns the values of rows by the names of their fields. */
export function rowValues(list: string, rows: readonly object[]): Record<string, unknown> {
  return Object.fromEntries(
    rows.flatMap((row, n) =>
      Object.entries(row).map(([name, value]) => [`${list}.${n}.${name}`, value as unknown]),
    ),
  )
}

/** Returns the rows of a list with their buttons, and an empty one at the end while there is room. */
export function rowsView(
  { list, legend, fields, max }: RowList,
  values: Record<string, unknown>,
  t: Translate,
) {
  const isFilled = (n: number) => fields.some(({ name }) => values[`${list}.${n}.${name}`])
  const count = Array.from({ length: max }, (_, n) => n).filter(isFilled).length
  const button = (verb: 'up' | 'down' | 'remove', n: number) => ({
    value: `${verb}:${list}:${n}`,
    label: t(`admin:rows.${verb}`, { list: legend, number: n + 1 }),
  })
  return {
    legend,
    rows: Array.from({ length: Math.min(count + 1, max) }, (_, n) => ({
      legend: t(n < count ? 'admin:rows.row' : 'admin:rows.new', { number: n + 1 }),
      hidden: fields
        .filter(({ hidden }) => hidden)
        .map(({ name }) => ({ name: `${list}.${n}.${name}`, value: values[`${list}.${n}.${name}`] ?? '' })),
      fields: fields
        .filter(({ hidden }) => !hidden)
        .map(({ name, label, maxlength, hint, options }): FormField => ({
          name: `${list}.${n}.${name}`,
          label,
          maxlength,
          hint: n === 0 ? hint : undefined,
          ...(options && { kind: 'select', options }),
          autocomplete: 'off',
        })),
      moves:
        n < count
          ? [
              ...(n > 0 ? [{ ...button('up', n), icon: 'arrow-up' }] : []),
              ...(n < count - 1 ? [{ ...button('down', n), icon: 'arrow-down' }] : []),
            ]
          : [],
      remove: n < count ? button('remove', n) : null,
    })),
  }
}
