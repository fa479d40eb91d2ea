import type { RuleHits } from '../scoring/effect'
import type { ModelChange } from '../scoring/model-changes'
import { groups, type FitRule, type ModelContent, type Rule } from '../scoring/model-content'
import type { Form } from '../web/form'
import { fitName, fitSetName, ruleName } from '../web/model-texts'
import type { Texts } from '../web/texts'
import { newScoringItem, type ScoringPart } from './scoring-form'
import { fitCondition, ruleConditions } from './scoring-texts'
import type { ScoringWorld } from './scoring-world'

/** The form that is open, in the row of what it changes. */
export type OpenItem = { part: ScoringPart; item: string; form: Form }

type Shared = {
  content: ModelContent
  base: ModelContent
  changes: readonly ModelChange[]
  open: OpenItem | null
  texts: Texts
}

/** A number of a row, and what it was where it differs. */
type Figure = { now: string; was: string | null }

const path = '/admin/scoring-model/draft'

/** The links and the address of the forms of one row. */
function rowOf({ open, changes }: Shared, part: ScoringPart, id: string, name: string, { t }: Texts) {
  const changed = changes.find(each => each.part === part && each.id === id)
  return {
    ...{ id, name, part },
    isOpen: open?.part === part && open.item === id,
    action: `${path}/${part}/${id}`,
    editHref: `${path}?edit=${part}.${id}#edit`,
    changed: changed ? t(`admin:scoring.kind.${changed.kind}`) : null,
    labels: {
      edit: t('admin:scoring.editLabel', { name }),
      up: t('admin:scoring.upLabel', { name }),
      down: t('admin:scoring.downLabel', { name }),
      back: t('admin:scoring.backLabel', { name }),
    },
  }
}

/** The rules of engagement by group, with those that were removed. */
export function scoringRuleRows(shared: Shared, hits: ReadonlyMap<string, RuleHits>, world: ScoringWorld) {
  const { content, base, changes, open, texts } = shared
  const { t, number, points } = texts
  const before = new Map(base.rules.map(rule => [rule.id, rule]))
  const figure = (now: number, was: number | undefined, say: (value: number) => string): Figure => ({
    now: say(now),
    was: was === undefined || was === now ? null : say(was),
  })
  const row = (rule: Rule) => {
    const was = before.get(rule.id)
    const hit = hits.get(rule.id)
    const count = hit?.events ?? 0
    return {
      ...rowOf(shared, 'rules', rule.id, ruleName(rule, texts), texts),
      conditions: ruleConditions(rule, world, texts),
      weight: figure(rule.weight, was?.weight, points),
      halfLife: figure(rule.halfLife, was?.halfLife, value =>
        t('admin:scoring.days', { days: number(value) }),
      ),
      cap: figure(rule.cap, was?.cap, number),
      hits: {
        text: number(count),
        href: hit?.people.size ? `${path}/people?rule=${encodeURIComponent(rule.id)}` : null,
        label: t('admin:scoring.hitsLabel', {
          count,
          hits: number(count),
          people: number(hit?.people.size ?? 0),
        }),
      },
      note: t('admin:scoring.hitsNote', {
        ...{ count, hits: number(count) },
        people: number(hit?.people.size ?? 0),
        atCap: number(hit?.atCap ?? 0),
      }),
    }
  }
  const isNewOpen = (group: string) =>
    open?.part === 'rules' && open.item === newScoringItem && (open.form.values.group ?? 'intent') === group
  return groups.map(group => ({
    ...{ group, name: t(`sales:ruleGroup.${group}`), isNewOpen: isNewOpen(group) },
    cap: t('sales:scoringModel.groupCap', { cap: content.groupCaps[group] }),
    capWas:
      base.groupCaps[group] === content.groupCaps[group]
        ? null
        : t('admin:scoring.was', { before: number(base.groupCaps[group]) }),
    rules: content.rules.filter(rule => rule.group === group).map(row),
    removed: changes
      .filter(
        ({ part, kind, before: rule }) =>
          part === 'rules' && kind === 'removed' && (rule as Rule).group === group,
      )
      .map(({ id, before: rule }) => rowOf(shared, 'rules', id, ruleName(rule as Rule, texts), texts)),
  }))
}

/** The rules of fit by set. */
export function fitRows(shared: Shared, world: ScoringWorld) {
  const { content, texts } = shared
  const { t, number } = texts
  const was = new Map(shared.base.fit.flatMap(({ rules }) => rules.map(rule => [rule.id, rule])))
  const row = (rule: FitRule, n: number, rules: readonly FitRule[]) => ({
    ...rowOf(shared, 'fit', rule.id, fitName({ ...rule, fact: rule.when.fact }, texts), texts),
    condition: fitCondition(rule, world, texts),
    points: {
      now: number(rule.points),
      was:
        (was.get(rule.id)?.points ?? rule.points) === rule.points ? null : number(was.get(rule.id)!.points),
    },
    isFirst: n === 0,
    isLast: n === rules.length - 1,
  })
  return content.fit.map((set, n) => ({
    ...rowOf(shared, 'sets', set.id, fitSetName(set, texts), texts),
    isFirst: n === 0,
    isLast: n === content.fit.length - 1,
    how: t('admin:scoring.setHow', { take: t(`admin:scoring.take.${set.take}`), cap: number(set.cap) }),
    rules: set.rules.map(row),
  }))
}

type Fact = { name: string; value: string }

/** The thresholds and the grid, in words. */
export function gridRows(content: ModelContent, { t, number }: Texts): Fact[] {
  const { bands, qualifyAt, disqualifyBelow, qualifyingGrades } = content
  const row = (key: string, value: string) => ({ name: t(`admin:scoring.setting.${key}`), value })
  return [
    row('qualifyAt', number(qualifyAt)),
    row('disqualifyBelow', number(disqualifyBelow)),
    row('qualifyingGrades', qualifyingGrades.join(', ') || t('admin:scoring.nothing')),
    row('bands', t('sales:scoringModel.gradesText', bands)),
    row('hoursBetweenChanges', number(content.hoursBetweenChanges)),
    row('daysBetweenHandOffs', number(content.daysBetweenHandOffs)),
  ]
}

/** Who is never handed off, in words. */
export function exclusionRows({ blocked }: ModelContent, { t }: Texts): Fact[] {
  const row = (key: string, value: string) => ({ name: t(`admin:scoring.setting.${key}`), value })
  const yes = (value: boolean) => t(`admin:scoring.${value ? 'yes' : 'no'}`)
  return [
    row('customers', t(`admin:scoring.customers.${blocked.customers}`)),
    row('titles', blocked.titles.join(', ') || t('admin:scoring.nothing')),
    row('domains', blocked.domains.join(', ') || t('admin:scoring.nothing')),
    row('universities', yes(blocked.universities)),
    row('disposable', yes(blocked.disposable)),
    row('suppressed', t('admin:scoring.always')),
  ]
}
