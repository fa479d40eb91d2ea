import { isDeepStrictEqual } from 'node:util'
import type { Brand } from '../brand/brand'
import { brandTexts, type BrandContent } from '../brand/content'
import { catalogueLists, entryOf, type CatalogueLists, type ListName } from '../courses/catalogue-lists'
import { Courses } from '../courses/course'
import { Paths } from '../courses/path'
import type { FormField } from '../web/field'
import type { Texts } from '../web/texts'
import type { BrandParts } from './brand-export'
import { changesBetween } from './brand-state'

/** One part that an import changes; short texts as they are now and as they would be. */
type Change = { part: string; before: string; after: string }

/** The parts that are short enough to be shown before and after. */
const shown = [
  ...brandTexts,
  ...(['supportEmail', 'contactEmail', 'senderName', 'senderAddress', 'replyTo', 'accent'] as const),
] as const

/** Returns what differs between the drafts and a file. What a file doesn't have stays, so it is no change. */
export function changesOf(before: BrandParts, after: BrandParts, texts: Texts): Change[] {
  const { t } = texts
  const isOther = (name: keyof BrandContent) => before.content[name] !== after.content[name]
  const short = shown.filter(isOther).map(name => ({
    part: t(`admin:brand.fields.${name}`),
    before: before.content[name] ?? '',
    after: after.content[name] ?? '',
  }))
  const same = Object.fromEntries(shown.map(name => [name, after.content[name]]))
  const others = changesBetween({ ...before.content, ...same }, after.content, texts)
  const pages = (['plans', 'needs'] as const).filter(
    name => after[name] && !isDeepStrictEqual(after[name], before[name]),
  )
  return [
    ...short,
    ...[...others, ...pages.map(name => t(`admin:${name}.title`))].map(part => ({
      ...{ part, before: '', after: t('admin:import.changed') },
    })),
  ]
}

/** Returns what a file names and this installation doesn't have: topics, audiences, courses and paths. */
export async function missingIn({ content, plans, needs }: BrandParts, { t }: Texts): Promise<string[]> {
  const [lists, courses, paths] = await Promise.all([
    catalogueLists(),
    Courses.find({}, { slug: 1 }),
    Paths.all(),
  ])
  const answers = needs?.questions.flatMap(question => question.answers) ?? []
  const buttons = plans?.plans.map(({ button }) => button) ?? []
  const targets = (kind: string) => buttons.filter(button => button.kind === kind).map(({ target }) => target)
  const named = {
    topics: [...(content.courses?.topics ?? []), ...answers.flatMap(({ topics }) => topics)],
    audiences: answers.flatMap(({ audience }) => audience || []),
    courses: [...(content.courses?.slugs ?? []), ...targets('course')],
    paths: [...answers.flatMap(({ path }) => path || []), ...targets('path')],
  }
  const has = {
    topics: isListed(lists, 'topics'),
    audiences: isListed(lists, 'audiences'),
    courses: (slug: string) => courses.some(course => course.slug === slug),
    paths: (slug: string) => paths.some(({ _id }) => _id === slug),
  }
  return (['topics', 'audiences', 'courses', 'paths'] as const).flatMap(kind => {
    const missing = [...new Set(named[kind])].filter(each => !has[kind](each))
    return missing.length ? [t(`admin:import.missing.${kind}`, { names: missing.join(', ') })] : []
  })
}

const isListed = (lists: CatalogueLists, list: ListName) => (value: string) =>
  entryOf(lists[list], value) !== undefined

/** The box that takes the name of the file; null where there is nothing to choose. */
export function takeNameField(brand: Brand, { content }: BrandParts, { t }: Texts): FormField | null {
  const { academyName } = brand.draft
  if (!academyName || academyName === content.academyName) return null
  return {
    kind: 'checkbox',
    name: 'takeName',
    label: t('admin:import.takeName', { name: content.academyName }),
    hint: t('admin:import.takeNameHint', { name: academyName }),
  }
}
