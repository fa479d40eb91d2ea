import { shownEmail } from '../people/email-address'
import { activeConsentsAt, agreedLast, type Consent } from '../people/consent'
import type { Person } from '../people/person'
import { sourceOf } from '../people/source'
import { Outcomes } from '../crm/outcome'
import type { DependOn } from '../platform/retained'
import { Deliveries, type Delivery } from '../webhooks/delivery'
import { Endpoints } from '../webhooks/endpoint'
import { deliveryIcons } from '../web/delivery-icons'
import { messageTypeDocs } from '../web/message-type-docs'
import type { SalesTexts } from './sales-texts'

/** The last message about a person to one endpoint. */
type LastMessage = { endpoint: string; delivery: Delivery }

/** How to reach a person, what they agreed to, and what the CRMs know about them. */
export type Contact = {
  consents: Consent[]
  /** The CRM's own id for the lead, as last reported; null when it gave none. */
  crmRecord: { id: string; endpoint: string; recordUrl: string | null } | null
  lastMessages: LastMessage[]
  /** The name of the brand that they joined; null while there is only one. */
  brand: string | null
}

const maxDeliveries = 50

/** Reads a person's contact as of a moment. For an earlier day, it has only the messages that had arrived by then. */
export async function readContact(
  { _id }: Pick<Person, '_id'>,
  at: Date,
  isPast: boolean,
  dependOn: DependOn,
): Promise<Omit<Contact, 'brand'>> {
  dependOn(Outcomes, 'person', _id)
  dependOn(Deliveries, 'person', _id)
  dependOn(Endpoints)
  const arrived = isPast ? { createdAt: { $lte: at }, deliveredAt: { $lte: at } } : {}
  const [consents, outcomes, deliveries] = await Promise.all([
    activeConsentsAt(_id, at, dependOn),
    Outcomes.find({ person: _id, state: 'applied', occurredAt: { $lte: at }, receivedAt: { $lte: at } }).sort(
      {
        occurredAt: -1,
      },
    ),
    Deliveries.find({ person: _id, ...arrived })
      .sort({ createdAt: -1 })
      .limit(maxDeliveries),
  ])
  const reported = outcomes.find(({ type, crmId }) => type.startsWith('lead.') && crmId)
  const ids = [...deliveries, ...outcomes].map(({ endpoint }) => endpoint)
  const endpoints = await Endpoints.find({ _id: { $in: ids } }, { name: 1, recordUrl: 1, removedAt: 1 })
  const sender = reported && endpoints.find(each => each._id.equals(reported.endpoint))
  return {
    consents,
    crmRecord: reported
      ? { id: reported.crmId!, endpoint: sender?.name ?? '', recordUrl: sender?.recordUrl ?? null }
      : null,
    lastMessages: endpoints
      .filter(({ removedAt }) => !removedAt || removedAt > at)
      .flatMap(({ _id: endpoint, name }) => {
        const delivery = deliveries.find(each => each.endpoint.equals(endpoint))
        return delivery ? [{ endpoint: name, delivery }] : []
      }),
  }
}

/** Returns the ready-to-print cards "Contact" and "CRM"; days and places are named with their source. */
export function contactView(
  { consents, crmRecord, lastMessages, brand }: Contact,
  person: Person,
  owner: string | null,
  at: Date,
  texts: SalesTexts,
) {
  const { t, date, countryName } = texts
  const first = person.firstTouch && person.firstTouch.at <= at ? person.firstTouch : null
  const source = t(`insights:sources.${sourceOf(first)}`)
  return {
    email: shownEmail(person.email),
    mailto: `mailto:${person.email}`,
    brand,
    country: person.country ? countryName(person.country) : t('sales:contact.unknown'),
    source: first
      ? [
          source,
          first.campaign && t('sales:contact.campaign', { campaign: first.campaign }),
          t('sales:contact.firstVisit', { day: date(first.at, 'day') }),
        ]
          .filter(Boolean)
          .join(' · ')
      : t('sales:contact.unknown'),
    consents: consents.map(consent => {
      const { text, textVersion, at: agreedAt } = agreedLast(consent, at)
      const summary = t('sales:contact.consent', {
        purpose: t(`sales:contact.purpose.${consent.purpose}`),
        day: date(agreedAt, 'day'),
        version: textVersion,
      })
      return { summary, text }
    }),
    crmRecord: crmRecord
      ? t('sales:contact.crmRecord', crmRecord)
      : t(lastMessages.length ? 'sales:contact.noCrmId' : 'sales:contact.notInCrm'),
    crmHref: crmRecord?.recordUrl?.replaceAll('{crm_id}', encodeURIComponent(crmRecord.id)) ?? null,
    owner: owner ?? t('sales:lead.noOwner'),
    messages: lastMessages.map(message => messageView(message, texts)),
  }
}

/** Such as `Lead updated, to Sales CRM: sent today at 09:42, 200 in 184 ms`. */
function messageView({ endpoint, delivery }: LastMessage, texts: SalesTexts) {
  const { t } = texts
  return {
    href: `/integrations/deliveries/${delivery._id}`,
    ...deliveryIcons[delivery.state],
    text: t('sales:contact.message', {
      type: messageTypeDocs(delivery.type, t).title,
      endpoint,
      what: stateText(delivery, texts),
    }),
  }
}

function stateText(
  { state, deliveredAt, durationMs, attemptLog, reason, dueAt }: Delivery,
  texts: SalesTexts,
): string {
  const { t, times } = texts
  const last = attemptLog.at(-1)
  const answer = last?.status ?? t('sales:contact.noAnswer')
  switch (state) {
    case 'delivered':
      return t('sales:contact.delivered', {
        when: deliveredAt ? times.inSentence(deliveredAt) : '',
        status: last?.status ?? '',
        ms: durationMs ?? last?.durationMs ?? 0,
      })
    case 'pending':
      return last
        ? t('sales:contact.retrying', { answer, when: dueAt ? times.inSentence(dueAt) : '' })
        : t('sales:contact.pending')
    case 'failed':
      return t('sales:contact.failed', { count: attemptLog.length, answer })
    case 'cancelled':
      return [t('sales:contact.cancelled'), reason && t(`integrations:cancelReason.${reason}`)]
        .filter(Boolean)
        .join(' ')
    default:
      return t(`sales:contact.${state}`)
  }
}
