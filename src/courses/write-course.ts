import { Document, isScalar, stringify, visit, type ToStringOptions } from 'yaml'
import type { Asset } from './asset'
import type { CourseContent, Lesson } from './course'
import { ownFrontMatter } from './kinds/kinds'
import { downloads } from './kinds/lesson-kind'

/** Returns the text files of a course, in outline order, without the assets. The same course gives the same texts. */
export function writeCourse(content: CourseContent): { path: string; text: string }[] {
  return [
    { path: 'course.yml', text: stringify(courseFields(content), options) },
    ...content.modules.flatMap((module, m) => {
      const folder = `${numbered(m)}-${module.folder.replace(/^\d+-/, '')}`
      return [
        { path: `${folder}/module.yml`, text: stringify({ title: module.title }, options) },
        ...module.lessons.map((lesson, n) => ({
          path: `${folder}/${numbered(n)}-${lesson.slug}.md`,
          text: writeLesson(lesson),
        })),
      ]
    }),
  ]
}

/** Returns a lesson's file: front matter, then the text. */
export function writeLesson(lesson: Lesson): string {
  const document = new Document(lessonFields(lesson))
  visit(document, {
    Seq: (_key, node) => {
      // In flow style, the library writes some multi-line texts in a form that is read back as a map.
      node.flow = node.items.every(item => isScalar<string>(item) && /^.*$/.test(item.value))
    },
  })
  return `---\n${document.toString({ ...options, flowCollectionPadding: false })}---\n${lesson.body}`
}

const options: ToStringOptions = { lineWidth: 0 }

const numbered = (index: number) => String(index + 1).padStart(2, '0')

function courseFields({ modules: _modules, assets, ...fields }: CourseContent) {
  const { title, summary, description, topic, audiences, level, language, price, authors } = fields
  const { outcomes, forYou, notForYou, callToAction, certificate, checkedOn, related, cover, previewVideo } =
    fields
  const { visibility, companies, excludedCompanies } = fields
  return {
    ...{ title, summary, description, topic, audiences, level, language, price, authors },
    ...{ outcomes, forYou, notForYou, callToAction, certificate, checkedOn, related },
    ...(cover && { cover }),
    ...(previewVideo && { previewVideo }),
    ...(visibility && visibility !== 'public' && { visibility }),
    ...(companies?.length && { companies }),
    ...(excludedCompanies?.length && { excludedCompanies }),
    ...mediaField(assets),
  }
}

/** What the library says of files, in the order of their paths. */
function mediaField(assets: Asset[]) {
  const media = assets
    .filter(({ alt, focus }) => alt || focus)
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, alt, focus }) => ({ file: path, ...(alt && { alt }), ...(focus && { focus }) }))
  return media.length ? { media } : {}
}

/** Leaves out fields that equal their default. */
function lessonFields(lesson: Lesson): Record<string, unknown> {
  const { title, minutes, kind, preview, visibility, topics, completion } = lesson
  return {
    ...{ title, minutes, kind },
    ...(preview && { preview }),
    ...(visibility && { visibility }),
    ...(topics.length && { topics }),
    completion,
    ...ownFrontMatter(lesson),
    downloads: downloads.toFile(lesson.downloads),
  }
}
