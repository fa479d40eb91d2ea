import { fieldId, type FormField } from './field'
import type { Translate } from './i18n'

/** Rows of a form: the fields `links.0.label`, `links.0.path`, `links.1.label`… */
export type TypedRow = Record<string, string>

type RowField = FormField & {
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
  hint?: string
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

/** Applies the button that was pressed: `up:links:1`, `down:links:1` or `remove:links:1`. `add:links` changes nothing. */
function moved<Item>(rows: Item[], list: string, change: unknown): Item[] {
  const [verb, of, index] = typeof change === 'string' ? change.split(':') : []
  const from = Number(index)
  if (of !== list || !(from in rows)) return rows
  const rest = rows.toSpliced(from, 1)
  if (verb === 'remove') return rest
  return rest.toSpliced(Math.max(0, verb === 'up' ? from - 1 : from + 1), 0, rows[from]!)
}

/** Whether a form has a list; a browser sends the fields of its empty row, too. */
export function hasRows(body: Record<string, unknown>, { list, fields }: RowList): boolean {
  return fields.some(({ name }) => `${list}.0.${name}` in body)
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
  { list, legend, fields, max, hint }: RowList,
  values: Record<string, unknown>,
  t: Translate,
) {
  const isFilled = (n: number) => fields.some(({ name }) => values[`${list}.${n}.${name}`])
  const count = Array.from({ length: max }, (_, n) => n).filter(isFilled).length
  const button = (verb: 'up' | 'down' | 'remove', n: number) => ({
    value: `${verb}:${list}:${n}`,
    label: t(`web:rows.${verb}`, { list: legend, number: n + 1 }),
  })
  return {
    id: fieldId(list),
    name: list,
    legend,
    hint,
    rows: Array.from({ length: Math.min(count + 1, max) }, (_, n) => ({
      legend: t(n < count ? 'web:rows.row' : 'web:rows.new', { number: n + 1 }),
      hidden: fields
        .filter(({ hidden }) => hidden)
        .map(({ name }) => ({ name: `${list}.${n}.${name}`, value: values[`${list}.${n}.${name}`] ?? '' })),
      fields: fields
        .filter(({ hidden }) => !hidden)
        .map(({ name, hint, ...field }): FormField => ({
          ...field,
          name: `${list}.${n}.${name}`,
          hint: n === 0 ? hint : undefined,
          ...(field.options && { kind: 'select' }),
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
    add: count + 1 < max ? { value: `add:${list}`, label: t('web:rows.addTo', { list: legend }) } : null,
  }
}

export type RowsView = ReturnType<typeof rowsView>
