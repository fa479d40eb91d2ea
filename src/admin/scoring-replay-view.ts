import type { ReplayMove, ScoringReplay } from '../leads/scoring-replay'
import { namesOf } from '../people/names'
import { days } from '../platform/clock'
import { keyOfChange } from '../scoring/apply-change'
import { maxAttributed } from '../scoring/compare-models'
import { rankingOf, shareOf, type Estimate } from '../scoring/ranking'
import type { ReplayReport, Won } from '../scoring/replay-report'
import type { Texts } from '../web/texts'
import { changeText, moveRows, replayHref } from './scoring-replay-texts'

/** Fewer outcomes say nothing about which model is better. */
const fewest = 30
/** The end of a scale to 100%, with room for its name. */
const whole = 1.05
/** An answer that takes more outcomes than this is none. */
const mostNeeded = 5000

/** Returns what the page of a replay shows. */
export async function scoringReplayView(
  replay: ScoringReplay,
  missed: readonly ReplayMove[],
  at: Date,
  texts: Texts,
) {
  const { t, number } = texts
  const { _id, version, state, progress, took } = replay
  // A comparison from before these were part of it doesn't know them.
  const stored = replay.report as (Partial<ReplayReport> & Omit<ReplayReport, 'ranking' | 'bands'>) | null
  const report = stored && { ranking: rankingOf([]), bands: [], ...stored }
  const draftVersion = version + 1
  const from = report?.from ?? at
  const months = Math.max(1, Math.round((replay.at.getTime() - from.getTime()) / days(30.4)))
  const counted = { count: progress.people, events: number(progress.events), people: number(progress.people) }
  const shared = {
    ...{ id: String(_id), href: replayHref(_id), version, draftVersion, isRunning: state === 'running' },
    title: report
      ? t('admin:scoringReplay.title', { version: draftVersion, count: months })
      : t('admin:scoringReplay.runningTitle', { version: draftVersion }),
  }
  if (!report || took === null) {
    return {
      ...shared,
      report: null,
      sentence:
        state === 'running' && !progress.of
          ? t('admin:scoringReplay.starting')
          : t(`admin:scoringReplay.${state === 'finished' ? 'failed' : state}`, {
              ...{ ...counted, of: number(progress.of) },
            }),
      progress: { done: progress.people, of: Math.max(progress.of, 1) },
    }
  }
  const seconds = took < 9950 ? Math.max(1, Math.round(took / 100)) / 10 : Math.round(took / 1000)
  return {
    ...shared,
    progress: null,
    sentence: t('admin:scoringReplay.sentence', {
      ...{ ...counted, version, draft: draftVersion, seconds: number(seconds) },
    }),
    report: {
      ...verdictOf(report, texts),
      rates: ratesOf(report, version, texts),
      moves: movesOf(report, replayHref(_id), texts),
      won: wonTables(report, texts),
      attributed:
        report.changes.length > maxAttributed
          ? t('admin:scoringReplay.attributed', { count: maxAttributed })
          : '',
      ...(await loadOf(replay, report, texts)),
      missed: {
        rows: await moveRows(missed, report.changes, texts),
        href: `${replayHref(_id)}/people?direction=out&outcome=won`,
        all: missedText(report, texts),
      },
    },
  }
}

/** The verdict as a sentence with its uncertainty, and how many outcomes it rests on. */
function verdictOf({ winRate, outcomes, changes, weeks, capacity, moves }: ReplayReport, texts: Texts) {
  const { t, html, number } = texts
  const over = weeks.filter(({ draft }) => draft > capacity).length
  const load = t(over ? 'admin:scoringReplay.loadOver' : 'admin:scoringReplay.loadWithin', { count: over })
  if (!changes.length) return { verdict: t('admin:scoringReplay.noChange'), outcomes: '' }
  const { active, draft, difference } = winRate
  const moved = (direction: 'in' | 'out') =>
    moves.filter(each => each.direction === direction).reduce((sum, each) => sum + each.people, 0)
  if (outcomes < fewest || !active || !draft || !difference) {
    const counts = { in: number(moved('in')), out: number(moved('out')) }
    return {
      verdict: `${html('admin:scoringReplay.tooFew', counts)} ${load}`,
      outcomes: t('admin:scoringReplay.outcomesFew', { count: outcomes, needed: fewest }),
    }
  }
  const [low, high] = [difference.low, difference.high].map(share => Math.round(share * 100)) as [
    number,
    number,
  ]
  const isSure = difference.low > 0 || difference.high < 0
  const change = Math.round(difference.value * 100)
  const kind = !change ? 'same' : change > 0 ? 'better' : 'worse'
  const key = isSure || !change ? kind : kind === 'better' ? 'probablyBetter' : 'probablyWorse'
  const range = { low: signedCount(low, texts), high: signedCount(high, texts) }
  const hundred = {
    active: number(Math.round(active.value * 100)),
    draft: number(Math.round(draft.value * 100)),
  }
  const needed = outcomesNeeded(outcomes, difference)
  const counts = { count: outcomes, outcomes: number(outcomes), needed: number(needed) }
  const note = isSure ? 'outcomes' : needed > mostNeeded ? 'outcomesMany' : 'outcomesNeeded'
  return {
    verdict: [
      html('admin:scoringReplay.ofHundred', hundred),
      html(`admin:scoringReplay.${key}`, range),
      load,
    ].join(' '),
    outcomes: t(`admin:scoringReplay.${note}`, counts),
  }
}

