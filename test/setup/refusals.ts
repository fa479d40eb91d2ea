import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the store of a Jest worker writes down what it refused. */
export function refusalsOf(folder: string): string {
  return join(folder, 'refusals.jsonl')
}

/** An unknown command, expression, stage or field, or what the store does not have. */
const unsupported = new Set([59, 115, 168, 238, 31325, 40324, 40415])

/**
 * What the application asked for and the store does not have; a test may swallow an error, this does not. The store's own
 * tests, which provoke refusals, keep to databases whose names begin with `store_`.
 */
export function unsupportedRefusals(folder: string): string[] {
  const file = refusalsOf(folder)
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { db: string; name: string; code: number; message: string })
    .filter(
      ({ db, code, message }) =>
        !String(db).startsWith('store_') &&
        (unsupported.has(code) || /unknown (top level )?operator|Unknown modifier/.test(message)),
    )
    .map(({ db, name, code, message }) => `${db}.${name}: ${code} ${message}`)
}
