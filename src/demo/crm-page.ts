import type { Texts } from '../web/texts'
import type { CrmMessage } from './crm-message'

/** The parts of a message's `data` that the CRM shows; see the academy's message types. */
type LeadData = {
  person?: { first_name?: string; last_name?: string; title?: string | null; company?: string }
  score?: { band: string | null; value: number | null; at: string | null; reasons: { text: string }[] }
}

type CrmInput = { messages: CrmMessage[]; total: number; rejected: number }

/** Returns what the demo CRM shows. */
export function crmPage({ messages, total, rejected }: CrmInput, texts: Texts) {
  const { t } = texts
  const names = namesIn(messages)
  return {
    head: { title: t('demo:crm.title'), noindex: true },
    lede: [
      t('demo:crm.sentence', { count: total }),
      ...(rejected ? [t('demo:crm.rejectedCount', { count: rejected })] : []),
    ].join(' '),
    empty: {
      title: t('demo:crm.peopleNone'),
      text: t('demo:crm.peopleNoneText'),
      link: { href: '/courses', text: t('demo:crm.peopleNoneLink') },
    },
    leads: newestPerPerson(messages).flatMap(message => leadOf(message, names, texts)),
    messages: messages.map(message => messageRow(message, names, texts)),
  }
}

/** Returns what the page of one message shows. */
export function crmMessagePage(message: CrmMessage, { t, date }: Texts) {
  const title = message.type || t('demo:crm.rejected')
  const state = t(message.rejectedBecause ? 'demo:crm.rejected' : 'demo:crm.verified')
  return {
    head: { title, noindex: true },
    title,
    meta: [message._id, date(message.receivedAt, 'full'), state].join(' · '),
    body: message.body && JSON.stringify(message.body, null, 2),
    rejectedBecause: message.rejectedBecause,
  }
}

function leadOf(message: CrmMessage, names: Map<string, string>, { t, points, date }: Texts) {
  const { person, score } = dataOf(message)
  if (!message.person || !score) return []
  const name = names.get(message.person) ?? message.person
  const outcomes = [
    { outcome: 'accepted', label: t('demo:crm.accept') },
    { outcome: 'won', label: t('demo:crm.won') },
    { outcome: 'lost', label: t('demo:crm.lost') },
  ]
  return [
    {
      name,
      href: `/demo/crm/messages/${message._id}`,
      job: [person?.title, person?.company].filter(Boolean).join(', '),
      band: score.band,
      score: score.value === null ? '' : points(score.value),
      scoredAt: score.at ? date(new Date(score.at), 'full') : '',
      reasons: score.reasons
        .slice(0, 2)
        .map(({ text }) => text)
        .join(', '),
      action: `/demo/crm/people/${message.person}/outcome`,
      outcomes,
      forPerson: t('demo:crm.forPerson', { name }),
    },
  ]
}

function messageRow(message: CrmMessage, names: Map<string, string>, { t, date }: Texts) {
  const { person, rejectedBecause, receivedAt, times } = message
  return {
    href: `/demo/crm/messages/${message._id}`,
    type: message.type || t('demo:crm.rejected'),
    signature: rejectedBecause
      ? { tone: 'is-brick', icon: 'failed', text: t('demo:crm.rejected') }
      : { tone: 'is-pine', icon: 'check-circle-fill', text: t('demo:crm.verified') },
    rejectedBecause,
    person: (person && names.get(person)) || person,
    sequence: message.sequence || '',
    received: `${date(receivedAt, 'short')}, ${date(receivedAt, 'time')}`,
    times: times > 1 ? t('demo:crm.times', { count: times }) : null,
  }
}

function dataOf({ body }: CrmMessage): LeadData {
  return (body?.data ?? {}) as LeadData
}

/** Names by person, from any message that contains one. A message that ends a lead contains only the person's id. */
function namesIn(messages: CrmMessage[]): Map<string, string> {
  const named = messages.flatMap(message => {
    const { person } = dataOf(message)
    if (!message.person || !person) return []
    return [[message.person, [person.first_name, person.last_name].filter(Boolean).join(' ')] as const]
  })
  return new Map(named)
}

/** The message with the highest sequence number of each person. */
function newestPerPerson(messages: CrmMessage[]): CrmMessage[] {
  const newest = new Map<string, CrmMessage>()
  for (const message of messages) {
    if (!message.person || !message.type.startsWith('lead.')) continue
    const earlier = newest.get(message.person)
    if (!earlier || earlier.sequence < message.sequence) newest.set(message.person, message)
  }
  return [...newest.values()]
}
