import { tourCaps, type TourStep } from '../courses/steps'
import { normaliseLine, normaliseText } from '../platform/text'
import type { Translate } from '../web/i18n'

/** What the form of a step holds, by the names of its fields; a spot's fields end in its number, from 0. */
export type StepValues = Record<string, string>

const textFields = { title: 80, action: 120, caption: 600, alt: 500, reason: 300, image: 300, next: 80 }
type TextField = keyof typeof textFields

/** The fields of a spot. */
export const spotNumbers = ['x', 'y', 'width', 'height'] as const

/** Returns the strings of a request's body. */
export function typedStep(body: Record<string, unknown>): StepValues {
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
}

/** Returns what the form shows of a step. */
export function valuesOfStep(step: TourStep): StepValues {
  const { title, action, caption, alt, reason, image, next, spots } = step
  const values: StepValues = { title, action, caption, alt, reason, image, next: next ?? '' }
  for (const [n, spot] of spots.entries()) {
    values[`label-${n}`] = spot.label
    for (const name of spotNumbers) values[`${name}-${n}`] = String(spot[name])
    values[`next-${n}`] = spot.next ?? ''
  }
  return values
}

/**
 * Reads the form of a step. A spot without anything in its fields is left out, which removes it.
 *
 * @returns the step, or a message for each wrong field.
 */
export function readStep(
  values: StepValues,
  t: Translate,
): { step: Omit<TourStep, 'id'>; errors?: undefined } | { step?: undefined; errors: Record<string, string> } {
  const errors: Record<string, string> = {}
  const textOf = (name: TextField) => {
    const text =
      name === 'caption' ? normaliseText(values[name] ?? '').trim() : normaliseLine(values[name] ?? '')
    const maximum = textFields[name]
    if (text.length > maximum) errors[name] = t('studio:tourEditor.errors.tooLong', { maximum })
    return text
  }
  const spots = Array.from({ length: tourCaps.spots }, (_, n) => n).flatMap(n => {
    const isEmpty = ['label', ...spotNumbers].every(name => !values[`${name}-${n}`]?.trim())
    return isEmpty ? [] : [readSpot(values, n, errors, t)]
  })
  const step = {
    title: textOf('title'),
    reason: textOf('reason'),
    image: textOf('image'),
    alt: textOf('alt'),
    action: textOf('action'),
    caption: textOf('caption'),
    spots,
    next: textOf('next') || null,
  }
  if (!step.title) errors.title = t('studio:tourEditor.errors.title')
  if (!step.image) errors.image = t('studio:tourEditor.errors.image')
  return Object.keys(errors).length ? { errors } : { step }
}

function readSpot(values: StepValues, n: number, errors: Record<string, string>, t: Translate) {
  const label = normaliseLine(values[`label-${n}`] ?? '')
  if (!label) errors[`label-${n}`] = t('studio:tourEditor.errors.label')
  if (label.length > 80) errors[`label-${n}`] = t('studio:tourEditor.errors.tooLong', { maximum: 80 })
  const numberOf = (name: (typeof spotNumbers)[number]) => {
    const typed = values[`${name}-${n}`]?.trim().replace(',', '.') ?? ''
    const value = /^\d{1,3}(?:\.\d{1,10})?$/.test(typed) ? Math.round(Number(typed) * 10) / 10 : NaN
    const isSize = name === 'width' || name === 'height'
    const isFine = value >= (isSize ? 0.1 : 0) && value <= 100
    if (!isFine) errors[`${name}-${n}`] = t('studio:tourEditor.errors.percent')
    return value
  }
  const spot = { x: numberOf('x'), y: numberOf('y'), width: numberOf('width'), height: numberOf('height') }
  if (spot.x + spot.width > 100) errors[`width-${n}`] ??= t('studio:tourEditor.errors.outside')
  if (spot.y + spot.height > 100) errors[`height-${n}`] ??= t('studio:tourEditor.errors.outside')
  const next = values[`next-${n}`]?.trim().slice(0, 80)
  return { ...spot, label, ...(next && { next }) }
}
