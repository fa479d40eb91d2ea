import type { Types } from 'mongoose'
import type { ReplayMove } from '../leads/scoring-replay'
import { People, sharesWithSales } from '../people/person'
import { days } from '../platform/clock'
import { keyOfChange } from '../scoring/apply-change'
import type { ModelChange } from '../scoring/model-changes'
import type { Texts } from '../web/texts'
import { nameOfChange } from './scoring-texts'

/** Returns the page of a replay. */
export const replayHref = (id: Types.ObjectId | string): string => `/admin/scoring-model/replays/${id}`

/** Fields whose change has words of its own. */
const ownWords = ['weight', 'halfLife', 'cap', 'points'] as const

/** Returns a change in a few words, such as `Question asked, 6 → 9 points`. */
export function changeText(change: ModelChange, texts: Texts): string {
  const { t, number } = texts
  const name = nameOfChange(change, texts)
  const [field, ...others] = change.fields
  if (change.kind !== 'changed' || !field || others.length) {
    return t(`admin:scoringReplay.change.${change.kind}`, { name })
  }
  const { before, after } = field
  if (typeof before !== 'number' || typeof after !== 'number') {
    return t('admin:scoringReplay.change.changed', { name })
  }
  const words = change.part === 'groupCaps' ? 'cap' : ownWords.find(each => each === field.field)
  return t(`admin:scoringReplay.change.${words ?? 'number'}`, {
    ...{ count: after, name, before: number(before), after: number(after) },
  })
}

/** Someone who moves, as a row of a table. */
export type MoveRow = {
  name: string
  href: string | null
  company: string
  at: string
  active: string
  draft: string
  decidedBy: string
  outcome: string
  won: string
}

/** Returns the rows of people who move. Names are read now: who was erased, or doesn't share with sales, has none. */
export async function moveRows(
  moves: readonly ReplayMove[],
  changes: readonly ModelChange[],
  texts: Texts,
): Promise<MoveRow[]> {
  const { t, date, points, money } = texts
  const found = await People.find(
    { _id: { $in: moves.map(({ person }) => person) } },
    { name: 1, company: 1, consents: 1, sharingPausedAt: 1, erasedAt: 1 },
  )
  const shown = new Map(
    found
      .filter(person => !person.erasedAt && sharesWithSales(person))
      .map(person => [String(person._id), person]),
  )
  return moves.map(move => {
    const person = shown.get(String(move.person))
    return {
      name: person?.name ?? t('sales:demoHours.notShared'),
      href: person ? `/sales/leads/${move.person}` : null,
      company: person?.company?.name ?? '',
      at: date(move.at),
      active: points(move.active),
      draft: points(move.draft),
      decidedBy: decidedBy(move, changes, texts),
      outcome: t(`admin:scoringReplay.${move.outcome}`),
      won: move.amount !== null && move.currency !== null ? money(move.amount, move.currency) : '',
    }
  })
}

/** Returns the rule that decides, with how often it was met and how long before. */
function decidedBy(
  { change: key, events, lastEventAt, at }: ReplayMove,
  changes: readonly ModelChange[],
  texts: Texts,
): string {
  const change = changes.find(each => keyOfChange(each) === key)
  const { t } = texts
  if (!change) return ''
  if (!lastEventAt) return nameOfChange(change, texts)
  const ago = Math.floor((at.getTime() - lastEventAt.getTime()) / days(1))
  return t('admin:scoringReplay.metBefore', {
    ...{ count: events, name: nameOfChange(change, texts) },
    ago: ago ? t('admin:scoringReplay.daysBefore', { count: ago }) : t('admin:scoringReplay.sameDay'),
  })
}
