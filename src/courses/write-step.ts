import { isDeepStrictEqual } from 'node:util'
import { HttpError } from '../platform/errors'
import { freeSlug } from './slug'
import { readSteps, tourEnd, type PlacedStep, type TourStep } from './steps'
import { addBlock, blockYaml, moveBlock, removeBlock, replaceBlock, blockSource } from './write-block'

// Changes to the steps of a tour. All are pure, and change no byte outside the blocks that they are about.

/** The fields of a block in the order in which they are written. */
const fieldOrder = ['id', 'title', 'reason', 'image', 'alt', 'action', 'caption', 'spots', 'next']

/**
 * Writes a changed step over the one with this id, which stays: other steps lead to it, and progress is stored under
 * it. Fields that are the same keep their bytes where YAML allows it.
 *
 * @throws 404 when the text has no such step, 422 when its block can't be changed in place.
 */
export function replaceStep(body: string, id: string, changed: Omit<TourStep, 'id'>): string {
  const before = stepIn(body, id)
  const after = { ...changed, id }
  if (isDeepStrictEqual(fieldsOf(before), fieldsOf(after))) return body
  const yaml = blockYaml(blockSource(body, before.line), fieldsOf(before), fieldsOf(after), fieldOrder)
  return checked(body, replaceBlock(body, before.line, yaml), after)
}

/**
 * Adds a step after the one with the id `after`, or behind the last one. Returns the text and the id that it got.
 *
 * @throws 422 when it would stand in something else, such as code that the text never closes.
 */
export function addStep(
  body: string,
  step: Omit<TourStep, 'id'>,
  after?: string,
): { body: string; id: string } {
  const { steps } = readSteps(body)
  const id = freeSlug(step.title, 'step', slug => slug === tourEnd || steps.some(each => each.id === slug))
  const written = { ...step, id }
  const place = steps.find(each => each.id === after) ?? steps.at(-1)
  const yaml = blockYaml('', null, fieldsOf(written), fieldOrder)
  return { body: checked(body, addBlock(body, 'tour', yaml, place?.line ?? null), written), id }
}

/** Removes a step, and the empty line after its block. What led to it leads on in the order of the steps. */
export function removeStep(body: string, id: string): string {
  const rest = removeBlock(body, stepIn(body, id).line)
  return readSteps(rest).steps.reduce((text, step) => {
    const { line: _line, id: other, ...fields } = withoutWaysTo(id, step)
    return replaceStep(text, other, fields)
  }, rest)
}

function withoutWaysTo(id: string, step: PlacedStep): PlacedStep {
  return {
    ...step,
    next: step.next === id ? null : step.next,
    spots: step.spots.map(({ next, ...spot }) =>
      next === undefined || next === id ? spot : { ...spot, next },
    ),
  }
}

/** Moves a step before another one, or behind the last one. The text between steps stays where it is. */
export function moveStep(body: string, id: string, before: string | null): string {
  return moveBlock(body, readSteps(body).steps, id, before)
}

function stepIn(body: string, id: string): PlacedStep {
  const step = readSteps(body).steps.find(each => each.id === id)
  if (!step) throw new HttpError(404, 'web:errors.notFound')
  return step
}

/** Returns what a step's block says, without what equals its default. */
function fieldsOf(step: TourStep): Record<string, unknown> {
  const given: Record<string, unknown> = { ...step, spots: step.spots.length ? step.spots : undefined }
  return Object.fromEntries(
    fieldOrder.flatMap(name =>
      given[name] === '' || (given[name] ?? null) === null ? [] : [[name, given[name]]],
    ),
  )
}

/**
 * Returns a changed text when it reads as it should: the step as it was meant, and all others as they were.
 *
 * @throws 422 otherwise, such as for a block within a list whose indentation has two meanings.
 */
function checked(before: string, after: string, meant: TourStep): string {
  const others = (text: string) =>
    readSteps(text)
      .steps.filter(({ id }) => id !== meant.id)
      .map(fieldsOf)
  const found = readSteps(after).steps.find(({ id }) => id === meant.id)
  const isSame =
    found !== undefined &&
    isDeepStrictEqual(fieldsOf(found), fieldsOf(meant)) &&
    isDeepStrictEqual(others(before), others(after))
  if (!isSame) throw new HttpError(422, 'studio:errors.stepInPlace')
  return after
}
