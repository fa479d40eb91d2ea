import { defineBrandPage } from '../brand/brand-page'
import type { CatalogueLists } from '../courses/catalogue-lists'
import { HttpError } from '../platform/errors'

/** What choosing an answer says about a visitor. */
export type NeedsAnswer = {
  id: string
  text: string
  /** An audience they belong to, by id; empty for none. */
  audience: string
  /** Topics they want, by id. */
  topics: string[]
  /** How many minutes they have; null when the answer says nothing about time. */
  minutes: number | null
  /** A path that suits them, by slug; empty to choose by topics, audience and time. */
  path: string
}

export type NeedsQuestion = { id: string; text: string; help: string; answers: NeedsAnswer[] }

/** The questions that lead a visitor to a learning path. */
export type NeedsContent = { title: string; lede: string; questions: NeedsQuestion[] }

/** The most questions, and answers of a question: more aren't read on one page. */
export const needsCaps = { questions: 12, answers: 12 }

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
