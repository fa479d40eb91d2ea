import { z } from 'zod'
import type { CourseFault } from './course-fault'
import { file, listOf, orNull, textOrNone, words } from './file-schema'
import { maxSlugLength, slugForm, slugOf } from './slug'
import { blockReader, type Placed } from './yaml-blocks'

/** The most of a tour: nobody clicks through more. */
export const tourCaps = { steps: 60, spots: 4 }

/** What `next` says where the tour ends. A step with this id comes first. */
export const tourEnd = 'end'

const percent = z.number().min(0).max(100)
const reference = z.string().max(maxSlugLength).regex(slugForm)

/** A place in a picture: in percent of its width and height, from its top left corner. */
const spot = z
  .strictObject({
    x: percent,
    y: percent,
    width: z.number().gt(0).max(100),
    height: z.number().gt(0).max(100),
    /** What is there, as a learner would call it: the name of a button. */
    label: words(80),
    /** The step it leads to; without it, where the step leads. */
    next: reference.optional(),
  })
  .check(({ value, issues }) => {
    // A hundredth of a percent is less than a pixel.
    const isOutside = value.x + value.width > 100.01 || value.y + value.height > 100.01
    if (!isOutside) return
    const params = { key: 'studio:faults.spotOutside' }
    issues.push({ code: 'custom', input: value, path: [], params })
  })

/** The fields of a ```tour block. */
const stepSchema = z.strictObject({
  /** Identifies the step within the lesson; without it, from the title. */
  id: reference.optional(),
  /** Its name in the list of steps. */
  title: words(80),
  /** Why one does it, in the list of steps. */
  reason: textOrNone(300),
  image: file,
  alt: textOrNone(500),
  /** What to do, over the caption; without it, the title. */
  action: textOrNone(120),
  caption: textOrNone(600),
  spots: listOf(spot, tourCaps.spots),
  /** The step it leads to; without it, the one after it. */
  next: orNull(reference),
})

/** A step of a tour: a picture of a screen, and what to click on it. */
export type TourStep = z.output<typeof stepSchema> & { id: string }
export type PlacedStep = Placed<TourStep>

const readBlocks = blockReader({
  language: 'tour',
  schema: stepSchema,
  maximum: tourCaps.steps,
  tokens: 400,
  named: (value): TourStep => ({ ...value, id: value.id ?? (slugOf(value.title) || 'step') }),
  faults: { tooMany: 'studio:faults.tooManySteps', same: 'studio:faults.sameStep' },
})

/**
 * Reads the ```tour blocks of a lesson, each of which is a step.
 *
 * @param file the file's path, for the faults.
 * @param firstLine the line of the file where the text begins, for the faults.
 */
export function readSteps(
  body: string,
  file = '',
  firstLine = 1,
): { steps: PlacedStep[]; faults: CourseFault[] } {
  const { items, faults } = readBlocks(body, file, firstLine)
  return { steps: items, faults }
}

/** Returns the steps of a lesson that passed the check; unreadable blocks are left out. */
export function stepsOf(body: string): TourStep[] {
  return readSteps(body).steps
}

/** Where a step leads: `spot` is the number of the spot that leads there, null for "Next"; `to` is null for the end. */
export type Way = { spot: number | null; to: string | null }

/**
 * Returns where a step leads: each of its spots, or "Next" when it has none. Ways to steps that don't exist are left
 * out; the check reports them.
 */
export function waysOf(step: TourStep, steps: readonly TourStep[]): Way[] {
  const following = steps[steps.findIndex(({ id }) => id === step.id) + 1]?.id ?? null
  const ids = new Set(steps.map(({ id }) => id))
  const wayTo = (spot: number | null, next: string | null | undefined): Way[] => {
    const named = next ?? step.next
    if (named === null) return [{ spot, to: following }]
    if (ids.has(named)) return [{ spot, to: named }]
    return named === tourEnd ? [{ spot, to: null }] : []
  }
  return step.spots.length ? step.spots.flatMap(({ next }, n) => wayTo(n, next)) : wayTo(null, step.next)
}

/** Returns the ids of the steps that a learner can reach. */
export function reachableSteps(steps: readonly TourStep[]): Set<string> {
  return visit(steps, () => true).reached
}

/** Whether a learner can get from the first step of a tour to an end through steps with these ids only. */
export function isWholePath(steps: readonly TourStep[], seen: ReadonlySet<string>): boolean {
  return visit(steps, id => seen.has(id)).hasEnded
}

function visit(steps: readonly TourStep[], mayPass: (id: string) => boolean) {
  const byId = new Map(steps.map(step => [step.id, step]))
  const reached = new Set<string>()
  let hasEnded = false
  const open = steps[0] ? [steps[0].id] : []
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id) || !mayPass(id)) continue
    reached.add(id)
    for (const { to } of waysOf(byId.get(id)!, steps)) {
      if (to === null) hasEnded = true
      else open.push(to)
    }
  }
  return { reached, hasEnded }
}
