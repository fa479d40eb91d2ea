import type { DeliveryAttempt } from '../webhooks/delivery'

/**
 * Why an attempt failed, as far as its answer says. `integrations:cause.<name>` has the words for each, and what to do
 * first.
 */
export type Failure =
  | 'unauthorized'
  | 'credentials'
  | 'forbidden'
  | 'redirect'
  | 'not_found'
  | 'method'
  | 'gone'
  | 'too_large'
  | 'invalid'
  | 'too_many'
  | 'refused_message'
  | 'server'
  | 'tls_expired'
  | 'tls_self_signed'
  | 'tls_chain'
  | 'tls_name'
  | 'tls'
  | 'dns'
  | 'refused'
  | 'reset'
  | 'unreachable'
  | 'timeout'
  | 'private'
  | 'other'

/** Where the first step leads. */
export type FirstStep = 'secret' | 'url' | 'rate' | 'mapping' | 'schema' | 'request'

const byStatus: Record<number, Failure> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method',
  410: 'gone',
  413: 'too_large',
  429: 'too_many',
}

/** By the code of Node's network and TLS errors (OpenSSL's names for what it finds wrong with a certificate). */
const byCode: Record<string, Failure> = {
  timeout: 'timeout',
  blocked: 'private',
  CERT_HAS_EXPIRED: 'tls_expired',
  CERT_NOT_YET_VALID: 'tls_expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_self_signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls_self_signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls_chain',
  UNABLE_TO_GET_ISSUER_CERT: 'tls_chain',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls_chain',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_name',
  EPROTO: 'tls',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ENODATA: 'dns',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  HPE_INVALID_CONSTANT: 'reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ETIMEDOUT: 'timeout',
}

type Answer = Pick<DeliveryAttempt, 'status' | 'error'> & { response?: string }

/** What an answer says that doesn't mean our signature: a webhook has no other credentials. */
const otherCredentials =
  /\b(api[ _-]?key|access[ _-]key|token|bearer|basic|credentials?|password|jwt|log ?in|sign ?in)\b/i

/**
 * Returns why an attempt failed; null when it succeeded.
 *
 * @param attempt.response the start of the answer's body; a 401 without one is taken for a wrong signature.
 */
export function failureOf({ status, error, response = '' }: Answer): Failure | null {
  if (status === null)
    return byCode[error ?? ''] ?? (/^(ERR_SSL|ERR_TLS|CERT_)/.test(error ?? '') ? 'tls' : 'other')
  if (status >= 200 && status < 300) return null
  if (status < 400) return status >= 300 ? 'redirect' : 'other'
  if (status === 401 && otherCredentials.test(response) && !/signature/i.test(response)) return 'credentials'
  return byStatus[status] ?? (status >= 500 ? 'server' : 'invalid')
}

const firstSteps: Record<Failure, FirstStep> = {
  unauthorized: 'secret',
  credentials: 'url',
  forbidden: 'secret',
  redirect: 'url',
  not_found: 'url',
  method: 'url',
  gone: 'url',
  too_large: 'mapping',
  invalid: 'schema',
  too_many: 'rate',
  refused_message: 'schema',
  server: 'request',
  tls_expired: 'url',
  tls_self_signed: 'url',
  tls_chain: 'url',
  tls_name: 'url',
  tls: 'url',
  dns: 'url',
  refused: 'url',
  reset: 'request',
  unreachable: 'url',
  timeout: 'request',
  private: 'url',
  other: 'request',
}

/** Returns what to do first about a failure. */
export function firstStepOf(failure: Failure): FirstStep {
  return firstSteps[failure]
}

const longestQuote = 120

/**
 * Returns what an answer says in words: the message of a JSON error, or the first line of a text; empty for a page of
 * HTML.
 */
export function quoteOf(response: string): string {
  const text = messageIn(response) ?? (/^\s*[<[{]/.test(response) ? '' : response.trim().split('\n', 1)[0]!)
  return text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text
}

/** Returns the message in a JSON answer, empty without one; null for what isn't JSON. */
function messageIn(response: string): string | null {
  try {
    const body = JSON.parse(response) as Record<string, unknown> | string | null
    if (typeof body === 'string') return body
    const { error, message, detail } = body ?? {}
    const inner =
      typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : error
    const found = [inner, message, detail].find(each => typeof each === 'string' && each)
    return (found as string | undefined) ?? ''
  } catch {
    return null
  }
}
