import { choiceField, numberField } from '../field'
import { defineKind } from '../lesson-kind'

/** Graded questions with a pass mark. */
export const quiz = defineKind({
  name: 'quiz',
  icon: 'question',
  fields: {
    /** Percentage of right answers that passes; null for none. */
    passMark: numberField({ min: 0, max: 100, initial: 80 }),
    /** How many attempts a learner has; null for no limit. */
    attempts: numberField({ min: 1, max: 100, initial: null }),
    /** When learners see the right answers; until then a result shows which of their answers were wrong. */
    showAnswers: choiceField('when-done', 'always', 'never'),
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