/** Returns so many buyers fewer or more, in words. */
function signedCount(count: number, { t }: Texts): string {
  return t(count < 0 ? 'admin:scoringReplay.fewer' : 'admin:scoringReplay.more', { count: Math.abs(count) })
}

/** Returns after how many outcomes the interval leaves out 0, if the difference stays: four times as many halve it. */
function outcomesNeeded(outcomes: number, { value, low, high }: NonNullable<Estimate>): number {
  const needed = outcomes * ((high - low) / 2 / Math.abs(value)) ** 2
  return Number.isFinite(needed) ? Math.ceil(needed / 50) * 50 : Infinity
}

function ratesOf({ winRate, recall, lift, ranking, capacity }: ReplayReport, version: number, texts: Texts) {
  const { t, number, dir } = texts
  const percent = (share: number) => `${number(Math.round(share * 100))}%`
  const most = Math.max(
    0.1,
    ...[winRate.active, winRate.draft, winRate.finished].map(each => each?.high ?? 0),
  )
  const row = (name: string, estimate: Estimate, isDraft = false, end = most) => ({
    ...{ name, isDraft },
    chart: estimate && { ...estimate, most: end, isMain: isDraft, rtl: dir === 'rtl' },
    text: estimate
      ? t('admin:scoringReplay.interval', {
          value: percent(estimate.value),
          low: number(Math.round(estimate.low * 100)),
          high: number(Math.round(estimate.high * 100)),
        })
      : t('admin:scoringReplay.unknown'),
  })
  const signed = (share: number) => {
    const points = Math.round(share * 100)
    return points > 0 ? `+${number(points)}` : number(points).replace('-', '−')
  }
  // The difference of the figures as they are shown.
  const rounded = (estimate: Estimate) => Math.round((estimate?.value ?? 0) * 100) / 100
  const difference = (estimate: Estimate, active: Estimate, draft: Estimate) =>
    estimate
      ? t('admin:scoringReplay.interval', {
          value: signed(rounded(draft) - rounded(active)),
          ...{ low: signed(estimate.low), high: signed(estimate.high) },
        })
      : t('admin:scoringReplay.unknown')
  const both = (active: string | null, draft: string | null) => ({ active, draft })
  const lifted = (estimate: Estimate) => estimate && number(Math.round(estimate.value * 10) / 10)
  const shown = (estimate: Estimate) => estimate && percent(estimate.value)
  return {
    title: t('admin:scoringReplay.winRate', { count: capacity }),
    rows: [
      row(t('admin:scoringReplay.active', { version }), winRate.active),
      row(t('admin:scoringReplay.draft', { version: version + 1 }), winRate.draft, true),
      row(t('admin:scoringReplay.finishedCourse'), winRate.finished),
    ],
    axis: { most, rtl: dir === 'rtl' },
    difference: difference(winRate.difference, winRate.active, winRate.draft),
    facts: [
      {
        name: t('admin:scoringReplay.lift', { count: capacity }),
        ...both(lifted(lift.active), lifted(lift.draft)),
      },
      {
        name: t('admin:scoringReplay.recall'),
        ...both(shown(recall.active), shown(recall.draft)),
      },
    ].map(fact => (fact.active === null || fact.draft === null ? { ...fact, isUnknown: true } : fact)),
    recallDifference: difference(recall.difference, recall.active, recall.draft),
    ranking: {
      rows: [
        row(t('admin:scoringReplay.active', { version }), ranking.active, false, whole),
        row(t('admin:scoringReplay.draft', { version: version + 1 }), ranking.draft, true, whole),
      ],
      axis: { most: whole, rtl: dir === 'rtl' },
      difference: difference(ranking.difference, ranking.active, ranking.draft),
    },
  }
}

function movesOf({ moves, changes }: ReplayReport, href: string, texts: Texts) {
  const { t, number } = texts
  const shown = (each: ReplayReport['moves'][number]) => ({
    ...{
      people: number(each.people),
      won: number(each.won),
      lost: number(each.lost),
      open: number(each.open),
    },
  })
  return (['in', 'out'] as const).map(direction => {
    const rows = moves.filter(each => each.direction === direction)
    const sum = (field: 'people' | 'won' | 'lost' | 'open') =>
      rows.reduce((total, each) => total + each[field], 0)
    const total = { people: sum('people'), won: sum('won'), lost: sum('lost'), open: sum('open') }
    const peopleHref = `${href}/people?direction=${direction}`
    return {
      icon: direction === 'in' ? 'arrow-up-right' : 'arrow-down-right',
      name: t(`admin:scoringReplay.${direction === 'in' ? 'wouldQualify' : 'wouldDrop'}`),
      ...shown({ direction, change: '', ...total }),
      href: total.people ? peopleHref : null,
      rules: rows.map(each => ({
        name: changeText(
          changes.find(change => keyOfChange(change) === each.change)!,
          texts,
        ),
        ...shown(each),
        href: `${peopleHref}&rule=${encodeURIComponent(each.change)}`,
      })),
    }
  })
}

