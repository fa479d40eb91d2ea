import { assetUrl } from '../courses/asset'
import { lessonsOf } from '../courses/content'
import type { Course, Lesson } from '../courses/course'
import type { Asset } from '../courses/asset'
import { kindOf } from '../courses/kinds/kinds'
import { questionsOf, type Question } from '../courses/quiz'
import { renderMarkdown } from '../courses/render'
import { directionOf } from '../web/i18n'
import type { Texts } from '../web/texts'

/** Returns a lesson as a learner sees it, with the right answers and all explanations. */
export async function previewView({ slug, draft }: Course, lesson: Lesson, { t, minutes }: Texts) {
  const { assets, language } = draft
  const kind = kindOf(lesson)
  const part = await kind.show?.(lesson, { slug, assets, language }, { requested: null, last: undefined })
  const questions = questionsOf(lesson.body)
  return {
    heading: lesson.title,
    kindAndLength: `${t(`studio:kinds.${lesson.kind}`)}, ${minutes(lesson.minutes)}`,
    language,
    direction: directionOf(language),
    part: part ? { ...part, view: kind.views.preview, transcriptUrl: null, played: null } : null,
    scripts: kind.scripts,
    bodyHtml: renderMarkdown(lesson.body, assets, language, 2, {
      lessons: lessonsOf(draft),
      hrefOf: other => `/studio/courses/${slug}/lessons/${other}/preview`,
    }),
    downloads: lesson.downloads.map(({ file, title }) => ({ title, url: urlOfFile(assets, file) })),
    questions: questions.map(questionView),
    questionCount: t('studio:preview.questions', { count: questions.length }),
  }
}

function questionView({ prompt, kind, choices }: Question) {
  return {
    prompt,
    choices: choices.map(choice => ({
      ...choice,
      colour: choice.isCorrect ? 'is-correct' : 'is-unselected',
      ring: kind === 'multiple' ? 'ring square' : 'ring',
    })),
  }
}

function urlOfFile(assets: Asset[], path: string): string | null {
  const asset = assets.find(each => each.path === path)
  return asset ? assetUrl(asset.hash, asset.path) : null
}
