import { assetNamed, assetUrl, type Asset } from '../../asset'
import { srcsetOf } from '../../image-sizes'
import { isWholePath, reachableSteps, readSteps, stepsOf, tourEnd, waysOf, type TourStep } from '../../steps'
import { replaceStep } from '../../write-step'
import { textField } from '../field'
import { defineKind, type KindFinding } from '../lesson-kind'

/** Pictures of the product that a learner clicks through. Each ```tour block of the text is a step. */
export const tour = defineKind({
  name: 'tour',
  icon: 'cursor-click',
  fields: {
    /** The version that the pictures show, such as `Panel 7, software 4.2`. */
    software: textField(80),
  },
  completions: { explore: 'steps', read: 'marked' },
  questions: 'practice',
  fileTypes: [],
  views: { lesson: 'academy/tour', preview: 'academy/tour', settings: 'studio/field-rows' },
  scripts: ['/js/tour.js'],
  // People look at a picture for longer than its caption takes to read.
  minutes: () => null,
  faultsIn: (body, file, firstLine) => readSteps(body, file, firstLine).faults,
  check({ body }, assets) {
    const { steps, faults } = readSteps(body)
    if (!steps.length) return faults.length ? [] : [error('noSteps', {})]
    const reached = reachableSteps(steps)
    const all = new Set(steps.map(({ id }) => id))
    return [
      ...steps.flatMap(step =>
        [...checkStep(step, steps, assets), ...(reached.has(step.id) ? [] : [unreachable(step)])].map(
          finding => ({ ...finding, line: step.line }),
        ),
      ),
      ...(isWholePath(steps, all) ? [] : [error('tourWithoutEnd', {})]),
    ]
  },
  pictures: ({ body }) => readSteps(body).steps.map(({ image, alt, line }) => ({ file: image, alt, line })),
  withRenamedPictures: (body, rename) =>
    readSteps(body).steps.reduce((text, { id, line: _line, ...step }) => {
      const image = rename(step.image)
      return image === null ? text : replaceStep(text, id, { ...step, image })
    }, body),
  filesBeside: ({ body }) => stepsOf(body).map(({ image }) => image),
  show: ({ body, software }, { assets }) => {
    const steps = stepsOf(body)
    const shown = steps.map((step, n) => showStep(step, n, steps, assets))
    return Promise.resolve(shown.length ? { software, steps: shown } : null)
  },
  searchText: ({ body }) =>
    Promise.resolve(
      stepsOf(body).map(({ title, reason, action, caption, spots }) => ({
        text: [title, reason, action, caption, ...spots.map(({ label }) => label)].join(' '),
      })),
    ),
})

function checkStep(step: TourStep, steps: readonly TourStep[], assets: readonly Asset[]): KindFinding[] {
  const { title, image, alt, spots, next } = step
  const named = [...spots.flatMap(spot => spot.next ?? []), ...(next === null ? [] : [next])]
  const isKnown = (id: string) => id === tourEnd || steps.some(each => each.id === id)
  return [
    ...(assetNamed(assets, image)?.type.startsWith('image/') ? [] : [error('missingFile', { file: image })]),
    ...(alt.trim() ? [] : [error('noAlt', { file: image })]),
    ...named.filter(id => !isKnown(id)).map(id => error('unknownStep', { step: title, next: id })),
  ]
}

const unreachable = ({ title }: TourStep) => error('unreachableStep', { step: title })

function error(rule: string, values: Record<string, string>): KindFinding {
  return { level: 'error', rule, field: 'steps', values }
}

/** A step as its views show it. */
export type ShownStep = {
  id: string
  number: number
  title: string
  reason: string
  action: string
  caption: string
  image: ShownImage | null
  /** In percent of the picture. `to` is the number of the step it leads to; null at an end of the tour. */
  spots: { x: number; y: number; width: number; height: number; label: string; to: number | null }[]
  /** The number of the step that "Next" leads to; null at an end, and where the spots lead to different steps. */
  next: number | null
  isBranch: boolean
}

type ShownImage = {
  src: string
  srcset: string | null
  alt: string
  width: number
  height: number
  /** In pixels: what is around the spots, and each spot. Null for a picture without spots. */
  shade: { path: string; spots: Box[]; radius: number } | null
}

type Box = Record<'x' | 'y' | 'width' | 'height', number>

function showStep(
  step: TourStep,
  n: number,
  steps: readonly TourStep[],
  assets: readonly Asset[],
): ShownStep {
  const { id, title, reason, action, caption, spots } = step
  const ways = waysOf(step, steps)
  const numberOf = (to: string | null | undefined) =>
    to === null || to === undefined ? null : steps.findIndex(each => each.id === to) + 1
  const targets = new Set(ways.map(({ to }) => to))
  return {
    ...{ id, number: n + 1, title, reason, caption },
    action: action || title,
    image: showImage(step, assets),
    spots: spots.map(({ next: _next, ...place }, spot) => ({
      ...place,
      to: numberOf(ways.find(way => way.spot === spot)?.to),
    })),
    next: targets.size === 1 ? numberOf([...targets][0]) : null,
    isBranch: targets.size > 1,
  }
}

/** The size in pixels that a picture has when its own is unknown. */
const usualSize = { width: 1600, height: 1000 }

function showImage({ image, alt, spots }: TourStep, assets: readonly Asset[]): ShownImage | null {
  const asset = assetNamed(assets, image)
  if (!asset) return null
  const { width, height } = { ...usualSize, ...(asset.width && asset.height ? (asset as Size) : {}) }
  const pixels = (percent: number, size: number) => Math.round((percent * size) / 10) / 10
  const boxes = spots.map(spot => ({
    x: pixels(spot.x, width),
    y: pixels(spot.y, height),
    width: pixels(spot.width, width),
    height: pixels(spot.height, height),
  }))
  const holes = boxes.map(each => `M${each.x} ${each.y}h${each.width}v${each.height}h${-each.width}Z`)
  return {
    ...{ src: assetUrl(asset.hash, asset.path), srcset: srcsetOf(asset), alt, width, height },
    shade: boxes.length
      ? {
          path: `M0 0H${width}V${height}H0Z${holes.join('')}`,
          spots: boxes,
          radius: Math.round(width / 160),
        }
      : null,
  }
}

type Size = { width: number; height: number }
