import type { Types } from 'mongoose'
import { namesForSales } from '../people/names'
import { now } from '../platform/clock'
import { currentPeople, type CurrentPeople } from '../scoring/current-people'
import { effectOf, movesOf, type Movement } from '../scoring/effect'
import { followedPeople, maxFollowed } from '../scoring/followed-people'
import type { ModelDraft } from '../scoring/model-draft'
import type { ModelContent } from '../scoring/model-content'
import { roundedPoints } from '../scoring/rules'
import { ruleName } from '../web/model-texts'
import type { Texts } from '../web/texts'

/**
 * Returns what a draft would do today, as the panel beside the editor shows it.
 *
 * @param rest see `effectOf`.
 */
export async function effectPanel(
  { base, draftNumber }: ModelDraft,
  draft: ModelContent,
  teammate: Types.ObjectId,
  texts: Texts,
  rest?: () => Promise<void>,
) {
  const { t, number, date, dir } = texts
  const known = await currentPeople()
  const compared = { active: base.content, draft, version: base._id, at: now() }
  const effect = await effectOf(known.people, compared, rest)
  const followed = (await followedPeople(teammate)) ?? nearest(known, draft)
  const moves = movesOf(known.people, followed, compared)
  const names = await namesForSales(moves.map(({ id }) => id))
  const { qualifyAt } = draft
  const [up, down] = [effect.up.length, effect.down.length]
  const drawn = effect.after.reduce((sum, count) => sum + count, 0)
  return {
    scored: t(known.isCut ? 'admin:scoring.effect.scoredNewest' : 'admin:scoring.effect.scored', {
      ...{ count: effect.people, people: number(effect.people) },
      time: date(known.readAt, 'time'),
    }),
    up: { text: t('admin:scoring.effect.up', { count: up }), href: up ? peopleHref('up') : null },
    down: { text: t('admin:scoring.effect.down', { count: down }), href: down ? peopleHref('down') : null },
    isSame: !up && !down,
    chart: {
      ...{ draft: effect.after, active: effect.before, rtl: dir === 'rtl' },
      threshold: { at: qualifyAt, name: t('admin:scoring.effect.threshold', { at: number(qualifyAt) }) },
      label: t('admin:scoring.effect.chart', { count: drawn, people: number(drawn), up, down }),
    },
    legend: {
      draft: t('admin:scoring.effect.draft', { version: base._id + 1 }),
      active: t('admin:scoring.effect.active', { version: base._id }),
    },
    isDraft: draftNumber > 0,
    followed: moves
      .filter(({ id }) => names.has(id))
      .slice(0, maxFollowed)
      .map(move => followedView(move, names.get(move.id)!, { active: base.content, draft }, texts)),
  }
}

const peopleHref = (move: string) => `/admin/scoring-model/draft/people?move=${move}`

type Compared = { active: ModelContent; draft: ModelContent }

function followedView({ id, before, after }: Movement, name: string, compared: Compared, texts: Texts) {
  const { t, points, dir } = texts
  const [was, is] = [before.engagement.points, after.engagement.points]
  return {
    name,
    href: `/sales/leads/${id}`,
    before: points(was),
    after: points(is),
    isSame: roundedPoints(was) === roundedPoints(is),
    why: whyMoved({ before, after }, compared, texts),
    chart: {
      ...{ before: was, after: is, threshold: compared.draft.qualifyAt, rtl: dir === 'rtl' },
      label: t('admin:scoring.effect.moveLabel', { name, before: points(was), after: points(is) }),
    },
  }
}

/** The two rules that move someone most, and whether they cross the line: `question +3.0, pricing −2.4`. */
function whyMoved(
  { before, after }: Omit<Movement, 'id'>,
  { active, draft }: Compared,
  texts: Texts,
): string {
  const { t, points } = texts
  const rules = new Map([...active.rules, ...draft.rules].map(rule => [rule.id, rule]))
  const moved = [...rules.values()]
    .map(rule => {
      const of = ({ engagement }: Movement['before']) => engagement.pointsByRule[rule.id] ?? 0
      return { rule, by: of(after) - of(before) }
    })
    .filter(({ by }) => Math.abs(by) >= 0.05)
    .sort((a, b) => Math.abs(b.by) - Math.abs(a.by))
    .slice(0, 2)
    .map(({ rule, by }) => `${ruleName(rule, texts)} ${by > 0 ? '+' : ''}${points(by)}`)
  const fit = after.fit - before.fit
  const crossed =
    before.qualifies === after.qualifies
      ? []
      : [t(`admin:scoring.effect.${after.qualifies ? 'rises' : 'falls'}`)]
  return [
    ...moved,
    ...(Math.abs(fit) >= 0.05 ? [t('admin:scoring.effect.fit', { points: points(fit) })] : []),
    ...crossed,
  ].join(', ')
}

/** Those nearest to the line, whom a change is likely to move. */
function nearest({ people }: CurrentPeople, { qualifyAt }: ModelContent): string[] {
  const sumOf = (person: CurrentPeople['people'][number]) =>
    Object.values(person.rawPointsByRule).reduce((sum, points) => sum + points, 0)
  return people
    .map(person => ({ id: person.id, distance: Math.abs(sumOf(person) - qualifyAt) }))
    .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
    .slice(0, maxFollowed * 4)
    .map(({ id }) => id)
}
