import { isUtf8 } from 'node:buffer'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { z } from 'zod'
import { courseCaps, courseFile, maxBodyLength, moduleFile, isTooLarge, withPlainLineEnds } from './content'
import type { CourseContent, Lesson, Module } from './course'
import type { Asset } from './asset'
import { CourseFaults, courseFault, type CourseFault } from './course-fault'
import { kindOf, lessonFile } from './kinds/kinds'
import { byNumber } from './file-name'
import { nameLessons, withNewNames, type LessonNames } from './lesson-names'
import { inspectMedia } from './media'
import { withMediaSeconds } from './media-seconds'
import { readQuestions } from './quiz'
import { readYaml, splitFrontMatter } from './read-yaml'
import { freeSlug, slugOf } from './slug'
import type { CourseFile } from './unzip'

/** The content of a course's folder. The assets have no hash yet; their bytes come with them. */
export type ReadCourse = {
  /** From the folder's name, or from the title when the files have no common folder. */
  slug: string
  /** With the words that the file uses for the academy's topics, audiences and levels. */
  content: Omit<CourseContent, 'assets'>
  assets: { asset: Omit<Asset, 'hash'>; bytes: Buffer }[]
  /** Modules and lessons that have another name than their files. */
  renamed: LessonNames['renamed']
  /** By slug, the file of each lesson within the folder, and the line of it where the text begins, from 1. */
  files: ReadonlyMap<string, { path: string; firstLine: number }>
  /** Paths that don't belong in a course and were skipped. */
  ignored: string[]
}

/**
 * Reads the folder of a course: `course.yml`, `NN-module/module.yml`, `NN-module/NN-lesson.md`, `assets/*`. The numbers
 * order modules and lessons and aren't stored. Other
 * names are taken too (see lesson-names.ts).
 *
 * @throws CourseFaults with all faults at once, each with its file and line.
 */
export async function readCourse(given: CourseFile[]): Promise<ReadCourse> {
  const { root, files: inside } = withoutRoot(given.filter(file => !isJunk(file.path)))
  const files = inside.map(file => ({ ...file, path: plainPath(file.path) }))
  const faults: CourseFault[] = []
  const report = (...found: CourseFault[]) => {
    faults.push(...found)
    if (faults.length > maxFaults) throw tooManyFaults(faults)
  }
  refuseLargeOutline(files)
  refuseSamePaths(files)
  const texts = readTexts(files, report)

  const source = texts.get('course.yml')
  if (source === undefined)
    throw new CourseFaults([courseFault('course.yml', null, 'studio:faults.noCourseFile')])
  const head = readYaml(courseFile, source, 'course.yml')
  report(...head.faults)
  const { modules, renamed, files: lessonFiles } = await readModules(texts, report)
  const stored = await readAssets(files, report)
  if (!head.value || faults.length) throw new CourseFaults(faults)

  const { audience, media, ...fields } = head.value
  const assets = described(stored, media)
  const content = withMediaSeconds({
    ...fields,
    audiences: fields.audiences.length || !audience.trim() ? fields.audiences : [audience],
    modules,
    assets: assets.map(({ asset }) => ({ ...asset, hash: '' })),
  })
  if (isTooLarge(content))
    throw new CourseFaults([courseFault('', null, 'studio:faults.courseTooLarge', courseCaps)])
  return {
    slug: freeSlug(slugOf(root) ? root : head.value.title, 'course', () => false),
    content,
    assets,
    renamed,
    files: lessonFiles,
    ignored: files.map(file => file.path).filter(path => fileKindOf(path) === null),
  }
}

/** The most bytes of a text file: more than the longest lesson or description has in any script. */
const maxTextBytes = 1024 * 1024

/** The most faults that are listed. An author fixes these first. */
const maxFaults = 200

const lessonPath = /^[^/]+\/[^/]+\.(?:md|markdown)$/i
const modulePath = /^[^/]+\/module\.yml$/

