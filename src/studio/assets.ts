import { extname } from 'node:path'
import type { Request, Response } from 'express'
import multer from 'multer'
import { assetPath, saveAsset } from '../courses/asset'
import { chaptersBeside } from '../courses/captions'
import { changeDraft } from '../courses/change-draft'
import { courseCaps, lessonsOf } from '../courses/content'
import type { Asset, CourseContent } from '../courses/course'
import { courseFault, type CourseFault } from '../courses/course-fault'
import { referencesIn } from '../courses/markdown'
import { assetEndings, inspectMedia } from '../courses/media'
import { slugOf } from '../courses/slug'
import { audit } from '../events/audit'
import { HttpError } from '../platform/errors'
import { bodyReader } from '../web/route'
import { addressOf, courseOf, setDoneFlash, coursePage } from './course-page'

const mostAtOnce = 20

export const upload = bodyReader((request, response, next) => {
  const read = multer({
    limits: { fileSize: courseCaps.megabytes * 1024 * 1024, files: mostAtOnce, fields: 5, fieldSize: 1000 },
  })
  read.array('files')(request, response, next)
})

/** `GET /studio/courses/:slug/files` */
export async function index(request: Request, response: Response): Promise<void> {
  response.render('studio/files', await page(request, response))
}

/** `POST /studio/courses/:slug/files`: adds files; one of the same name takes the old one's place in the draft. */
export async function create(request: Request, response: Response): Promise<void> {
  const { t } = response.locals
  const course = courseOf(response)
  const given = (request.files ?? []) as Express.Multer.File[]
  const faults: CourseFault[] = given.length ? [] : [courseFault('', null, 'studio:faults.noFile')]
  const added: Asset[] = []
  for (const { originalname, buffer } of given) {
    const measured = await inspectMedia(pathOf(originalname), buffer)
    if (measured.fault) faults.push(measured.fault)
    else added.push({ ...measured.asset, hash: await saveAsset(buffer, measured.asset.type) })
  }
  if (faults.length) {
    return void response.status(422).render('studio/files', { ...(await page(request, response)), faults })
  }
  await changeDraft(course._id, content => ({ ...content, assets: merged(content.assets, added) }))
  const files = added.map(({ path }) => path)
  await audit({ actor: request.user!._id, action: 'files.added', subject: course.slug, detail: { files } })
  setDoneFlash(request, response, t('studio:flash.filesAdded', { count: files.length }), files.join(', '))
  response.redirect(303, `${addressOf(course)}/files`)
}

/** `POST …/files/removal`: out of the draft, if no lesson uses it. Published versions keep theirs. */
export async function destroy(request: Request, response: Response): Promise<void> {
  const { t } = response.locals
  const course = courseOf(response)
  const path = String((request.body as { path?: string }).path)
  await changeDraft(course._id, content => {
    if (usesOf(content).has(path)) throw new HttpError(422, 'studio:errors.fileUsed')
    return { ...content, assets: content.assets.filter(asset => asset.path !== path) }
  })
  await audit({ actor: request.user!._id, action: 'file.removed', subject: course.slug, detail: { path } })
  setDoneFlash(request, response, t('studio:flash.fileRemoved', { path }))
  response.redirect(303, `${addressOf(course)}/files`)
}

async function page(request: Request, response: Response) {
  return {
    ...(await coursePage(request, response, 'files')),
    uses: usesOf(courseOf(response).draft),
    endings: assetEndings,
    faults: [],
    mostAtOnce,
  }
}

/** The lessons' titles by the path of each file that they use. */
function usesOf(content: CourseContent): Map<string, string[]> {
  const uses = new Map<string, string[]>()
  const use = (target: string | null, title: string) => {
    const path = target && assetPath(target)
    if (path && !uses.get(path)?.includes(title)) uses.set(path, [...(uses.get(path) ?? []), title])
  }
  for (const lesson of lessonsOf(content)) {
    for (const { target } of referencesIn(lesson.body)) use(target, lesson.title)
    for (const { file } of lesson.downloads) use(file, lesson.title)
    use(lesson.video, lesson.title)
    use(lesson.captions, lesson.title)
    use(lesson.captions && chaptersBeside(lesson.captions), lesson.title)
  }
  for (const { target } of referencesIn(content.description)) use(target, content.title)
  return uses
}

function merged(before: Asset[], added: Asset[]): Asset[] {
  const byPath = new Map([...before, ...added].map(asset => [asset.path, asset]))
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** A name that needs no escapes in Markdown; browsers send names as UTF-8, multer reads them as Latin-1. */
function pathOf(originalName: string): string {
  const name = Buffer.from(originalName, 'latin1').toString('utf8')
  const ending = extname(name).toLowerCase()
  const base = name.slice(0, name.length - ending.length)
  const parts = base.split('.').map(slugOf).filter(Boolean)
  return `assets/${parts.join('.') || 'file'}${ending.replace(/[^.a-z0-9]/g, '')}`
}
