/**
 * MongoDB's error codes and names:
 * https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
 */
const names: Record<number, string> = {
  1: 'InternalError',
  2: 'BadValue',
  4: 'NoSuchKey',
  8: 'UnknownError',
  9: 'FailedToParse',
  13: 'Unauthorized',
  14: 'TypeMismatch',
  15: 'Overflow',
  16: 'InvalidLength',
  20: 'IllegalOperation',
  22: 'InvalidBSON',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  34: 'CannotBackfillArray',
  40: 'ConflictingUpdateOperators',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  50: 'MaxTimeMSExpired',
  51: 'InvalidRegEx',
  53: 'InvalidIdField',
  52: 'DollarPrefixedFieldName',
  54: 'NotSingleValueField',
  56: 'EmptyFieldName',
  57: 'DottedFieldName',
  59: 'CommandNotFound',
  66: 'ImmutableField',
  67: 'CannotCreateIndex',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  79: 'UnknownReplWriteConcern',
  91: 'ShutdownInProgress',
  100: 'UnsatisfiableWriteConcern',
  112: 'WriteConflict',
  115: 'CommandNotSupported',
  117: 'ConflictingOperationInProgress',
  168: 'InvalidPipelineOperator',
  171: 'CannotIndexParallelArrays',
  175: 'QueryPlanKilled',
  197: 'InvalidIndexSpecificationOption',
  206: 'NoSuchSession',
  207: 'InvalidUUID',
  225: 'TransactionTooOld',
  237: 'CursorKilled',
  238: 'NotImplemented',
  241: 'ConversionFailure',
  263: 'OperationNotSupportedInTransaction',
  276: 'IndexBuildAborted',
  292: 'QueryExceededMemoryLimitNoDiskUseAllowed',
  322: 'APIVersionError',
  323: 'APIStrictError',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
  14031: 'OutOfDiskSpace',
}

/** An error that is returned to the client as a reply with `ok: 0`. `extra` contains more fields of the reply. */
export interface ServerError extends Error {
  code: number
  codeName: string
  extra?: Record<string, unknown>
}

/** Creates an error with one of MongoDB's codes. A code without a name is called Location<code>, as in MongoDB. */
export function serverError(code: number, message: string, extra?: Record<string, unknown>): ServerError {
  return Object.assign(new Error(message), {
    code,
    codeName: names[code] ?? `Location${code}`,
    extra,
    isServerError: true,
  })
}

/** Returns true for errors that go to the client. Anything else is a bug or a disk failure. */
export function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'isServerError' in error
}

/** Returns true for an error that ends a command and not only one operation of it: it was stopped from outside. */
export function isInterruption(error: unknown): boolean {
  return isServerError(error) && [50, 91, 14031].includes(error.code)
}

/** Creates the error for a feature that MongoDB has and this store does not: 238 (NotImplemented), with its name. */
export function notImplemented(what: string): ServerError {
  return serverError(238, `${what} is not implemented by the embedded store`)
}
