import type { ScoringSuggestion } from '../leads/scoring-suggestion'
import type { Estimate } from '../scoring/ranking'
import { neededOfEither, neededOutcomes, type Suggestion, type SuggestedWeight } from '../scoring/suggestion'
import { ruleName } from '../web/model-texts'
import type { Texts } from '../web/texts'

/** The end of a scale to 100%, with room for its name. */
const whole = 1.05

/** Returns what the page of a suggestion shows; null when nobody has asked for one. */
export function scoringSuggestionView(suggestion: ScoringSuggestion | null, texts: Texts) {
  if (!suggestion) return null
  const { t, number, date } = texts
  const { _id, state, version, progress, result, at } = suggestion
  const shared = { id: String(_id), isRunning: state === 'running' }
  if (!result) {
    const counts = { people: number(progress.people), of: number(progress.of) }
    return {
      ...shared,
      report: null,
      sentence: t(`admin:scoringSuggestion.${state === 'finished' ? 'failed' : state}`, counts),
      progress: { done: progress.people, of: Math.max(progress.of, 1) },
    }
  }
  const { details, outcomes, verdict } = result
  return {
    ...shared,
    sentence: t('admin:scoringSuggestion.sentence', {
      ...{ count: outcomes.leads, leads: number(outcomes.leads), won: number(outcomes.won), at: date(at) },
    }),
    report: {
      verdict: verdictOf(result, version, texts),
      isBetter: verdict === 'better',
      details: details && detailsOf(details, version, texts),
    },
  }
}

type Details = NonNullable<Suggestion['details']>

function verdictOf({ verdict, outcomes, details }: Suggestion, version: number, { t, html, number }: Texts) {
  const { leads, won } = outcomes
  if (!details) {
    const needed = {
      ...{ needed: neededOutcomes.leads, neededWon: neededOutcomes.won, neededNotWon: neededOutcomes.notWon },
      ...neededOfEither,
    }
    const counts = { leads: number(leads), won: number(won), notWon: number(leads - won) }
    return html(`admin:scoringSuggestion.${verdict}`, { ...counts, ...needed })
  }
  const { active, draft, difference } = details.ranking
  const hundred = (estimate: Estimate) => number(Math.round(estimate!.value * 100))
  const compared = { version, active: hundred(active), draft: hundred(draft) }
  return [
    html('admin:scoringSuggestion.ofHundred', compared),
    html(`admin:scoringSuggestion.${verdict}`, { range: signedRange(difference, { t, number }) }),
  ].join(' ')
}

/** Returns an interval of differences in points of a hundred, such as `−2 to +9`. */
function signedRange(estimate: Estimate, { t, number }: Pick<Texts, 't' | 'number'>): string {
  const signed = (share: number) => {
    const points = Math.round(share * 100)
    return points > 0 ? `+${number(points)}` : number(points).replace('-', '−')
  }
  return t('admin:scoringSuggestion.range', { low: signed(estimate!.low), high: signed(estimate!.high) })
}

function detailsOf(details: Details, version: number, texts: Texts) {
  const { t, number, date, dir } = texts
  const { before, after, ranking, scale, fitOdds, brier, weights } = details
  const rtl = dir === 'rtl'
  const times = (value: number) => number(Math.round(value * 100) / 100)
  const odds = (estimate: NonNullable<Estimate>) =>
    t('admin:scoringSuggestion.odds', {
      ...{ value: times(estimate.value), low: times(estimate.low), high: times(estimate.high) },
    })
  const most = Math.max(1, ...weights.flatMap(each => [Math.abs(each.before), Math.abs(each.after)]))
  return {
    split: t('admin:scoringSuggestion.split', {
      ...{ before: number(before.leads), after: number(after.leads) },
      ...{ wonBefore: number(before.won), wonAfter: number(after.won), since: date(details.since) },
    }),
    ranking: rankingRows(ranking, version, texts),
    difference: signedRange(ranking.difference, texts),
    axis: { most: whole, rtl },
    weights: weights.map(each => weightRow(each, details, most, odds, texts)),
    scale: t('admin:scoringSuggestion.scale', {
      ...{ count: Math.round(scale * 10) / 10, points: number(Math.round(scale * 10) / 10) },
      fit: odds(fitOdds!),
    }),
    calibration: calibrationRows(details, texts),
    brier: t('admin:scoringSuggestion.brier', {
      ...{ regression: number(Math.round(brier.regression * 1000) / 1000) },
      ...{ base: number(Math.round(brier.base * 1000) / 1000) },
    }),
  }
}

function rankingRows({ active, draft, regression }: Details['ranking'], version: number, texts: Texts) {
  const { t } = texts
  return [
    rateRow(t('admin:scoringReplay.active', { version }), active, texts),
    rateRow(t('admin:scoringSuggestion.suggested'), draft, texts, { isDraft: true }),
    rateRow(t('admin:scoringSuggestion.regression'), regression, texts),
  ]
}

function rateRow(
  name: string,
  estimate: Estimate,
  { t, number, dir }: Texts,
  { isDraft = false, expected }: { isDraft?: boolean; expected?: number } = {},
) {
  const percent = (share: number) => number(Math.round(share * 100))
  return {
    ...{ name, isDraft },
    chart: estimate && {
      ...estimate,
      most: whole,
      expected,
      isMain: isDraft || expected !== undefined,
      rtl: dir === 'rtl',
    },
    text: estimate
      ? t('admin:scoringReplay.interval', {
          value: `${percent(estimate.value)}%`,
          ...{ low: percent(estimate.low), high: percent(estimate.high) },
        })
      : t('admin:scoringReplay.unknown'),
  }
}

function calibrationRows({ calibration }: Details, texts: Texts) {
  const { t, number } = texts
  return calibration.map(({ leads, won, expected, happened }) => {
    const share = number(Math.round(expected * 100))
    const counts = { count: leads, won: number(won), leads: number(leads), share }
    return rateRow(t('admin:scoringSuggestion.expected', counts), happened, texts, { expected })
  })
}

function weightRow(
  { rule: id, before, after, why, leads, won, odds }: SuggestedWeight,
  { content, before: older }: Details,
  most: number,
  oddsText: (estimate: NonNullable<Estimate>) => string,
  texts: Texts,
) {
  const { t, number, dir } = texts
  const name = ruleName(content.rules.find(rule => rule.id === id) ?? { id }, texts)
  const isUnsure = odds !== null && odds.low < 1 && odds.high > 1
  const points = (weight: number) => number(weight).replace('-', '−')
  const size = (weight: number) => (Math.abs(weight) / most) * 100
  return {
    ...{ name, before: points(before), after: points(after), isChanged: before !== after },
    chart: {
      ...{ before: size(before), after: size(after), rtl: dir === 'rtl' },
      label: t('admin:scoringSuggestion.weightLabel', { before: points(before), after: points(after) }),
    },
    odds: odds && why !== 'rare' ? oddsText(odds) : '–',
    leads: t('admin:scoringSuggestion.withIt', {
      ...{ count: leads, leads: number(leads), of: number(older.leads), won: number(won) },
    }),
    why: t(`admin:scoringSuggestion.why.${why === 'learned' && isUnsure ? 'unsure' : why}`),
  }
}
