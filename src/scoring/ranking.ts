/** A share, 0 to 1, with its 95% interval; null when there is nothing to divide by. */
export type Estimate = { value: number; low: number; high: number } | null

/** Someone with a score under each of two models, and whether they bought; a score is null when there is none. */
export type Ranked = { scores: readonly [number | null, number | null]; isBuyer: boolean }

/** How often someone who bought has the higher score of two; 0.5 is chance. The area under the ROC curve. */
export type Ranking = { active: Estimate; draft: Estimate; difference: Estimate }

/** With fewer of either kind, the interval would be narrower than it should. */
const fewest = 10
const z = 1.959964

/**
 * Returns how well two models rank the same people, with intervals by DeLong, DeLong and Clarke-Pearson (Biometrics 44,
 * 1988, doi:10.2307/2531595) from midranks as in Sun and Xu (IEEE Signal Processing Letters 21, 2014,
 * doi:10.1109/LSP.2014.2337313). The difference is of the same people, so its interval is narrower than the two of the
 * models suggest. Equal scores count half.
 */
export function rankingOf(people: readonly Ranked[]): Ranking {
  const sides = [0, 1].map(side => placementsOf(people, side as 0 | 1))
  const [active, draft] = sides.map(side => side && estimateOf(side.area, varianceOf(side, side)))
  const both = people.filter(({ scores }) => scores[0] !== null && scores[1] !== null)
  const [a, b] = [placementsOf(both, 0), placementsOf(both, 1)]
  const difference =
    a && b && estimateOf(b.area - a.area, varianceOf(a, a) + varianceOf(b, b) - 2 * varianceOf(a, b), [-1, 1])
  return { active: active ?? null, draft: draft ?? null, difference: difference ?? null }
}

type Placements = {
  area: number
  /** Of each buyer, the share of the others below; of each of the others, the share of buyers above. */
  buyers: number[]
  others: number[]
}

function placementsOf(people: readonly Ranked[], side: 0 | 1): Placements | null {
  const scored = people.flatMap(({ scores, isBuyer }) => {
    const score = scores[side]
    return score === null ? [] : [{ score, isBuyer }]
  })
  const scoresOf = (isBuyer: boolean) =>
    scored.filter(each => each.isBuyer === isBuyer).map(({ score }) => score)
  const [buyers, others] = [scoresOf(true), scoresOf(false)]
  if (buyers.length < fewest || others.length < fewest) return null
  const ranks = midranks([...buyers, ...others])
  const [amongBuyers, amongOthers] = [midranks(buyers), midranks(others)]
  const ofBuyers = buyers.map((_score, n) => (ranks[n]! - amongBuyers[n]!) / others.length)
  const ofOthers = others.map(
    (_score, n) => 1 - (ranks[buyers.length + n]! - amongOthers[n]!) / buyers.length,
  )
  return { area: mean(ofBuyers), buyers: ofBuyers, others: ofOthers }
}

/** Returns the covariance of the areas of two models over the same people. */
function varianceOf(a: Placements, b: Placements): number {
  return covariance(a.buyers, b.buyers) / a.buyers.length + covariance(a.others, b.others) / a.others.length
}

function estimateOf(value: number, variance: number, [least, most] = [0, 1]): Estimate {
  const margin = z * Math.sqrt(Math.max(0, variance))
  return { value, low: Math.max(least!, value - margin), high: Math.min(most!, value + margin) }
}

/** Returns the rank of each value, from 1; equal ones share the mean of theirs. */
function midranks(values: readonly number[]): number[] {
  const order = values.map((_value, n) => n).sort((a, b) => values[a]! - values[b]!)
  const ranks = new Array<number>(values.length)
  for (let n = 0; n < order.length;) {
    let next = n
    while (next < order.length && values[order[next]!] === values[order[n]!]) next++
    for (let each = n; each < next; each++) ranks[order[each]!] = (n + 1 + next) / 2
    n = next
  }
  return ranks
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function covariance(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)]
  return a.reduce((sum, value, n) => sum + (value - meanA) * (b[n]! - meanB), 0) / (a.length - 1)
}

/** Returns a share with the interval by Wilson (doi:10.1080/01621459.1927.10502953), which holds for few too. */
export function shareOf(part: number, whole: number): Estimate {
  if (!whole) return null
  const value = part / whole
  const scale = 1 + z ** 2 / whole
  const middle = (value + z ** 2 / (2 * whole)) / scale
  const margin = (z / scale) * Math.sqrt((value * (1 - value)) / whole + (z / (2 * whole)) ** 2)
  return { value, low: Math.max(0, middle - margin), high: Math.min(1, middle + margin) }
}
