import type { Texts } from '../web/texts'
import type { DeliveryAttempt } from '../webhooks/delivery'
import type { Endpoint } from '../webhooks/endpoint'

/** A state as it is shown: the colour class, the icon and the label. */
export type Badge = { colour: string; icon: string; text: string }

/** An attempt as its list shows it; `time` is left out for a test, whose heading has it. */
export type AttemptView = Badge & { time?: { iso: string; text: string }; response: string }

/** Returns seconds with two decimals for a duration in ms, at least 0.01 s. */
export function inSeconds(durationMs: number): string {
  return (Math.max(durationMs, 10) / 1000).toFixed(2)
}

/** Returns the percentage for a share from 0 to 1, with one decimal. */
export function percent(share: number, { points }: Pick<Texts, 'points'>): string {
  return `${points(share * 100)}%`
}

/** Returns a URL without its scheme, for a narrow column. */
export function shortUrl(url: string): string {
  return url.replace(/^https?:\/\//, '')
}

const textKeys = {
  short: (name: string) => `integrations:response.${name}`,
  long: (name: string) => `integrations:attempt.${name}`,
  answer: (name: string) => `integrations:answer.${name}`,
}

/** Describes an attempt's result: without its duration for a narrow column, short with it, long for a list. */
export function attemptText(
  { status, error, durationMs }: Pick<DeliveryAttempt, 'status' | 'error' | 'durationMs'>,
  length: keyof typeof textKeys,
  { t }: Pick<Texts, 't'>,
): string {
  const key = textKeys[length]
  const seconds = inSeconds(durationMs)
  if (status !== null) return t(key('status'), { status, seconds })
  return t(key(error === 'timeout' || error === 'blocked' ? error : 'none'), { error, seconds })
}

/** Returns the badge and texts of an attempt, with at most `maxResponse` characters of the response. */
export function attemptView(
  attempt: Pick<DeliveryAttempt, 'status' | 'error' | 'durationMs' | 'response'>,
  maxResponse: number,
  texts: Pick<Texts, 't'>,
): AttemptView {
  const isSuccess = attempt.status !== null && attempt.status >= 200 && attempt.status < 300
  return {
    colour: isSuccess ? 'is-pine' : 'is-brick',
    icon: isSuccess ? 'check-circle-fill' : 'failed',
    text: attemptText(attempt, 'long', texts),
    response: attempt.response.slice(0, maxResponse),
  }
}

/** Returns the address of an endpoint's page. */
export const hrefOf = ({ _id }: Pick<Endpoint, '_id'>) => `/integrations/endpoints/${_id}`
