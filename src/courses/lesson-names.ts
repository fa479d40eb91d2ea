import { bareName, byNumber, slugOfFile } from './file-name'
import { targetChanger } from './link-targets'
import { freeSlug } from './slug'

/** The names that the modules and lessons of a folder get: their slugs, by path. */
export type LessonNames = {
  folders: ReadonlyMap<string, string>
  lessons: ReadonlyMap<string, string>
  /** What has a name other than its file's: the path, and the new name. */
  renamed: { from: string; to: string }[]
}

/**
 * Names modules and lessons after their folders and files, in their order. A name that can't be used in a URL is
 * written in Latin letters, and one that is taken gets a number; a file whose name says nothing is named after its
 * title.
 *
 * @param paths `folder/lesson.md`.
 * @param titleOf returns the title in a lesson's file; undefined when it can't be read.
 */
export function nameLessons(
  folders: string[],
  paths: string[],
  titleOf: (path: string) => string | undefined,
): LessonNames {
  const names: LessonNames = { folders: new Map(), lessons: new Map(), renamed: [] }
  const usedFolders = new Map<string, string>()
  const usedLessons = new Map<string, string>()
  const note = (from: string, slug: string, to: string) => {
    if (slug !== bareName(from.split('/').pop()!)) names.renamed.push({ from, to })
  }
  for (const folder of folders.toSorted(byNumber)) {
    const slug = freeSlug(slugOfFile(folder), 'module', taken => usedFolders.has(taken))
    usedFolders.set(slug, folder)
    note(folder, slug, slug)
    for (const path of paths.filter(each => each.startsWith(`${folder}/`)).sort(byNumber)) {
      const name = slugOfFile(path.split('/').pop()!) || (titleOf(path) ?? '')
      const lesson = freeSlug(name, 'lesson', taken => usedLessons.has(taken))
      usedLessons.set(lesson, path)
      note(path, lesson, `${slug}/${lesson}`)
    }
  }
  return {
    ...names,
    folders: new Map([...usedFolders].map(([slug, folder]) => [folder, slug])),
    lessons: new Map([...usedLessons].map(([slug, path]) => [path, slug])),
  }
}

/** A link to another file of Markdown. */
const changeLinks = targetChanger(
  String.raw`[^\n()<>"]{1,400}?(?:\([^\n()<>"]{0,60}\)[^\n()<>"]{0,60}){0,3}?\.(?:md|markdown)(?:#[^\s)]{0,200})?` +
    String.raw`(?=\s*\)|\s+["']|[^\S\n]*$)`,
)

/**
 * Returns the text of a lesson with the links that name a file which got another name. Links that lead to their lesson
 * anyway, by its slug, stay as they are written.
 *
 * @param path of the lesson's own file.
 */
export function withNewNames(body: string, path: string, { lessons, folders }: LessonNames): string {
  if (!/\.(?:md|markdown)/i.test(body)) return body
  const byPath = new Map([...lessons].map(([file, slug]) => [keyOf(file), { file, slug }]))
  return changeLinks(body, target => {
    const [, typed = '', anchor = ''] = /^<?([^#>]*)(#[^>]*)?>?$/.exec(target) ?? []
    const found = byPath.get(keyOf(resolved(path, typed))) ?? byPath.get(keyOf(decoded(typed)))
    if (!found || slugOfFile(decoded(typed).split('/').pop()!) === found.slug) return null
    const folder = folderOf(found.file)
    const name = `${found.slug}.md${anchor}`
    return folder === folderOf(path) ? name : `../${folders.get(folder)}/${name}`
  })
}

const folderOf = (path: string) => path.slice(0, path.indexOf('/'))
const keyOf = (path: string) =>
  path
    .normalize()
    .toLowerCase()
    .replace(/\.(?:md|markdown)$/, '')

/** Returns the path of a link in a lesson's file, from the course's folder. */
function resolved(from: string, typed: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of decoded(typed).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
