import { assetUrl } from '../courses/asset'
import { lessonsOf } from '../courses/content'
import type { Course, Lesson } from '../courses/course'
import type { Asset } from '../courses/asset'
import { kindOf } from '../courses/kinds/kinds'
import { hasChoices, type Question } from '../courses/question'
import { questionsOf } from '../courses/quiz'
import { embedList } from '../courses/embed-list'
import { framesIn } from '../courses/lesson-page'
import { renderMarkdown } from '../courses/render'
import { directionOf } from '../web/i18n'
import { questionImage } from '../web/question-image'
import type { Texts } from '../web/texts'
import { sentenceWithGaps } from './question-cards'

/** Returns a lesson as a learner sees it, with the right answers and all explanations. */
export async function previewView({ slug, draft }: Course, lesson: Lesson, { t, minutes }: Texts) {
  const { assets, language } = draft
  const kind = kindOf(lesson)
  const part = await kind.show?.(lesson, { slug, assets, language }, { requested: null, last: undefined })
  const questions = questionsOf(lesson.body)
  const bodyHtml = renderMarkdown(lesson.body, assets, language, 2, {
    lessons: lessonsOf(draft),
    hrefOf: other => `/studio/courses/${slug}/lessons/${other}/preview`,
    embeds: await embedList(),
  })
  const frames = framesIn(bodyHtml)
  return {
    heading: lesson.title,
    kindAndLength: `${t(`studio:kinds.${lesson.kind}`)}, ${minutes(lesson.minutes)}`,
    language,
    direction: directionOf(language),
    part: part ? { ...part, view: kind.views.preview, transcriptUrl: null, played: null } : null,
    scripts: [...(part ? kind.scripts : []), ...(frames.length ? ['/js/embed.js'] : [])],
    bodyHtml,
    frames,
    hasEmbeds: frames.length > 0,
    downloads: lesson.downloads.map(({ file, title }) => ({ title, url: urlOfFile(assets, file) })),
    questions: questions.map(question => ({
      ...questionView(question),
      picture: questionImage(question, assets),
    })),
    questionCount: t('studio:preview.questions', { count: questions.length }),
  }
}

function questionView(question: Question) {
  const choices = hasChoices(question) ? question.choices : []
  return {
    prompt: question.prompt,
    sentence: question.kind === 'cloze' ? sentenceWithGaps(question) : null,
    choices: choices.map(choice => ({
      ...choice,
      colour: choice.isCorrect ? 'is-correct' : 'is-unselected',
      ring: question.kind === 'multiple' ? 'ring square' : 'ring',
    })),
    answers: listedAnswers(question).map(({ credit = 100, ...answer }) => ({
      ...answer,
      colour: credit > 0 ? 'is-correct' : 'is-incorrect',
      icon: credit > 0 ? 'check-circle-fill' : 'x-circle-fill',
    })),
    explanation: question.explanation ?? '',
  }
}

/** Returns what a question without choices takes, a line for each answer or part. */
function listedAnswers(question: Question): { text: string; explanation: string; credit?: number }[] {
  switch (question.kind) {
    case 'single':
    case 'multiple':
    case 'true-false':
      return []
    case 'text':
      return question.answers.map(({ content, credit, explanation }) => ({
        text: content + percentText(credit),
        explanation,
        credit,
      }))
    case 'number':
      return question.answers.map(({ value, tolerance, credit, explanation }) => ({
        text:
          [value, tolerance && `± ${tolerance}`, question.unit].filter(Boolean).join(' ') +
          percentText(credit),
        explanation,
        credit,
      }))
    case 'match':
      return question.pairs.map(({ item, match, explanation }) => ({
        text: `${item} – ${match}`,
        explanation,
      }))
    case 'order':
      return question.items.map((item, n) => ({ text: `${n + 1}. ${item}`, explanation: '' }))
    case 'cloze':
      return question.gaps.map(({ accept, explanation }, n) => ({
        text: `${n + 1}. ${accept.join(' / ')}`,
        explanation,
      }))
  }
}

const percentText = (credit = 100) => (credit > 0 && credit < 100 ? ` (${credit}%)` : '')

function urlOfFile(assets: Asset[], path: string): string | null {
  const asset = assets.find(each => each.path === path)
  return asset ? assetUrl(asset.hash, asset.path) : null
}
