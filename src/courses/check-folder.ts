import { setTimeout as pause } from 'node:timers/promises'
import { now, seconds } from '../platform/clock'
import { checkCourse, type Finding, type TriedLink } from './check-course'
import { lessonsOf } from './content'
import type { CourseContent } from './course'
import { CourseFaults } from './course-fault'
import { readCourseFolder } from './import-course'
import { openPage } from './open-page'
import { linkCaps, outsideLinksOf, untriedReason } from './outside-link'
import { questionsOf } from './quiz'
import { readCourse, type ReadCourse } from './read-course'

/** A finding about a course's folder: `file` is the path within it, and `line` a line of that file, from 1. */
export type FolderFinding = Omit<Finding, 'lesson'> & { file: string }

/** What a check of a folder found. Without a title, its files can't be read, and the findings say why. */
export type FolderCheck = {
  title: string | null
  lessons: number
  questions: number
  /** How many outside links were opened. */
  tried: number
  findings: FolderFinding[]
}

/**
 * Checks the folder of a course without an academy around it: what leads to other pages of the academy, and whether the
 * academy's lists have its topic, audiences and level, is left out.
 *
 * @param opensLinks whether to open the links to other sites, each once, and once more where the page isn't found.
 * @throws ENOENT and the like when the folder can't be read.
 */
export async function checkFolder(folder: string, opensLinks: boolean): Promise<FolderCheck> {
  const read = await readOrFaults(folder)
  if (read instanceof CourseFaults) {
    const findings = read.faults.map(fault => ({ ...fault, level: 'error' as const }))
    return { title: null, lessons: 0, questions: 0, tried: 0, findings }
  }
  const content: CourseContent = {
    ...read.content,
    assets: read.assets.map(({ asset }) => ({ ...asset, hash: '' })),
  }
  const outside = opensLinks ? await tryLinks(content) : new Map<string, TriedLink>()
  const lessons = lessonsOf(content)
  return {
    title: content.title,
    lessons: lessons.length,
    questions: lessons.reduce((sum, { body }) => sum + questionsOf(body).length, 0),
    tried: outside.size,
    findings: checkCourse(content, now(), { pages: null, outside, lists: null, embeds: null }).map(finding =>
      placed(finding, read),
    ),
  }
}

async function readOrFaults(folder: string): Promise<ReadCourse | CourseFaults> {
  const files = await readCourseFolder(folder)
  try {
    return await readCourse(files)
  } catch (error) {
    if (error instanceof CourseFaults) return error
    throw error
  }
}

function placed({ lesson, line, ...finding }: Finding, { files }: Pick<ReadCourse, 'files'>): FolderFinding {
  const file = lesson === null ? undefined : files.get(lesson)
  // Lines of the course itself are those of its description, which has no line of its own in YAML.
  if (!file) return { ...finding, file: 'course.yml', line: null }
  return { ...finding, file: file.path, line: line === null ? null : line + file.firstLine - 1 }
}

const notFound = [404, 410]

/** Opens the outside links of a course one after the other, and each host at most once per second. */
async function tryLinks(content: CourseContent): Promise<Map<string, TriedLink>> {
  const urls = [...new Set(outsideLinksOf(content).map(({ url }) => url))].slice(0, linkCaps.perCourse)
  const freeAt = new Map<string, number>()
  const takeTurn = async (url: string) => {
    const { host } = new URL(url)
    await pause(Math.max(0, (freeAt.get(host) ?? 0) - performance.now()))
    freeAt.set(host, performance.now() + seconds(1))
  }
  const open = async (url: string) => {
    await takeTurn(url)
    return openPage(url, takeTurn)
  }
  const tried = new Map<string, TriedLink>()
  for (const url of urls.filter(each => untriedReason(each) === null)) {
    const first = await open(url)
    const opened = notFound.includes(first.status ?? 0) ? await open(url) : first
    const isThere = opened.reason === null
    const isGone = notFound.includes(opened.status ?? 0) || opened.reason === 'unknownHost'
    const outcome = isThere ? 'answered' : isGone ? 'dead' : 'failed'
    tried.set(url, { ...opened, outcome, checkedAt: now() })
  }
  return tried
}
