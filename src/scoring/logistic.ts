/** A logistic regression: the odds are multiplied by `e^weight` for each unit of a feature. */
export type Logistic = {
  intercept: number
  weights: number[]
  /** The standard error of each weight, from the curvature at the solution. */
  errors: number[]
}

const mostSteps = 100
const closeEnough = 1e-9

/**
 * Fits a logistic regression with an L2 penalty, by Newton's method (iteratively reweighted least squares). Nothing in
 * it is random: the same rows give the same weights to the last bit.
 *
 * @param rows the features of each example; standardise them, since the penalty treats all alike.
 * @param ridge maximised is the log likelihood minus half of this times the sum of squared weights, without the
 *   intercept. With 0, examples that a feature separates perfectly have no solution.
 * @throws RangeError when there is no solution.
 */
export function fitLogistic(
  rows: readonly (readonly number[])[],
  labels: readonly boolean[],
  ridge: number,
): Logistic {
  const size = (rows[0]?.length ?? 0) + 1
  let beta = new Array<number>(size).fill(0)
  for (let step = 0; step < mostSteps; step++) {
    const { gradient, curvature } = slopesAt(beta, rows, labels, ridge)
    const factor = choleskyOf(curvature)
    const change = solve(factor, gradient)
    const before = penalised(beta, rows, labels, ridge)
    // A full step can overshoot far from the solution: half of it, then, until it goes up.
    let share = 1
    let next = beta.map((each, n) => each + change[n]!)
    while (penalised(next, rows, labels, ridge) < before - closeEnough && share > 1e-6) {
      share /= 2
      next = beta.map((each, n) => each + share * change[n]!)
    }
    beta = next
    if (Math.max(...change.map(Math.abs)) * share < closeEnough) {
      const errors = beta.map((_each, n) => Math.sqrt(solve(factor, unit(size, n))[n]!))
      return { intercept: beta[0]!, weights: beta.slice(1), errors: errors.slice(1) }
    }
  }
  throw new RangeError('The regression has no solution: a feature separates the examples')
}

/** Returns the probability that a regression gives an example, 0 to 1. */
export function probabilityOf(
  { intercept, weights }: Pick<Logistic, 'intercept' | 'weights'>,
  row: readonly number[],
): number {
  return 1 / (1 + Math.exp(-logitOf([intercept, ...weights], row)))
}

const unit = (size: number, at: number) => Array.from({ length: size }, (_, n) => (n === at ? 1 : 0))

function logitOf(beta: readonly number[], row: readonly number[]): number {
  let sum = beta[0]!
  for (let n = 0; n < row.length; n++) sum += beta[n + 1]! * row[n]!
  return sum
}

function penalised(
  beta: readonly number[],
  rows: readonly (readonly number[])[],
  labels: readonly boolean[],
  ridge: number,
): number {
  const penalty = beta.slice(1).reduce((sum, each) => sum + each ** 2, 0) * (ridge / 2)
  return rows.reduce((sum, row, n) => {
    const logit = logitOf(beta, row) * (labels[n] ? 1 : -1)
    // The logarithm of the probability of what happened, without an overflow.
    return sum - (logit > 0 ? Math.log1p(Math.exp(-logit)) : Math.log1p(Math.exp(logit)) - logit)
  }, -penalty)
}

function slopesAt(
  beta: readonly number[],
  rows: readonly (readonly number[])[],
  labels: readonly boolean[],
  ridge: number,
) {
  const size = beta.length
  const gradient = beta.map((each, n) => (n ? -ridge * each : 0))
  const curvature = beta.map((_each, n) => beta.map((_other, m) => (n === m && n ? ridge : 0)))
  rows.forEach((row, index) => {
    const probability = 1 / (1 + Math.exp(-logitOf(beta, row)))
    const miss = (labels[index] ? 1 : 0) - probability
    const spread = probability * (1 - probability)
    for (let n = 0; n < size; n++) {
      const value = n ? row[n - 1]! : 1
      gradient[n]! += value * miss
      for (let m = 0; m <= n; m++) curvature[n]![m]! += spread * value * (m ? row[m - 1]! : 1)
    }
  })
  return { gradient, curvature }
}

/** Returns the lower triangle whose product with itself, transposed, is a matrix of which the lower half is given. */
function choleskyOf(matrix: readonly (readonly number[])[]): number[][] {
  const factor = matrix.map(row => row.map(() => 0))
  for (let n = 0; n < matrix.length; n++) {
    for (let m = 0; m <= n; m++) {
      let sum = matrix[n]![m]!
      for (let k = 0; k < m; k++) sum -= factor[n]![k]! * factor[m]![k]!
      if (n !== m) factor[n]![m] = sum / factor[m]![m]!
      else if (sum > 1e-12) factor[n]![n] = Math.sqrt(sum)
      else throw new RangeError('The regression has no solution: features depend on each other')
    }
  }
  return factor
}

function solve(factor: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length
  const result = [...right]
  for (let n = 0; n < size; n++) {
    for (let m = 0; m < n; m++) result[n]! -= factor[n]![m]! * result[m]!
    result[n]! /= factor[n]![n]!
  }
  for (let n = size - 1; n >= 0; n--) {
    for (let m = n + 1; m < size; m++) result[n]! -= factor[m]![n]! * result[m]!
    result[n]! /= factor[n]![n]!
  }
  return result
}
