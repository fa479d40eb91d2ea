import { agreedLast, type Consent, type Purpose } from '../people/consent'
import type { Explanation } from '../scoring/explain'
import type { Texts } from '../web/texts'
import type { Recipient } from './recipients'

type SharingInput = {
  state: 'on' | 'paused' | 'off'
  /** Null when the person is not scored. */
  explanation: Explanation | null
  /** Titles of lessons and courses, by event id. */
  titles: Map<string, string>
  recipients: Recipient[]
  owner: { name: string; at: Date } | null
  /** `newText` is what someone is asked about again. `shown` is a hidden field with the text that is asked about. */
  consents: {
    purpose: Purpose
    consent: Consent | null
    text: string
    newText: string | null
    shown: { name: string; value: string }
  }[]
}

type Rule = Explanation['groups'][number]['rules'][number]

/** A rule's bar is full at this many points. */
const fullBar = 40

/** Returns what the data sharing page shows. */
export function sharingPage(input: SharingInput, texts: Texts) {
  const { state, explanation, owner } = input
  const { t, html, date } = texts
  const since = input.consents.find(({ purpose }) => purpose === 'share_with_sales')?.consent?.givenAt
  const rules = explanation?.groups.flatMap(group => group.rules) ?? []
  return {
    head: { title: t('account:sharing.title'), noindex: true },
    isOn: state === 'on',
    isPaused: state === 'paused',
    state: html(`account:sharing.state.${state}`, { day: since ? date(since, 'day') : '' }),
    owner: state === 'on' && owner ? t('account:sharing.owner', { name: owner.name }) : null,
    effect: t(`account:sharing.effect.${state}`),
    sees: {
      can: ['who', 'done', 'sessions', 'needs', 'asked'].map(what => t(`account:sharing.sees.${what}`)),
      never: ['answers', 'polls', 'notes', 'outside', 'opens', 'others'].map(what =>
        t(`account:sharing.sees.${what}`),
      ),
    },
    score: explanation
      ? scoreOf(explanation, rules, texts)
      : { title: t('account:sharing.score.none'), text: t('account:sharing.score.noneText'), rules: [] },
    recipients: recipientsOf(input, texts),
    events: rules.map(rule => eventsOf(rule, input.titles, texts)),
    consents: input.consents.map(each => consentOf(each, texts)),
  }
}

function scoreOf({ points, at, qualifyAt }: Explanation, rules: Rule[], texts: Texts) {
  const { t, points: format, date, dir } = texts
  return {
    title: t('account:sharing.score.title', { points: format(points), time: date(at, 'time') }),
    text: t('account:sharing.score.text', { enter: qualifyAt }),
    total: format(points),
    rules: rules.map(rule => {
      const because = becauseOf(rule, t)
      return {
        because,
        bar: { part: Math.min(1, Math.abs(rule.points) / fullBar), off: rule.points < 0, rtl: dir === 'rtl' },
        points: format(rule.points),
        href: `#events-${rule.rule}`,
        label: t('account:sharing.score.eventsOf', { because }),
      }
    }),
  }
}

/** The systems that received data, then the salesperson who can see it. */
function recipientsOf({ recipients, owner }: SharingInput, { t, date }: Texts) {
  const systems = recipients.map(({ name, type, at, delivery }) => ({
    name,
    what: t(`account:receivedData.${type}`),
    when: date(at, 'full'),
    href: `/account/sharing/messages/${encodeURIComponent(delivery)}`,
  }))
  if (!owner) return systems
  const person = {
    name: t('account:sharing.received.person', { name: owner.name }),
    what: t('account:sharing.received.page'),
    when: date(owner.at, 'full'),
    href: null,
  }
  return [...systems, person]
}

function eventsOf(rule: Rule, titles: Map<string, string>, { t, date, points }: Texts) {
  return {
    id: `events-${rule.rule}`,
    because: becauseOf(rule, t),
    events: rule.events.map(event => ({
      title: titles.get(event.event) ?? '',
      when: date(event.at, 'full'),
      points: t('account:sharing.event', { points: points(event.points) }),
    })),
  }
}

function becauseOf({ rule, events }: Rule, t: Texts['t']): string {
  return t(`account:because.${rule}`, { count: events.length })
}

function consentOf(
  { purpose, consent, text, newText, shown }: SharingInput['consents'][number],
  { t, date }: Texts,
) {
  const quote = t('account:agreed.quote', { text })
  const action = `/account/consents/${purpose}`
  if (!consent) {
    return {
      quote,
      shown,
      status: t('account:agreed.not'),
      again: null,
      action,
      label: t('account:agreed.giveThis', { text }),
      button: t('account:agreed.give'),
    }
  }
  const { page, textVersion, at } = agreedLast(consent)
  const place = t(`account:agreed.place.${placeOf(page)}`, { path: page })
  return {
    quote,
    shown,
    status: t('account:agreed.when', { version: textVersion, at: date(at, 'full'), place }),
    again: newText && {
      quote: t('account:agreed.quote', { text: newText }),
      action: `${action}/renewal`,
      label: t('account:agreed.giveThis', { text: newText }),
    },
    action: `${action}/withdrawal`,
    label: t('account:agreed.withdrawThis', { text }),
    button: t('account:agreed.withdraw'),
  }
}

/** Where a consent was given, derived from the path of its page. */
function placeOf(path: string): 'signUp' | 'account' | 'contactRequest' | 'other' {
  if (path === '/sign-up') return 'signUp'
  if (path.startsWith('/account/')) return 'account'
  return path.endsWith('/contact-request') ? 'contactRequest' : 'other'
}
