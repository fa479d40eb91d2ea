import type { Request, Response } from 'express'
import { z } from 'zod'
import { audit } from '../events/audit'
import type { Brand } from '../brand/brand'
import { failingPairs } from '../brand/colour'
import { brandContent, completeContent, type BrandContent } from '../brand/content'
import { filesIn } from '../brand/file'
import { plansContent, PricingPages, type PlansContent } from '../brand/plans'
import { assetBytes } from '../courses/asset'
import { HttpError } from '../platform/errors'
import type { Person } from '../people/person'
import { NeedsAssessments, needsContent, type NeedsContent } from '../signals/needs-content'
import { languages, textsIn } from '../web/i18n'
import { replaceableTexts } from '../web/interface-texts'
import { faultOf } from '../web/own-text'
import type { Texts } from '../web/texts'
import { bytesOf, uploadsOf } from '../web/upload'
import { brandRecordOf } from './brands'
import { storeFiles } from './read-brand-file'

/** The drafts of a brand, which its file carries; null for a page that was never written. */
export type BrandParts = { content: BrandContent; plans: PlansContent | null; needs: NeedsContent | null }

/** The numbers of the drafts; 0 for a page that was never written. */
export type DraftNumbers = Record<keyof BrandParts, number>

/** Returns the drafts of a brand with their numbers. */
export async function readParts(brand: Brand): Promise<{ parts: BrandParts; numbers: DraftNumbers }> {
  const [plans, needs] = await Promise.all([PricingPages.read(brand._id), NeedsAssessments.read(brand._id)])
  return {
    parts: { content: brand.draft, plans: plans?.draft ?? null, needs: needs?.draft ?? null },
    numbers: {
      content: brand.draftNumber,
      plans: plans?.draftNumber ?? 0,
      needs: needs?.draftNumber ?? 0,
    },
  }
}

/** `GET /admin/brands/:id/export.json`: the drafts as a file, to be imported by another academy. */
export async function download(_request: Request, response: Response, person: Person): Promise<void> {
  const brand = brandRecordOf(response)
  const { _id: subject, draftNumber } = brand
  await audit({ actor: person._id, action: 'brand.exported', subject, detail: { draft: draftNumber } })
  const { parts } = await readParts(brand)
  const files = await Promise.all(
    filesIn(parts.content).map(
      async ({ hash }) => [hash, (await assetBytes(hash))?.toString('base64')] as const,
    ),
  )
  const file = { format: fileFormat, ...parts, files: Object.fromEntries(files) }
  response
    .attachment(`brand-${subject}.json`)
    .type('json')
    .send(`${JSON.stringify(file, null, 2)}\n`)
}

const fileFormat = 'academy-brand-2'
/** A file of the first format has no pages besides the content. */
const fileFormats = ['academy-brand-1', fileFormat] as const
/** A file of an earlier version lacks the fields that came later. */
const exportedBrand = z.strictObject({
  format: z.enum(fileFormats),
  /** The bytes of pictures, videos and captions in Base64, by the hash that `content` names. */
  files: z.record(z.string().regex(/^[0-9a-f]{64}$/), z.base64()).default({}),
  content: z.preprocess(content => (isRecord(content) ? completeContent(content) : content), brandContent),
  plans: z.nullable(plansContent).default(null),
  needs: z.nullable(needsContent).default(null),
})

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Returns what an uploaded file carries, and stores its pictures and videos, which nobody can open yet.
 *
 * @throws 422 for what can't be imported.
 */
export async function readBrandExport(request: Request, texts: Pick<Texts, 't'>): Promise<BrandParts> {
  const [file] = uploadsOf(request)
  if (!file) throw new HttpError(422, 'admin:errors.brand.noFile')
  const typed = parsed((await bytesOf(file)).toString())
  if (!isRecord(typed) || !('format' in typed) || !fileFormats.some(format => format === typed.format))
    throw new HttpError(422, 'admin:errors.brand.notExported')
  const { data, error } = exportedBrand.safeParse(typed)
  if (error) {
    const [where = ''] = error.issues.map(issue => issue.path.join('.')).filter(Boolean)
    throw new HttpError(422, 'admin:errors.brand.file', { where })
  }
  const { accent } = data.content
  if (accent && failingPairs(accent).length)
    throw new HttpError(422, 'admin:errors.brandContrast', { accent })
  const fault = firstFault(data.content.texts)
  if (fault) throw new HttpError(422, 'admin:errors.brand.file', { where: `texts: ${fault}` })
  const { plans, needs } = data
  return { content: await storeFiles(data.content, data.files, texts), plans, needs }
}
/** Returns the key of a text that could not take the place of the general one. */
function firstFault(texts: BrandContent['texts']): string | undefined {
  return languages
    .flatMap(language =>
      Object.entries(texts[language] ?? {}).map(([key, text]) => ({ language, key, text })),
    )
    .find(({ language, key, text }) => {
      const general = textsIn(language).get(key)
      return general === undefined || !replaceableTexts(language).has(key) || faultOf(text, general)
    })?.key
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