/** Fewer leads have a win rate that says nothing. */
const fewestLeads = 5

/** The win rates by score and by grade; none without a lead whose 90 days are over. */
function wonTables(report: ReplayReport, texts: Texts) {
  const { t } = texts
  const grades = report.grades.map(({ grade, ...won }) => wonRow(grade, won, texts))
  const tables = [
    {
      ...{ id: 'bands', title: t('admin:scoringReplay.byBand'), rows: bandsOf(report, texts) },
      name: t('admin:scoringReplay.score'),
    },
    {
      ...{ id: 'grades', title: t('admin:scoringReplay.byGrade'), rows: grades },
      name: t('admin:scoringReplay.grade'),
    },
  ]
  return tables.filter(({ rows }) => rows.length)
}

function bandsOf({ bands }: ReplayReport, texts: Texts) {
  const { t, number } = texts
  const name = (from: number, next: number | undefined) =>
    next === undefined
      ? t('admin:scoringReplay.bandFrom', { from: number(from) })
      : t(from ? 'admin:scoringReplay.band' : 'admin:scoringReplay.bandBelow', {
          ...{ from: number(from), next: number(next) },
        })
  return bands
    .map(({ from, ...won }, n) => ({ won, name: name(from, bands[n + 1]?.from) }))
    .filter(({ won: { active, draft } }) => active.leads || draft.leads)
    .map(({ name: band, won }) => wonRow(band, won, texts))
}

/** A row of win rates, each with its interval. */
function wonRow(name: string, { active, draft }: { active: Won; draft: Won }, { t, number }: Texts) {
  const hundred = (share: number) => number(Math.round(share * 100))
  const rate = ({ leads, won }: Won) => {
    const counts = { won: number(won), leads: number(leads) }
    const estimate = leads < fewestLeads ? null : shareOf(won, leads)
    if (!leads) return '–'
    if (!estimate) return t('admin:scoringReplay.wonFew', counts)
    const { value, low, high } = estimate
    return t('admin:scoringReplay.wonOf', {
      ...{ ...counts, percent: hundred(value), low: hundred(low), high: hundred(high) },
    })
  }
  return { name, active: rate(active), draft: rate(draft) }
}

async function loadOf({ reps, version }: ScoringReplay, report: ReplayReport, texts: Texts) {
  const { weeks, capacity } = report
  const { t, number, date, dir } = texts
  const names = await namesOf((reps ?? []).map(({ id }) => id))
  const most = Math.max(capacity, ...weeks.flatMap(({ active, draft }) => [active, draft]))
  const week = (at: Date) => date(at, 'short')
  const versions = { version, draft: version + 1 }
  const drawn = (counts: readonly { active: number; draft: number }[], top: number, label: string) => ({
    ...{ most: top, label, rtl: dir === 'rtl' },
    weeks: weeks.map((each, n) => ({
      name: week(each.week),
      now: counts[n]!.active,
      draft: counts[n]!.draft,
    })),
  })
  const heaviest = weeks.toSorted((a, b) => b.draft - a.draft)[0]!
  const loads = (reps ?? []).map(rep => ({
    name: names.get(rep.id) ?? t('sales:lead.formerTeammate'),
    counts: weeks.map((_week, n) => ({ active: rep.active[n]!, draft: rep.draft[n]! })),
  }))
  const repMost = Math.max(1, ...loads.flatMap(({ counts }) => counts.flatMap(Object.values<number>)))
  return {
    loadTitle: t('admin:scoringReplay.load', { count: loads.length }),
    legend: t('admin:scoringReplay.legend', versions),
    canCall: t('admin:scoringReplay.canCall', { count: capacity }),
    heaviest: t('admin:scoringReplay.week', {
      ...{ ...versions, week: week(heaviest.week) },
      ...{ active: number(heaviest.active), drafted: number(heaviest.draft) },
    }),
    chart: { ...drawn(weeks, most, t('admin:scoringReplay.loadLabel', versions)), capacity },
    reps: loads.map(({ name, counts }) => ({
      name,
      chart: drawn(counts, repMost, t('admin:scoringReplay.repLabel', { ...versions, name })),
    })),
    weekTable: weeks.map(({ week: monday, active, draft }, n) => ({
      name: week(monday),
      cells: [{ active, draft }, ...loads.map(({ counts }) => counts[n]!)].map(each => ({
        active: number(each.active),
        draft: number(each.draft),
      })),
    })),
  }
}

function missedText(
  { missed: { people, money } }: ReplayReport,
  { t, number, money: amount }: Texts,
): string {
  const sums = money.map(each => amount(each.amount, each.currency)).join(' + ')
  return [t('admin:scoringReplay.all', { count: people, people: number(people) }), sums]
    .filter(Boolean)
    .join(', ')
}
