import { z } from 'zod'
import { words } from '../../file-schema'
import { choiceField, numberField, rowsField } from '../field'
import { defineKind } from '../lesson-kind'

/** How many questions an attempt takes from a pool. */
const draw = rowsField(
  z.strictObject({ pool: words(40), questions: z.number().int().min(1).max(200) }),
  20,
  [
    { name: 'pool', input: 'pool' },
    { name: 'questions', input: 'number', max: 200 },
  ],
  {
    read: ({ pool, questions = '' }) => ({
      pool,
      questions: /^\d{1,3}$/.test(questions) ? Number(questions) : null,
    }),
    write: ({ pool, questions }) => ({ pool, questions: String(questions) }),
    toFile: each => each,
  },
)

/** Graded questions with a pass mark. */
export const quiz = defineKind({
  name: 'quiz',
  icon: 'question',
  fields: {
    /** Percentage of the points that passes; null for none. */
    passMark: numberField({ min: 0, max: 100, initial: 80 }),
    /** How many attempts a learner has; null for no limit. */
    attempts: numberField({ min: 1, max: 100, initial: null }),
    /** Hours between two attempts; null for none. */
    cooldown: numberField({ min: 1, max: 720, initial: null }),
    /** The pools that an attempt takes some questions from. Questions of no such pool are always asked. */
    draw,
    /** What has another order in each attempt. */
    shuffle: choiceField('none', 'questions', 'answers', 'both'),
    /** Whether part of an answer counts. */
    credit: { ...choiceField('whole', 'partial'), initial: 'partial' as const },
    /**
     * When learners see the right answers; until then a result shows which of their answers were wrong. With `each`,
     * an answer can be checked before the next question, and then no longer changed.
     */
    showAnswers: choiceField('when-done', 'always', 'never', 'each'),
  },
  completions: { pass: 'passed' },
  questions: 'graded',
  fileTypes: [],
  views: { lesson: null, preview: null, settings: 'studio/field-rows' },
  scripts: [],
  // The length of a question doesn't show how long people think about it.
  minutes: () => null,
  check: () => [],
})
