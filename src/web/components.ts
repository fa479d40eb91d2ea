import type { ShownBrand } from '../brand/brand'
import { fieldId, fieldView } from './field'
import { headView } from './head'
import {
  accountNavigation,
  footerColumns,
  footerFacts,
  mainNavigation,
  roomLinks,
  studioNavigation,
  workspaceMenu,
} from './navigation'
import type { Flash } from './flash'
import type { Form } from './form'
import type { Translate } from './i18n'
import { imageView, type ImageView } from './image'

/** Builds the view models of layouts and partials, as `page.components`, from the page or from plain values. */
export const components = {
  accountNavigation,
  errorSummary,
  field: fieldView,
  flash: flashView,
  footerColumns,
  footerFacts,
  head: headView,
  logo: logoView,
  mainNavigation,
  paginationNotes,
  roomLinks,
  studioNavigation,
  themes,
  workspaceMenu,
}

type ErrorSummary = { title: string; errors: { href: string; text: string }[] }

/** The list of errors above a form, with one link per field; null without errors. */
function errorSummary(form: Partial<Form> | undefined, t: Translate): ErrorSummary | null {
  const errors = Object.entries(form?.errors ?? {})
  if (!errors.length) return null
  return {
    title: t('layout:form.errors', { count: errors.length }),
    errors: errors.map(([name, text]) => ({ href: `#${fieldId(name)}`, text })),
  }
}

const flashIcons = { done: 'check', warning: 'warning', error: 'x-circle' }

/** The message with its icon, and the role by which screen readers announce it. */
function flashView(flash: Flash) {
  return { ...flash, icon: flashIcons[flash.kind], role: flash.kind === 'error' ? 'alert' : 'status' }
}

type Note = { text: string; href?: string }

/** The range of rows shown and the notes after it, with separators. */
function paginationNotes({
  text,
  notes = [],
}: {
  text?: string
  notes?: Note[]
}): (Note & { before: string })[] {
  const all = text ? [{ text }, ...notes] : notes
  return all.map((note, n) => ({ ...note, before: n ? ' · ' : '' }))
}

/** The brand's logo; null for a brand that has its name and the mark in its place. */
function logoView({ t, brand }: { t: Translate; brand?: ShownBrand }): ImageView | null {
  const { logoLight, logoDark } = brand?.content ?? {}
  return logoLight ? imageView(logoLight, { alt: t('layout:name'), dark: logoDark }) : null
}

/** The three themes; the chosen one is pressed. */
function themes({ t, theme = 'system' }: { t: Translate; theme?: string }) {
  return ['light', 'dark', 'system'].map(value => ({
    value,
    text: t(`layout:theme.${value}`),
    isPressed: value === theme,
  }))
}
