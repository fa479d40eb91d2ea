import { isUtf8 } from 'node:buffer'
import {
  courseCaps,
  courseFile,
  lessonFile,
  longestBody,
  moduleFile,
  isTooLarge,
  withPlainLineEnds,
} from './content'
import type { Asset, CourseContent, Lesson, Module } from './course'
import { CourseFaults, courseFault, type CourseFault } from './course-fault'
import { inspectMedia } from './media'
import { readQuestions } from './quiz'
import { readYaml, splitFrontMatter } from './read-yaml'
import { freeSlug, isSlug } from './slug'
import type { CourseFile } from './unzip'
import { withVideoLengths } from './video-seconds'

/** A course's folder, read: its content, whose assets have no hash yet, and the bytes of these assets. */
export type ReadCourse = {
  /** From the name of the folder, else from the title. */
  slug: string
  content: Omit<CourseContent, 'assets'>
  assets: { asset: Omit<Asset, 'hash'>; bytes: Buffer }[]
  /** Paths that have no place in a course and were left out. */
  ignored: string[]
}

/**
 * Reads the folder of a course: `course.yml`, `NN-part/module.yml`, `NN-part/NN-lesson.md`, `assets/*`. Numbers order parts
 * and lessons and are not kept. Refuses with all faults at once (`CourseFaults`), each with file and line.
 */
export async function readCourse(given: CourseFile[]): Promise<ReadCourse> {
  const { root, files } = withoutRoot(given.filter(file => !isJunk(file.path)))
  const faults: CourseFault[] = []
  const say = (...found: CourseFault[]) => faults.push(...found)
  const texts = readTexts(files, say)

  const source = texts.get('course.yml')
  if (source === undefined)
    throw new CourseFaults([courseFault('course.yml', null, 'studio:faults.noCourseFile')])
  const head = readYaml(courseFile, source, 'course.yml')
  say(...head.faults)
  const modules = readModules(texts, say)
  const assets = await readAssets(files, say)
  if (!head.value || faults.length) throw new CourseFaults(faults)

  const content = withVideoLengths({
    ...head.value,
    modules,
    assets: assets.map(({ asset }) => ({ ...asset, hash: '' })),
  })
  if (isTooLarge(content))
    throw new CourseFaults([courseFault('', null, 'studio:faults.courseTooLarge', courseCaps)])
  return {
    slug: freeSlug(root || head.value.title, 'course', () => false),
    content,
    assets,
    ignored: files.map(file => file.path).filter(path => placeOf(path) === null),
  }
}

const lessonPath = /^(?:(\d+)-)?([^/]+)\/(?:(\d+)-)?([^/]+)\.md$/
const modulePath = /^(?:(\d+)-)?([^/]+)\/module\.yml$/

function placeOf(path: string): 'course' | 'module' | 'lesson' | 'asset' | null {
  if (path === 'course.yml') return 'course'
  if (path.startsWith('assets/')) return 'asset'
  if (modulePath.test(path)) return 'module'
  return lessonPath.test(path) ? 'lesson' : null
}

function withoutRoot(files: CourseFile[]): { root: string; files: CourseFile[] } {
  const tops = new Set(files.map(file => file.path.split('/')[0]!))
  const [root] = tops
  const single = tops.size === 1 && files.every(file => file.path.includes('/'))
  if (!single || root === undefined) return { root: '', files }
  return { root, files: files.map(file => ({ ...file, path: file.path.slice(root.length + 1) })) }
}

/** What operating systems leave in folders and zips. */
function isJunk(path: string): boolean {
  return path.split('/').some(name => name === '__MACOSX' || name === 'Thumbs.db' || name.startsWith('.'))
}

function readTexts(files: CourseFile[], say: (fault: CourseFault) => void): Map<string, string> {
  const texts = new Map<string, string>()
  for (const { path, bytes } of files) {
    const place = placeOf(path)
    if (place === null || place === 'asset') continue
    if (!isUtf8(bytes)) say(courseFault(path, null, 'studio:faults.notUtf8'))
    else texts.set(path, withPlainLineEnds(bytes.toString('utf8').replace(/^\uFEFF/, '')))
  }
  return texts
}

function readModules(texts: Map<string, string>, say: (...faults: CourseFault[]) => void): Module[] {
  const folders = [
    ...new Set([...texts.keys()].filter(path => path.includes('/')).map(path => path.split('/')[0]!)),
  ]
  const slugs = new Map<string, string>()
  return folders.sort(byNumber).map(folder => {
    const name = folder.replace(/^\d+-/, '')
    if (!isSlug(name)) say(courseFault(folder, null, 'studio:faults.name', { name }))
    else if (folders.some(other => other < folder && other.replace(/^\d+-/, '') === name)) {
      say(courseFault(folder, null, 'studio:faults.sameName', { name }))
    }
    const file = `${folder}/module.yml`
    const source = texts.get(file)
    if (source === undefined) say(courseFault(file, null, 'studio:faults.noModuleFile'))
    const head = source === undefined ? undefined : readYaml(moduleFile, source, file)
    if (head) say(...head.faults)
    const paths = [...texts.keys()].filter(path => path.startsWith(`${folder}/`) && path.endsWith('.md'))
    const lessons = paths.sort(byNumber).flatMap(path => readLesson(path, texts.get(path)!, slugs, say) ?? [])
    return { folder: name, title: head?.value?.title ?? name, lessons }
  })
}

function readLesson(
  path: string,
  source: string,
  slugs: Map<string, string>,
  say: (...faults: CourseFault[]) => void,
): Lesson | undefined {
  const slug = lessonPath.exec(path)![4]!
  if (!isSlug(slug)) say(courseFault(path, null, 'studio:faults.name', { name: slug }))
  if (slugs.has(slug))
    say(courseFault(path, null, 'studio:faults.sameLesson', { name: slug, other: slugs.get(slug)! }))
  slugs.set(slug, path)
  const parts = splitFrontMatter(source)
  if (!parts) return void say(courseFault(path, 1, 'studio:faults.noFrontMatter'))
  const head = readYaml(lessonFile, parts.head, path, 2)
  const { faults } = readQuestions(parts.body, path, parts.bodyLine)
  say(...head.faults, ...faults)
  if (parts.body.length > longestBody) {
    say(
      courseFault(path, null, 'studio:faults.lessonTooLong', {
        length: parts.body.length,
        maximum: longestBody,
      }),
    )
  }
  return head.value && { slug, ...head.value, videoSeconds: null, body: parts.body }
}

async function readAssets(
  files: CourseFile[],
  say: (fault: CourseFault) => void,
): Promise<ReadCourse['assets']> {
  const read: ReadCourse['assets'] = []
  for (const { path, bytes } of files.filter(file => placeOf(file.path) === 'asset').sort(byPath)) {
    const measured = await inspectMedia(path, bytes)
    if (measured.fault) say(measured.fault)
    else read.push({ asset: measured.asset, bytes })
  }
  return read
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0
}

/** By the number at the head of the last name, those without one last; then by name. */
function byNumber(a: string, b: string): number {
  const number = (path: string) => Number(/^(\d+)-/.exec(path.split('/').pop()!)?.[1] ?? Infinity)
  const [first, second] = [number(a), number(b)]
  return first === second ? (a < b ? -1 : 1) : first - second
}
