import type { Request, Response } from 'express'
import { z } from 'zod'
import { audit } from '../events/audit'
import { saveBrandDraft } from '../brand/change-brand'
import { brandContent, completeContent, type BrandContent } from '../brand/content'
import { filesIn, maxFilesMegabytes } from '../brand/file'
import { assetBytes } from '../courses/asset'
import { HttpError } from '../platform/errors'
import type { Person } from '../people/person'
import { languages, textsIn } from '../web/i18n'
import { replaceableTexts } from '../web/interface-texts'
import { faultOf } from '../web/own-text'
import { textsOf } from '../web/texts'
import { bytesOf, readUploads, uploadsOf } from '../web/upload'
import { refuseImport } from './brand'
import { done, draftNumberIn } from './brand-parts'
import { brandPath, brandRecordOf } from './brands'
import { storeFiles } from './read-brand-file'

/** `GET /admin/brands/:id/export.json`: the draft as a file, to be imported by another academy. */
export async function download(_request: Request, response: Response, person: Person): Promise<void> {
  const { _id: subject, draft, draftNumber: number } = brandRecordOf(response)
  await audit({ actor: person._id, action: 'brand.exported', subject, detail: { draft: number } })
  const files = await Promise.all(
    filesIn(draft).map(async ({ hash }) => [hash, (await assetBytes(hash))?.toString('base64')] as const),
  )
  const file = { format: fileFormat, content: draft, files: Object.fromEntries(files) }
  response
    .attachment(`brand-${subject}.json`)
    .type('json')
    .send(`${JSON.stringify(file, null, 2)}\n`)
}

const fileFormat = 'academy-brand-1'
/** A file of an earlier version lacks the fields that came later. */
const exportedBrand = z.strictObject({
  format: z.literal(fileFormat),
  /** The bytes of pictures, videos and captions in Base64, by the hash that `content` names. */
  files: z.record(z.string().regex(/^[0-9a-f]{64}$/), z.base64()).default({}),
  content: z.preprocess(content => (isRecord(content) ? completeContent(content) : content), brandContent),
})

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Base64 makes files a third larger; texts take less than 4 MB. */
export const upload = readUploads('file', { files: 1, megabytes: Math.ceil(maxFilesMegabytes * 1.4) + 4 })

/**
 * `POST /admin/brands/:id/imports`: makes an exported file the draft, and says when that renames the academy. Shows the
 * form again with 422 for another kind of file.
 */
export async function importFile(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const number = draftNumberIn(request)
  try {
    const content = await readExport(request, response)
    await saveBrandDraft(brand._id, content, number)
    const { academyName: before } = brand.draft
    const isRenamed = before !== '' && before !== content.academyName
    done(response, brandPath(brand), isRenamed ? 'brandImportedRenamed' : 'brandImported', {
      before,
      after: content.academyName,
    })
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 422)) throw error
    await refuseImport(response.locals.t(error.key, error.values), response)
  }
}

/** Returns the content of the uploaded file, whose files it stores. Throws 422 for what can't be imported. */
async function readExport(request: Request, response: Response): Promise<BrandContent> {
  const [file] = uploadsOf(request)
  if (!file) throw new HttpError(422, 'admin:errors.brand.noFile')
  const typed = parsed((await bytesOf(file)).toString())
  if (!isRecord(typed) || !('format' in typed) || typed.format !== fileFormat)
    throw new HttpError(422, 'admin:errors.brand.notExported')
  const { data, error } = exportedBrand.safeParse(typed)
  if (error) {
    const [where = ''] = error.issues.map(issue => issue.path.join('.')).filter(Boolean)
    throw new HttpError(422, 'admin:errors.brand.file', { where })
  }
  const fault = firstFault(data.content.texts)
  if (fault) throw new HttpError(422, 'admin:errors.brand.file', { where: `texts: ${fault}` })
  return storeFiles(data.content, data.files, textsOf(response))
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
