import { assetUrl } from '../courses/asset'
import type { Asset, CourseContent, Lesson } from '../courses/course'
import { questionsOf, type Question } from '../courses/quiz'
import { renderMarkdown } from '../courses/render'
import type { Texts } from '../web/texts'

/** Returns a lesson as a learner sees it, with the right answers and all explanations. */
export function previewView({ assets, language }: CourseContent, lesson: Lesson, { t, minutes }: Texts) {
  const fileUrl = (path: string | null) => urlOfFile(assets, path)
  const videoUrl = fileUrl(lesson.video)
  const questions = questionsOf(lesson.body)
  return {
    heading: lesson.title,
    kindAndLength: `${t(`studio:kinds.${lesson.kind}`)}, ${minutes(lesson.minutes)}`,
    language,
    video: videoUrl && { url: videoUrl, captionsUrl: fileUrl(lesson.captions) },
    bodyHtml: renderMarkdown(lesson.body, assets, language),
    downloads: lesson.downloads.map(({ file, title }) => ({ title, url: fileUrl(file) })),
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

function urlOfFile(assets: Asset[], path: string | null): string | null {
  const asset = assets.find(each => each.path === path)
  return asset ? assetUrl(asset.hash, asset.path) : null
}
