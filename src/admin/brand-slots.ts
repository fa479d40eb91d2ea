import type { Brand } from '../brand/brand'
import type { BrandContent } from '../brand/content'
import { fileKinds, type BrandFile, type BrandImage, type FileKind } from '../brand/file'
import type { Section, SectionOf } from '../brand/home'
import type { FormField } from '../web/field'
import type { Form } from '../web/form'
import { fileUrl } from '../web/image'
import type { Texts } from '../web/texts'
import { partKeyOf } from './brand-parts'
import { brandPath } from './brands'

/** A place in a brand's content for one file: `logoLight`, `home.hero.video` or `home.customers.customers.0.logo`. */
export type FileSlot = {
  name: string
  kind: FileKind
  /** The section of the home page that it is in; null for one of the look. */
  section: string | null
  /** What must not have changed since its form was opened. */
  partOf: (draft: BrandContent) => unknown
  withFile: (draft: BrandContent, file: BrandFile | null) => BrandContent
}

export const lookSlots = ['logoLight', 'logoDark', 'icon', 'socialImage'] as const
const heroSlots = {
  pictureLight: 'picture',
  pictureDark: 'picture',
  video: 'video',
  captions: 'captions',
  poster: 'picture',
} as const satisfies Partial<Record<keyof SectionOf<'hero'>, FileKind>>
const heroSlotNames = Object.keys(heroSlots) as (keyof typeof heroSlots)[]

/** Returns the slot with a name, or null when the draft has none. */
export function slotNamed(name: string, draft: BrandContent): FileSlot | null {
  const look = lookSlots.find(each => each === name)
  if (look) {
    return {
      ...{ name, kind: 'picture', section: null },
      partOf: content => content[look],
      withFile: (content, file) => ({ ...content, [look]: file }),
    }
  }
  return draft.home.flatMap(slotsOfSection).find(slot => slot.name === name) ?? null
}

/** Returns the slots of a section of the home page. */
export function slotsOfSection(section: Section): FileSlot[] {
  const { id } = section
  const slot = (
    path: string,
    kind: FileKind,
    withFile: (each: Section, file: BrandFile | null) => Section,
  ) => ({
    ...{ name: `home.${id}.${path}`, kind, section: id },
    partOf: ({ home }: BrandContent) => home.find(each => each.id === id),
    withFile: (draft: BrandContent, file: BrandFile | null) => ({
      ...draft,
      home: draft.home.map(each => (each.id === id ? withFile(each, file) : each)),
    }),
  })
  if (section.kind === 'hero') {
    return heroSlotNames.map(name =>
      slot(name, heroSlots[name], (each, file) => ({ ...each, [name]: file }) as Section),
    )
  }
  if (section.kind !== 'customers') return []
  return section.customers.map((_customer, n) =>
    slot(`customers.${n}.logo`, 'picture', (each, file) => {
      if (each.kind !== 'customers') return each
      const customers = each.customers.map((customer, at) =>
        at === n ? { ...customer, logo: file } : customer,
      )
      return { ...each, customers } as Section
    }),
  )
}

type SlotText = {
  label: string
  hint?: string
  onDark?: boolean
  /** What readers see without a file. */
  instead?: { file: BrandImage; text: string } | null
  remove: string
}

/** Returns the form of a slot: its file, and the fields to replace and to remove it. */
export function slotView(
  brand: Brand,
  slot: FileSlot,
  file: BrandFile | null,
  { label, hint, onDark = false, instead, remove }: SlotText,
  form: Form | undefined,
  { t, number }: Texts,
) {
  const { accept } = fileKinds[slot.kind]
  const error = form?.errors[slot.name]
  const shown = file ?? instead?.file
  return {
    slot: slot.name,
    basis: partKeyOf(slot.partOf(brand.draft)),
    action: `${brandPath(brand)}/files`,
    onDark,
    picture:
      shown && slot.kind === 'picture'
        ? { src: fileUrl(shown), width: shown.width, height: shown.height }
        : null,
    note: file ? null : instead?.text,
    file: file && {
      name: file.name,
      href: fileUrl(file),
      size: t('admin:files.size', { kb: number(kilobytes(file)) }),
    },
    field: {
      name: 'file',
      id: slot.name.replace(/\./g, '-'),
      type: 'file',
      label,
      hint,
      accept,
      form: { values: {}, errors: error ? { file: error } : {} },
    } satisfies FormField,
    button: t(file ? 'admin:files.replace' : 'admin:files.upload'),
    removeLabel: remove,
  }
}

const kilobytes = ({ size }: BrandFile) => Math.max(1, Math.round(size / 1000))
