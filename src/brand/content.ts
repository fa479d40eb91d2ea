import { z } from 'zod'
import { isLanguageTag } from '../platform/language-tag'
import { hexColour } from './colour'
import { email, line, link, brandMarkdown } from './fields'
import { brandImage } from './file'
import { homeSections, standardHome } from './home'
import { standardPairing, typePairingNames } from './type-pairings'

/** The pages that the law or fairness asks for, at `/terms` and so on. */
export const legalPageNames = ['sharing', 'privacy', 'terms', 'accessibility', 'scoring'] as const
export type LegalPageName = (typeof legalPageNames)[number]

/** A legal page of the company's own. */
export const legalPageContent = z.strictObject({
  title: line(80).refine(Boolean, { error: 'admin:errors.legalTitle' }),
  lede: line(300),
  body: brandMarkdown(60_000).refine(Boolean, { error: 'admin:errors.legalBody' }),
})
export type LegalPageContent = z.output<typeof legalPageContent>

/** A text that replaces a general one. It may name the brand, and nothing else: a text that names itself never ends. */
const ownText = z
  .string()
  .max(5_000)
  .refine(text => !/\$t\((?!brand:\w+\))/.test(text))
const ownTexts = z.record(z.string().regex(/^[a-z]+:[\w.-]{1,200}$/), ownText)
const maxOwnTexts = 3_000
/** Names of topics, courses or languages. */
export const brandNames = z.array(z.string({ error: 'web:errors.unreadable' }).min(1).max(100)).max(500)

/** The same that a course can choose. */
export const nextStepKinds = ['demo', 'trial', 'contact', 'checkout'] as const

export const courseCovers = ['uploaded', 'drawn'] as const

const footerColumn = z.strictObject({
  title: line(60).refine(Boolean, { error: 'admin:errors.brand.column' }),
  links: z.array(link).max(10),
})

/**
 * Everything that makes an academy a company's own. An empty text is a blank: pages show its starter, such as
 * `[your company]`, so that nobody overlooks it.
 */
export const brandContent = z.strictObject({
  /** The academy's name, in the header, in titles and in emails. */
  academyName: line(60),
  /** The company's everyday name. */
  companyName: line(80),
  /** What the courses are about. Legal pages and texts of the company's own may name it. */
  productName: line(80),
  /** As registered, for legal pages and the footer of emails. */
  legalName: line(120),
  /** One line, printed in the footer of every email. */
  postalAddress: line(200),
  /** One sentence under the logo in the footer. */
  tagline: line(160),
  privacyEmail: email,
  accessibilityEmail: email,
  /** Where the footer sends people who need help; empty for no link. */
  supportEmail: email,
  /** Where the footer sends everyone else; empty for no link. */
  contactEmail: email,
  /** The sender's name in emails; empty for the academy's name. */
  senderName: line(60),
  /** The address that emails come from; empty for that of `MAIL_FROM`. The mail server must be allowed to send it. */
  senderAddress: email,
  /** Where answers to emails go; empty for the sender's address. */
  replyTo: email,
  /** The colour of links and main buttons, `#RRGGBB`; null for the colour that Lyceum comes with. */
  accent: z.preprocess(typed => typed || null, z.nullable(hexColour)),
  /** The logo of the header, the footer, emails and certificates; null for the academy's name. */
  logoLight: brandImage,
  /** For dark pages; null for the same logo. */
  logoDark: brandImage,
  /** The icon of the browser's tab; null for the standard one. */
  icon: brandImage,
  /** What other sites show with a link to the academy; null for the cover of the newest course. */
  socialImage: brandImage,
  typePairing: z.enum(typePairingNames, { error: 'web:errors.chooseOne' }),
  /** Whether courses show the pictures that their authors chose, or all of them drawn covers. */
  covers: z.enum(courseCovers, { error: 'web:errors.chooseOne' }),
  /** The sections of the home page. */
  home: homeSections,
  /** The links of the header; null for the standard ones. */
  navigation: z.nullable(z.array(link).max(8)),
  /** The columns of the footer; null for the standard ones. */
  footer: z.nullable(z.array(footerColumn).max(4)),
  /** Whether the footer says what the academy runs on. */
  poweredBy: z.boolean(),
  /** The legal pages that replace their starters. */
  legalPages: z.partialRecord(z.enum(legalPageNames), legalPageContent),
  /** Interface texts that replace the general ones, by language and key, such as `account:boxes.profiling.text`. */
  texts: z.record(
    z.string().regex(/^[a-z]{2}$/),
    ownTexts.refine(texts => Object.keys(texts).length <= maxOwnTexts),
  ),
  /** Markdown at the end of every email, above the address. */
  emailFooter: brandMarkdown(1_000),
  /** The courses it shows: those of these topics, and these; null for all. See `coursesOf`. */
  courses: z.nullable(z.strictObject({ topics: brandNames, slugs: brandNames })),
  /** The languages of its pages, of those that are installed; empty for all. */
  languages: brandNames.refine(tags => tags.every(isLanguageTag), { error: 'web:errors.unreadable' }),
  /** What learners are offered after a course without a next step of its own; null for nothing. */
  nextStep: z.nullable(
    z.strictObject({
      kind: z.enum(nextStepKinds, { error: 'web:errors.chooseOne' }),
      label: line(60).refine(Boolean, { error: 'admin:errors.brand.nextStep' }),
      text: line(400),
    }),
  ),
  /** Where trials begin; empty for a request to sales. */
  trialUrl: z
    .string({ error: 'web:errors.unreadable' })
    .trim()
    .max(500, { error: 'web:errors.tooLong' })
    .regex(/^(?:https:\/\/[^\s/\\][^\s\\]*)?$/i, { error: 'admin:errors.brand.trialUrl' }),
  /** Whether learners may set a weekly goal and dates, and see their week and what they can do now. */
  motivation: z.boolean(),
})
export type BrandContent = z.output<typeof brandContent>

/** The fields that interface texts name as `$t(brand:academyName)`. */
export const brandTexts = [
  'academyName',
  'companyName',
  'productName',
  'legalName',
  'postalAddress',
  'tagline',
  'privacyEmail',
  'accessibilityEmail',
] as const satisfies readonly (keyof BrandContent)[]

/** An academy that nobody has named yet. */
export const blankBrand: BrandContent = {
  academyName: '',
  companyName: '',
  productName: '',
  legalName: '',
  postalAddress: '',
  tagline: '',
  privacyEmail: '',
  accessibilityEmail: '',
  supportEmail: '',
  contactEmail: '',
  senderName: '',
  senderAddress: '',
  replyTo: '',
  accent: null,
  logoLight: null,
  logoDark: null,
  icon: null,
  socialImage: null,
  typePairing: standardPairing,
  covers: 'uploaded',
  home: standardHome,
  navigation: null,
  footer: null,
  poweredBy: false,
  legalPages: {},
  texts: {},
  emailFooter: '',
  courses: null,
  languages: [],
  nextStep: null,
  trialUrl: '',
  motivation: true,
}

/** Returns a content that was stored or exported before some of its fields existed, with these as blanks. */
export function completeContent<Stored extends Partial<BrandContent>>(stored: Stored): BrandContent & Stored {
  return { ...blankBrand, ...stored }
}
