import { serverError } from './errors'

/**
 * Checks the name of a user variable: a lower-case first letter (or CURRENT), then letters, digits and
 * underscores. MongoDB manual, "Variables in Aggregation Expressions":
 * https://www.mongodb.com/docs/manual/reference/aggregation-variables/
 *
 * @throws 16866, 16867 or 16868
 */
export function checkVariableName(name: string): void {
  if (name === '') throw serverError(16866, 'empty variable names are not allowed')
  if (name === 'CURRENT') return
  if (!/^[a-z\u0080-\uffff]/.test(name))
    throw serverError(16867, `'${name}' starts with an invalid character for a user variable name`)
  const bad = /[^a-zA-Z0-9_\u0080-\uffff]/.exec(name)
  if (bad)
    throw serverError(16868, `'${name}' contains an invalid character for a variable name: '${bad[0]}'`)
}
