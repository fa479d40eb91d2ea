import { Document, stringify, visit, type ToStringOptions } from 'yaml'
import type { CourseContent, Lesson } from './course'

/** A course as texts: path and content of each file but the assets, in the order of the outline. The same course is always the same texts. */
export function writeCourse(content: CourseContent): { path: string; text: string }[] {
  return [
    { path: 'course.yml', text: stringify(courseFields(content), options) },
    ...content.modules.flatMap((module, m) => {
      const folder = numbered(m, module.folder)
      return [
        { path: `${folder}/module.yml`, text: stringify({ title: module.title }, options) },
        ...module.lessons.map((lesson, n) => ({
          path: `${folder}/${numbered(n, lesson.slug)}.md`,
          text: writeLesson(lesson),
        })),
      ]
    }),
  ]
}

/** One lesson's file: its front matter and its text. */
function writeLesson(lesson: Lesson): string {
  const document = new Document(lessonFields(lesson))
  visit(document, {
    Seq: (_key, node) => {
      node.flow = node.items.every(item => typeof (item as { value?: unknown }).value === 'string')
    },
  })
  return `---\n${document.toString({ ...options, flowCollectionPadding: false })}---\n${lesson.body}`
}

const options: ToStringOptions = { lineWidth: 0 }

function numbered(index: number, name: string): string {
  return `${String(index + 1).padStart(2, '0')}-${name.replace(/^\d+-/, '')}`
}

function courseFields({ modules: _modules, assets: _assets, ...fields }: CourseContent) {
  const { title, summary, description, topic, audience, level, language, price, authors } = fields
  const { outcomes, forYou, notForYou, callToAction, certificate, reviewedOn, related } = fields
  return {
    ...{ title, summary, description, topic, audience, level, language, price, authors },
    ...{ outcomes, forYou, notForYou, callToAction, certificate, reviewedOn, related },
  }
}

/** Without the fields that say what goes without saying. */
function lessonFields(lesson: Lesson): Record<string, unknown> {
  const {
    title,
    minutes,
    kind,
    preview,
    topics,
    completion,
    video,
    captions,
    downloads,
    passMark,
    attempts,
  } = lesson
  return {
    ...{ title, minutes, kind },
    ...(preview && { preview }),
    ...(topics.length && { topics }),
    completion,
    ...(video !== null && { video }),
    ...(captions !== null && { captions }),
    ...(downloads.length && { downloads }),
    ...(passMark !== null && { passMark }),
    ...(attempts !== null && { attempts }),
  }
}
