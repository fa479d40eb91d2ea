import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Returns the file to which the store of a Jest worker appends its errors. */
export function errorLogOf(folder: string): string {
  return join(folder, 'errors.jsonl')
}

/** Codes for a command, opcode, expression, stage or field that is unknown or that only MongoDB has. */
const unsupportedCodes = new Set([59, 115, 168, 238, 31325, 40324, 40415])

/**
 * Returns one line for each request for something that the store does not have. A test may swallow the error; this does
 * not. The store's own tests, which provoke such errors, use databases whose names start with `store_`.
 */
export function unsupportedErrors(folder: string): string[] {
  const file = errorLogOf(folder)
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { db: string; name: string; code: number; message: string })
    .filter(
      ({ db, code, message }) =>
        !String(db).startsWith('store_') &&
        (unsupportedCodes.has(code) || /unknown (top level )?operator|Unknown modifier/.test(message)),
    )
    .map(({ db, name, code, message }) => `${db}.${name}: ${code} ${message}`)
}
