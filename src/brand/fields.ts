import { z } from 'zod'

/** A text on one line. What i18next would fill in is refused: names stand in the middle of its texts. */
export const line = (maximum: number) =>
  z
    .string({ error: 'web:errors.unreadable' })
    .trim()
    .max(maximum, { error: 'web:errors.tooLong' })
    .refine(text => !/[\p{Cc}\u2028\u2029]|\{\{|\$t\(/u.test(text), { error: 'admin:errors.brand.line' })

export const email = z
  .string({ error: 'web:errors.unreadable' })
  .trim()
  .max(254, { error: 'web:errors.tooLong' })
  .refine(text => !text || z.email().safeParse(text).success, { error: 'admin:errors.email' })

/** Markdown in which `{{legalName}}` and the other names of `brandTexts` stand for the brand's. */
export const brandMarkdown = (maximum: number) =>
  z
    .string({ error: 'web:errors.unreadable' })
    .overwrite(text => text.replace(/\r\n?/g, '\n').trim())
    .max(maximum, { error: 'web:errors.tooLong' })

/** A page of the academy such as `/courses`, a page elsewhere, or an email address. Nothing that runs a script. */
const target = z
  .string({ error: 'web:errors.unreadable' })
  .trim()
  .max(500, { error: 'web:errors.tooLong' })
  .regex(/^(?:https?:\/\/[^\s/\\][^\s\\]*|mailto:[^\s@]+@[^\s@]+|\/(?![/\\])[^\s\\]*)$/i, {
    error: 'admin:errors.brand.link',
  })

/** A link with its own words; an empty label takes the name of the academy's page that it leads to. */
export const link = z
  .strictObject({ label: line(60), path: target })
  .refine(({ label, path }) => label || isNamedPage(path), {
    error: 'admin:errors.brand.label',
    path: ['label'],
  })
export type PageLink = z.output<typeof link>

/** The pages whose names the interface knows: their links need no label. */
export const namedPages = {
  '/courses': 'layout:nav.courses',
  '/paths': 'layout:nav.paths',
  '/sessions': 'layout:nav.sessions',
  '/community': 'layout:nav.community',
  '/pricing': 'layout:nav.pricing',
  '/needs-assessment': 'academy:home.findPath',
  '/contact-request': 'academy:contactRequest.title',
  '/certificates': 'layout:footer.learn.certificates',
  '/sharing': 'layout:footer.trust.sharing',
  '/scoring': 'layout:footer.trust.scoring',
  '/privacy': 'layout:footer.trust.privacy',
  '/terms': 'layout:footer.trust.terms',
  '/accessibility': 'layout:footer.trust.accessibility',
} as const

export function isNamedPage(path: string): path is keyof typeof namedPages {
  return Object.hasOwn(namedPages, path)
}