/** Returns a path with the names of the course's own files as this module knows them, whatever their case. */
function plainPath(path: string): string {
  if (/^assets\//i.test(path)) return path.replace(/^assets/i, 'assets')
  return path.normalize().replace(/(?<=^|^[^/]+\/)(course|module)\.ya?ml$/i, (_, name: string) => {
    return `${name.toLowerCase()}.yml`
  })
}

function tooManyFaults(faults: CourseFault[]): CourseFaults {
  const rest = courseFault('', null, 'studio:faults.tooMany', { maximum: maxFaults })
  return new CourseFaults([...faults.slice(0, maxFaults), rest])
}

/** Refuses a course that has more files than `courseCaps` allows before they are read. */
function refuseLargeOutline(files: CourseFile[]): void {
  const count = (kind: ReturnType<typeof fileKindOf>) =>
    files.filter(({ path }) => fileKindOf(path) === kind).length
  const { lessons, modules, files: assets } = courseCaps
  if (count('lesson') > lessons || count('module') > modules || count('asset') > assets) {
    throw new CourseFaults([courseFault('', null, 'studio:faults.courseTooLarge', courseCaps)])
  }
}

/** Refuses `course.yml` beside `course.yaml`, or `Assets/a.png` beside `assets/a.png`: one would vanish. */
function refuseSamePaths(files: CourseFile[]): void {
  const taken = new Set<string>()
  for (const { path } of files) {
    const name = path.normalize()
    if (taken.has(name)) throw new CourseFaults([courseFault(path, null, 'studio:faults.zipTwice')])
    taken.add(name)
  }
}

function fileKindOf(path: string): 'course' | 'module' | 'lesson' | 'asset' | null {
  if (path === 'course.yml') return 'course'
  if (path.startsWith('assets/')) return 'asset'
  if (modulePath.test(path)) return 'module'
  return lessonPath.test(path) ? 'lesson' : null
}

function withoutRoot(files: CourseFile[]): { root: string; files: CourseFile[] } {
  const tops = new Set(files.map(file => file.path.split('/')[0]!.normalize()))
  const [root] = tops
  const single = tops.size === 1 && files.every(file => file.path.includes('/'))
  if (!single || root === undefined) return { root: '', files }
  return { root, files: files.map(file => ({ ...file, path: file.path.slice(file.path.indexOf('/') + 1) })) }
}

/** Files that operating systems leave in folders and zips. */
function isJunk(path: string): boolean {
  return path.split('/').some(name => /^(?:__MACOSX|Thumbs\.db|desktop\.ini|Icon\r|[.~].*)$/is.test(name))
}

function readTexts(files: CourseFile[], report: (fault: CourseFault) => void): Map<string, string> {
  const texts = new Map<string, string>()
  for (const { path, bytes } of files) {
    const kind = fileKindOf(path)
    if (kind === null || kind === 'asset') continue
    if (bytes.length > maxTextBytes) {
      const ending = path.slice(path.lastIndexOf('.') + 1)
      report(courseFault(path, null, 'studio:faults.fileTooLarge', { ending, maximum: 1 }))
    } else if (!isUtf8(bytes)) report(courseFault(path, null, 'studio:faults.notUtf8'))
    else texts.set(path, withPlainLineEnds(bytes.toString('utf8').replace(/^\uFEFF/, '')))
  }
  return texts
}

async function readModules(
  texts: Map<string, string>,
  report: (...faults: CourseFault[]) => void,
): Promise<Pick<ReadCourse, 'renamed' | 'files'> & { modules: Module[] }> {
  const inFolders = [...texts.keys()].filter(path => path.includes('/'))
  const folders = [...new Set(inFolders.map(path => path.split('/')[0]!))].sort(byNumber)
  const paths = inFolders.filter(path => lessonPath.test(path)).sort(byNumber)
  const read = new Map<string, { lesson: Lesson; firstLine: number }>()
  for (const path of folders.flatMap(folder => paths.filter(each => each.startsWith(`${folder}/`)))) {
    // Reading a whole course at once would keep other requests waiting.
    await nextTurn()
    const found = readLesson(path, texts.get(path)!, report)
    if (found) read.set(path, found)
  }
  const names = nameLessons(folders, paths, path => read.get(path)?.lesson.title)
  const modules = folders.map(folder => {
    const file = `${folder}/module.yml`
    const source = texts.get(file)
    if (source === undefined) report(courseFault(file, null, 'studio:faults.noModuleFile'))
    const head = source === undefined ? undefined : readYaml(moduleFile, source, file)
    if (head) report(...head.faults)
    const lessons = paths.flatMap((path): Lesson[] => {
      const found = path.startsWith(`${folder}/`) ? read.get(path) : undefined
      if (!found) return []
      const { lesson } = found
      return [{ ...lesson, slug: names.lessons.get(path)!, body: withNewNames(lesson.body, path, names) }]
    })
    const name = names.folders.get(folder)!
    return { folder: name, title: head?.value?.title ?? name, lessons }
  })
  const files = new Map(
    [...read].map(([path, { firstLine }]) => [names.lessons.get(path)!, { path, firstLine }]),
  )
  return { modules, renamed: names.renamed, files }
}

/** Reads a lesson's file; the lesson has no slug yet. `firstLine` is the line where its text begins. */
function readLesson(
  path: string,
  source: string,
  report: (...faults: CourseFault[]) => void,
): { lesson: Lesson; firstLine: number } | undefined {
  const sections = splitFrontMatter(source)
  if (!sections) return void report(courseFault(path, 1, 'studio:faults.noFrontMatter'))
  if (sections.isOpen)
    return void report(courseFault(path, sections.headLine - 1, 'studio:faults.openFrontMatter'))
  const head = readYaml(lessonFile, sections.head, path, sections.headLine)
  const { faults } = readQuestions(sections.body, path, sections.bodyLine)
  const ownFaults = head.value && kindOf(head.value).faultsIn?.(sections.body, path, sections.bodyLine)
  report(...head.faults, ...faults, ...(ownFaults ?? []))
  if (sections.body.length > maxBodyLength) {
    report(
      courseFault(path, null, 'studio:faults.lessonTooLong', {
        length: sections.body.length,
        maximum: maxBodyLength,
      }),
    )
  }
  if (!head.value) return undefined
  const lesson = { slug: '', ...head.value, mediaSeconds: null, body: sections.body }
  return { lesson, firstLine: sections.bodyLine }
}

async function readAssets(
  files: CourseFile[],
  report: (fault: CourseFault) => void,
): Promise<ReadCourse['assets']> {
  const read: ReadCourse['assets'] = []
  for (const { path, bytes } of files.filter(file => fileKindOf(file.path) === 'asset').sort(byPath)) {
    const measured = await inspectMedia(path, bytes)
    if (measured.fault) report(measured.fault)
    else read.push({ asset: measured.asset, bytes: measured.bytes })
  }
  return read
}

/** Adds what `course.yml` says of its files. */
function described(
  assets: ReadCourse['assets'],
  media: z.output<typeof courseFile>['media'],
): ReadCourse['assets'] {
  return assets.map(({ asset, bytes }) => {
    const { alt = '', focus = null } = media.find(({ file }) => file === asset.path) ?? {}
    return { asset: { ...asset, ...(alt && { alt }), ...(focus && { focus }) }, bytes }
  })
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0
}
