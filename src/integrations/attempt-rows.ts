import { People, type Person } from '../people/person'
import { Deliveries, type Delivery } from '../webhooks/delivery'
import { Endpoints } from '../webhooks/endpoint'
import { FieldMappings } from '../webhooks/field-mapping'
import { Messages } from '../webhooks/message'
import type { Texts } from '../web/texts'
import { deliveryBadge, personLabel, type DeliveryDetail } from './delivery-view'
import { failureOf } from './failure'
import { attemptText, type Badge } from './texts'
import type { Times } from './times'
import type { FailureHistory } from './why-view'

type AttemptRow = {
  person: string
  state: Badge
  type: string
  attempts: number
  lastAnswer: string
  next: string
}

/** Returns a row of a list of deliveries. Without `times`, it has no moments. */
export function attemptRow(
  delivery: Delivery,
  person: Person | undefined,
  texts: Texts,
  times: Times | null,
): AttemptRow {
  const last = delivery.attemptLog.at(-1)
  const { state, dueAt } = delivery
  return {
    person: personLabel(delivery, person, texts.t),
    state: deliveryBadge(delivery, texts),
    type: delivery.type,
    attempts: delivery.attemptLog.length,
    lastAnswer:
      last && times
        ? texts.t('integrations:attempts.answerAt', {
            answer: attemptText(last, 'answer', texts),
            when: times.short(last.at),
          })
        : '',
    next: state === 'pending' && dueAt && times ? times.short(dueAt) : '',
  }
}

/** Returns the people of deliveries, by id, without those who are erased. */
export async function peopleOf(deliveries: Delivery[]): Promise<Map<string, Person>> {
  const ids = deliveries.flatMap(({ person }) => (person ? [person] : []))
  const people = ids.length ? await People.find({ _id: { $in: ids }, erasedAt: null }) : []
  return new Map(people.map(person => [String(person._id), person]))
}

/** Returns a delivery with the records behind it. */
export async function detailOf(delivery: Delivery): Promise<DeliveryDetail> {
  const [endpoint, message, person, mapping] = await Promise.all([
    Endpoints.findById(delivery.endpoint),
    Messages.findById(delivery.message),
    delivery.person && People.findById(delivery.person),
    delivery.mapping ? FieldMappings.load(delivery.mapping) : null,
  ])
  const last = delivery.attemptLog.at(-1)
  const hasFailed = last && failureOf(last) && delivery.state !== 'delivered'
  const isExplained = hasFailed && endpoint && !endpoint.removedAt && endpoint.state !== 'listening'
  const history = isExplained ? await historyOf(endpoint._id, endpoint.failingSince) : null
  return { delivery, endpoint, message, person, mapping, history }
}

async function historyOf(endpoint: Delivery['endpoint'], failingSince: Date | null): Promise<FailureHistory> {
  const [accepted, open] = await Promise.all([
    failingSince ? Deliveries.count({ endpoint, state: 'delivered', createdAt: { $lt: failingSince } }) : 0,
    Deliveries.count({ endpoint, state: { $in: ['pending', 'sending', 'held', 'failed'] } }),
  ])
  return { accepted, open }
}
