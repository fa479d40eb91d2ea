import { assetNamed, assetUrl, type Asset } from '../courses/asset'
import type { Course, Lesson } from '../courses/course'
import { kindOf } from '../courses/kinds/kinds'
import type { ShownStep } from '../courses/kinds/tour/tour'
import { readSteps, stepsOf, tourCaps, tourEnd, type TourStep } from '../courses/steps'
import type { FormField } from '../web/field'
import type { Texts } from '../web/texts'
import { spotNumbers, type StepValues } from './step-form'
import { urlOf } from './urls'

type EditorData = {
  course: Course
  lesson: Lesson
  step: TourStep | undefined
  values: StepValues
  canWrite: boolean
  /** Whether there is a change of one's own to undo. */
  canUndo: boolean
}

/** Returns the tour editor: the list of steps, and the picture and the form of one of them. */
export async function tourEditorView(data: EditorData, texts: Texts) {
  const { course, lesson, step, canWrite } = data
  const { t, date } = texts
  const { assets } = course.draft
  const url = urlOf(course, lesson)
  const steps = stepsOf(lesson.body)
  const images = assets.filter(({ type }) => type.startsWith('image/'))
  return {
    heading: lesson.title,
    urls: {
      steps: `${url}/steps`,
      files: `${urlOf(course)}/files`,
      preview: `${url}/preview`,
      course: urlOf(course),
    },
    list: steps.map((each, n) => listRow(each, n, data, texts)),
    editor: step ? await formView({ ...data, step }, steps, images, texts) : null,
    add: canWrite
      ? {
          name: 'images',
          label: t('studio:tourEditor.choose'),
          hint: t(images.length ? 'studio:tourEditor.chooseHint' : 'studio:tourEditor.noImages'),
          kind: 'select',
          multiple: true,
          options: images.map(({ path }) => ({ value: path, text: path })),
        }
      : null,
    hasImages: images.length > 0,
    after: step?.id ?? '',
    fine: stepIsFine,
    findings: step ? stepFindings(lesson, assets, step.id, texts) : [],
    savedText: t('studio:write.saved', { time: date(course.changedAt, 'time') }),
  }
}

/** The key of what is said about a step without findings. */
export const stepIsFine = 'studio:tourEditor.fine'

/** Returns what the check says about one step. */
export function stepFindings(lesson: Lesson, assets: Asset[], id: string, { t }: Texts) {
  const line = readSteps(lesson.body).steps.find(step => step.id === id)?.line
  return kindOf(lesson)
    .check(lesson, assets)
    .filter(finding => finding.line === line)
    .map(({ level, rule, values }) => ({ level, text: t(`studio:checks.${rule}`, values) }))
}

function listRow(each: TourStep, n: number, { course, lesson, step }: EditorData, texts: Texts) {
  const { assets } = course.draft
  const asset = assetNamed(assets, each.image)
  const [finding] = stepFindings(lesson, assets, each.id, texts)
  return {
    id: each.id,
    href: `${urlOf(course, lesson)}/steps/${each.id}`,
    number: n + 1,
    title: each.title,
    thumbnail: asset ? thumbnailOf(asset) : null,
    warning: finding?.text ?? null,
    isCurrent: each.id === step?.id,
  }
}

/** The smallest size that pictures are offered in. */
const thumbnailOf = (asset: Asset) =>
  `${assetUrl(asset.hash, asset.path)}${asset.width && asset.width > 680 ? '?width=480' : ''}`

type StepData = EditorData & { step: TourStep }

async function formView(data: StepData, steps: TourStep[], images: Asset[], texts: Texts) {
  const { course, lesson, step, values, canUndo } = data
  const { t } = texts
  const url = urlOf(course, lesson)
  const at = steps.findIndex(({ id }) => id === step.id)
  const shown = (await kindOf(lesson).show?.(
    lesson,
    { slug: course.slug, ...course.draft },
    { requested: null, last: undefined },
  )) as { steps: ShownStep[] } | null
  const field = (name: string, options: object = {}): FormField => ({
    name,
    label: t(`studio:tourEditor.fields.${name}`),
    ...options,
  })
  const targets = (first: string) => [
    { value: '', text: t(`studio:tourEditor.${first}`) },
    ...steps
      .filter(({ id }) => id !== step.id)
      .map(({ id, title }) => ({ value: id, text: t('studio:tourEditor.toStep', { title }) })),
    { value: tourEnd, text: t('studio:tourEditor.toEnd') },
  ]
  const paths = images.map(({ path }) => path)
  const chosen = values.image ?? ''
  return {
    action: `${url}/steps/${step.id}`,
    number: t('academy:tour.number', { number: at + 1, total: steps.length }),
    step: shown?.steps[at],
    titleField: field('title', { maxlength: 80, required: true, hint: t('studio:tourEditor.hints.title') }),
    fields: [
      field('action', { maxlength: 120, hint: t('studio:tourEditor.hints.action') }),
      field('caption', {
        kind: 'textarea',
        rows: 2,
        maxlength: 600,
        hint: t('studio:tourEditor.hints.caption'),
      }),
      field('alt', { kind: 'textarea', rows: 2, maxlength: 500, hint: t('studio:tourEditor.hints.alt') }),
      field('reason', {
        kind: 'textarea',
        rows: 2,
        maxlength: 300,
        hint: t('studio:tourEditor.hints.reason'),
      }),
    ],
    nextField: field('next', { kind: 'select', options: targets('toFollowing') }),
    imageField: field('image', {
      kind: 'select',
      options: (paths.includes(chosen) || !chosen ? paths : [chosen, ...paths]).map(path => ({
        value: path,
        text: path,
      })),
    }),
    spots: Array.from({ length: tourCaps.spots }, (_, n) => ({
      number: n,
      legend: t('studio:tourEditor.spot', { number: n + 1 }),
      isEmpty: !values[`label-${n}`] && !values[`x-${n}`],
      label: field('label', { name: `label-${n}`, maxlength: 80, hint: t('studio:tourEditor.hints.label') }),
      next: field('spotNext', { name: `next-${n}`, kind: 'select', options: targets('toSame') }),
      numbers: spotNumbers.map(name =>
        field(name, { name: `${name}-${n}`, inputmode: 'decimal', maxlength: 14, autocomplete: 'off' }),
      ),
    })),
    actions: {
      canMoveUp: at > 0,
      canMoveDown: at < steps.length - 1,
      undo: canUndo ? `${url}/step-undo` : null,
    },
    previous: at > 0 ? `${url}/steps/${steps[at - 1]!.id}` : null,
    next: at < steps.length - 1 ? `${url}/steps/${steps[at + 1]!.id}` : null,
  }
}
