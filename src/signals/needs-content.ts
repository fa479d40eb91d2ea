import { z } from 'zod'
import { defineBrandPage } from '../brand/brand-page'
import type { CatalogueLists } from '../courses/catalogue-lists'
import { HttpError } from '../platform/errors'

/** The most questions, and answers of a question: more aren't read on one page. */
export const needsCaps = { questions: 12, answers: 12 }

const text = (maximum: number) => z.string().max(maximum)

/** What choosing an answer says about a visitor. */
const needsAnswer = z.strictObject({
  id: text(80).min(1),
  text: text(120).min(1),
  /** An audience they belong to, by id; empty for none. */
  audience: text(80),
  /** Topics they want, by id. */
  topics: z.array(text(80)).max(60),
  /** How many minutes they have; null when the answer says nothing about time. */
  minutes: z.nullable(z.number().int().min(1).max(99_999)),
  /** A path that suits them, by slug; empty to choose by topics, audience and time. */
  path: text(80),
})
export type NeedsAnswer = z.output<typeof needsAnswer>

const needsQuestion = z.strictObject({
  id: text(80).min(1),
  text: text(200).min(1),
  help: text(300),
  answers: z.array(needsAnswer).max(needsCaps.answers),
})
export type NeedsQuestion = z.output<typeof needsQuestion>

/** The questions that lead a visitor to a learning path. */
export const needsContent = z.strictObject({
  title: text(120).min(1),
  lede: text(300),
  questions: z.array(needsQuestion).max(needsCaps.questions),
})
export type NeedsContent = z.output<typeof needsContent>

/** The needs assessment of each brand. */
export const NeedsAssessments = defineBrandPage<NeedsContent>({
  name: 'NeedsAssessment',
  collection: 'needs_assessments',
  versions: 'needs_assessment_versions',
  action: 'needs_assessment',
  faultOf: draft => {
    const unready = draft?.questions.find(question => question.answers.length < 2)
    if (!draft?.questions.length) return new HttpError(422, 'admin:errors.needs.noQuestions')
    return unready ? new HttpError(422, 'admin:errors.needs.fewAnswers', { question: unready.text }) : null
  },
})

/** Returns a brand's draft and its number: before the first save, a starter made of the lists, with number 0. */
export async function readNeedsAssessment(brandId: string, lists: StarterLists, lang: string) {
  const stored = await NeedsAssessments.read(brandId)
  return stored ?? { draft: starterOf(lists, lang), draftNumber: 0, version: null }
}

const answer = (id: string, text: string, says: Partial<NeedsAnswer> = {}): NeedsAnswer => ({
  ...{ id, text, audience: '', topics: [], minutes: null, path: '' },
  ...says,
})

type StarterLists = Pick<CatalogueLists, 'topics' | 'audiences'>

function starterOf({ topics, audiences }: StarterLists, lang: string): NeedsContent {
  const nameOf = ({ id, names }: StarterLists['topics'][number]) =>
    names[lang] ?? Object.values(names)[0] ?? id
  return {
    title: 'Find my path',
    lede: 'A few questions, about a minute. You get a learning path that fits the time you have.',
    questions: [
      {
        id: 'goal',
        text: 'What do you want to learn about?',
        help: '',
        answers: topics.map(topic => answer(topic.id, nameOf(topic), { topics: [topic.id] })),
      },
      ...(audiences.length > 1
        ? [
            {
              id: 'work',
              text: 'What describes you best?',
              help: '',
              answers: audiences.map(each => answer(each.id, nameOf(each), { audience: each.id })),
            },
          ]
        : []),
      {
        id: 'time',
        text: 'How much time do you have?',
        help: '',
        answers: [
          answer('hour', 'About an hour', { minutes: 75 }),
          answer('afternoon', 'An afternoon', { minutes: 240 }),
          answer('weeks', 'A few weeks, a little each day'),
        ],
      },
    ],
  }
}
