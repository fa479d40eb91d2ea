import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify'
import type { Response } from 'express'
import { ignoreAbort } from './ignore-abort'
import { readPage, type Find, type KeysetPage, type SortOrder } from './keyset'

type CsvRow = Record<string, string | number | null | undefined>

/**
 * Sends rows as a CSV file, a portion at a time, so that a file of any length takes little memory. Text that a
 * spreadsheet would read as a formula is escaped.
 *
 * @param columns the keys of the rows, each with its heading where that is another.
 */
export async function sendCsv(
  response: Response,
  filename: string,
  columns: readonly (string | { key: string; header: string })[],
  portions: AsyncIterable<CsvRow[]>,
): Promise<void> {
  response.type('text/csv').attachment(filename)
  const csv = stringify({ header: true, bom: true, escape_formulas: true, columns: [...columns] })
  const rows = async function* () {
    for await (const portion of portions) yield* portion
  }
  await pipeline(rows, csv, response).catch(ignoreAbort)
}

const portionSize = 500

/** Reads a whole list in its order, a portion at a time; each portion is what is there when it is read. */
export async function* portionsOf<T>(find: Find<T>, order: SortOrder): AsyncIterable<T[]> {
  let after: string | undefined
  do {
    const page: KeysetPage<T> = await readPage(find, order, { after }, portionSize)
    yield page.rows
    after = page.older ?? undefined
  } while (after)
}
