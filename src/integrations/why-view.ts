import type { Delivery, DeliveryAttempt } from '../webhooks/delivery'
import { secretEnding, type Endpoint } from '../webhooks/endpoint'
import type { Texts } from '../web/texts'
import { failureOf, firstStepOf, quoteOf, type Failure, type FirstStep } from './failure'
import { attemptText, hrefOf } from './texts'
import type { Times } from './times'

/** What is known about the failures of an endpoint. */
export type FailureHistory = {
  /** Messages that it accepted before it began to fail. */
  accepted: number
  /** Messages that it hasn't accepted yet. */
  open: number
}

/** A step of the mending: a sentence with its beginning in bold, and a button. */
type Step = {
  bold: string
  text: string
  link: { href: string; text: string } | null
  /** A form's button; `isOff` is one that isn't possible yet, and `note` says why. */
  button: {
    action: string
    text: string
    fields: Record<string, string>
    isOff: boolean
    note: string
  } | null
}

/** Why a delivery failed, and how to mend it. */
export type WhyView = { title: string; text: string; conclusion: string; steps: Step[] }

/**
 * Returns why the last attempt at a delivery failed, for this very answer, with three steps; null when it didn't.
 *
 * @param canChange true when the reader may follow the steps; otherwise they have no buttons.
 */
export function whyView(
  delivery: Delivery,
  endpoint: Endpoint,
  history: FailureHistory,
  canChange: boolean,
  texts: Texts,
  times: Times,
): WhyView | null {
  const { t } = texts
  const last = delivery.attemptLog.at(-1)
  const failure = delivery.reason === 'endpoint' ? 'refused_message' : last && failureOf(last)
  if (!last || !failure) return null
  const cause = `integrations:cause.${failure}`
  const quote = quoteOf(last.response)
  const values = valuesOf(last, endpoint)
  return {
    title: t('integrations:why.title', { cause: t(`${cause}.title`, values) }),
    text: [
      t(`${cause}.text`, values),
      quote && t('integrations:why.quote', { quote }),
      knownText(endpoint, history, texts, times),
    ]
      .filter(Boolean)
      .join(' '),
    conclusion: t(`${cause}.${endpoint.lastSuccessAt ? 'after' : 'never'}`, values),
    steps: [
      firstStep(delivery.type, endpoint, failure, canChange, values, texts, times),
      testStep(endpoint, canChange, texts, times),
      lastStep(endpoint, history, canChange, texts),
    ],
  }
}

type Answer = Pick<DeliveryAttempt, 'status' | 'error'> & { location?: string | null }

const valuesOf = ({ status, error, location }: Answer, { url, perSecond }: Endpoint) => ({
  ...{ status, error, perSecond },
  host: URL.parse(url)?.host ?? url,
  location: location ?? '',
})

/** Returns why the last test of an endpoint failed, and the first step to mend it; null when it didn't. */
export function whyOfTest(endpoint: Endpoint, texts: Texts, times: Times) {
  const { t } = texts
  const { lastTest, lastSuccessAt } = endpoint
  const failure = lastTest && failureOf(lastTest)
  if (!failure) return null
  const cause = `integrations:cause.${failure}`
  const values = valuesOf(lastTest, endpoint)
  const step = firstStep(lastTest.type ?? 'webhook.test', endpoint, failure, true, values, texts, times)
  return {
    title: t('integrations:why.title', { cause: t(`${cause}.title`, values) }),
    text: t(`${cause}.text`, values),
    conclusion: t(`${cause}.${lastSuccessAt ? 'after' : 'never'}`, values),
    // What was sent and answered is on this page.
    step: { ...step, link: step.link?.href.startsWith('#') ? null : step.link },
  }
}

/** Says what is known from the endpoint's history: what it accepted before it began to fail. */
function knownText(
  { failingSince, lastSuccessAt }: Endpoint,
  { accepted }: FailureHistory,
  { t }: Texts,
  times: Times,
): string {
  if (!failingSince) return t('integrations:why.othersPass')
  if (!lastSuccessAt) return t('integrations:why.never')
  // What is sent again no longer counts as accepted.
  return accepted
    ? t('integrations:why.before', { count: accepted, since: times.full(failingSince) })
    : t('integrations:why.lastAccepted', { when: times.full(lastSuccessAt) })
}

function firstStep(
  type: Delivery['type'],
  endpoint: Endpoint,
  failure: Failure,
  canChange: boolean,
  values: object,
  { t }: Texts,
  times: Times,
): Step {
  const page = hrefOf(endpoint)
  const step = firstStepOf(failure)
  const cause = `integrations:cause.${failure}`
  const links: Record<FirstStep, string> = {
    secret: `${page}/secret`,
    url: `${page}/settings#url`,
    rate: `${page}/settings#perSecond`,
    mapping: `${page}/mapping?type=${type}`,
    schema: `/webhooks/message-types#${type}`,
    request: '#exchange',
  }
  const [newest] = endpoint.secrets
  const about = {
    ...values,
    ending: secretEnding(endpoint),
    when: newest ? times.day(newest.createdAt) : '',
  }
  const isOpenToAll = step === 'schema' || step === 'request'
  return {
    bold: t(`${cause}.step`, about),
    text: t(`${cause}.stepText`, about),
    link: canChange || isOpenToAll ? { href: links[step], text: t(`integrations:why.link.${step}`) } : null,
    button: null,
  }
}

function testStep(endpoint: Endpoint, canChange: boolean, texts: Texts, times: Times): Step {
  const { t } = texts
  const { lastTest } = endpoint
  const when = lastTest && times.full(lastTest.at)
  const result = lastTest && attemptText(lastTest, 'short', texts)
  return {
    bold: t('integrations:why.test'),
    text: lastTest ? t('integrations:why.lastTest', { when, result }) : t('integrations:why.noTest'),
    link: null,
    button: canChange
      ? {
          action: `${hrefOf(endpoint)}/test`,
          text: t('integrations:endpoint.test'),
          fields: {},
          isOff: false,
          note: '',
        }
      : null,
  }
}

/** The messages can be sent again once a test has succeeded since the failures began. */
function lastStep(endpoint: Endpoint, { open }: FailureHistory, canChange: boolean, { t }: Texts): Step {
  const isActive = endpoint.state === 'active'
  const isOff = !hasPassedTest(endpoint)
  const key = isActive ? 'replay' : 'resume'
  return {
    bold: t(`integrations:why.${key}`, { count: open }),
    text: t(`integrations:why.${key}Text`),
    link: null,
    button:
      canChange && open > 0
        ? {
            action: `${hrefOf(endpoint)}/${isActive ? 'replays' : 'resumption'}`,
            text: t(`integrations:why.${key}Button`, { count: open }),
            fields: { state: 'open' },
            isOff,
            note: isOff ? t('integrations:why.afterTest') : '',
          }
        : null,
  }
}

/** True when a test message has arrived since the endpoint began to fail. */
export function hasPassedTest({ lastTest, failingSince }: Endpoint): boolean {
  if (!lastTest || failureOf(lastTest)) return false
  return !failingSince || lastTest.at > failingSince
}
