import type { Asset } from '../courses/asset'
import { isLongestRight, longestRight } from '../courses/check-text'
import { drawnCount, showQuestion } from '../courses/draw'
import { lessonsOf } from '../courses/content'
import type { Course, Lesson } from '../courses/course'
import { isGraded, type GradedLesson } from '../courses/kinds/kinds'
import { hasChoices, questionKinds, type Question } from '../courses/question'
import { questionsOf } from '../courses/quiz'
import type { FormField } from '../web/field'
import type { Translate } from '../web/i18n'
import { questionField } from '../web/question-field'
import { questionImage } from '../web/question-image'
import type { Texts } from '../web/texts'
import { fileOptions } from './field-rows'
import type { QuestionFiguresView } from './figures-view'
import {
  entriesOfKind,
  kindIn,
  ownFields,
  rowCount,
  type QuestionColumn,
  type QuestionValues,
} from './question-form'
import { urlOf } from './urls'

type EditorData = {
  course: Course
  lesson: Lesson
  question: Question | undefined
  values: QuestionValues | undefined
  errors: Record<string, string>
  selected: ReadonlySet<string>
  name: string
  find: string
  pool: string
  /** Whether only questions whose right answer is the longest are listed. */
  onlyLongest: boolean
  seed: number
  canWrite: boolean
  /** How learners answered the published version. */
  figures: QuestionFiguresView
  /** Whether there is a change of one's own to undo. */
  canUndo: boolean
}

/** Returns the quiz editor: the list of questions, the form of one of them, and how learners see it. */
export function quizEditorView(data: EditorData, texts: Texts) {
  const { course, lesson, question, values, errors, canWrite } = data
  const { t } = texts
  const url = urlOf(course, lesson)
  const questions = questionsOf(lesson.body)
  return {
    heading: lesson.title,
    urls: {
      questions: `${url}/questions`,
      compose: `${url}/new-question`,
      selection: `${url}/question-selection`,
      undo: `${url}/question-undo`,
      preview: `${url}/question-preview`,
      settings: `${url}/settings`,
      course: urlOf(course),
    },
    isGraded: isGraded(lesson),
    rule: isGraded(lesson) ? ruleOf(lesson, questions, texts) : t('studio:quizEditor.practice'),
    list: listView(data, questions, url, t),
    editor: values ? formView(data, values, questions, url, texts) : null,
    preview: question && values ? questionPreview(question, data.seed, course.draft.assets, t) : null,
    figures: data.figures.beside,
    wholeQuiz: wholeQuizChecks(questions, `${url}/questions`, t),
    seed: data.seed,
    nextSeed: `?seed=${(data.seed % 999) + 1}`,
    empty: t(
      `studio:quizEditor.${canWrite ? (isGraded(lesson) ? 'emptyText' : 'emptyPractice') : 'emptyForReaders'}`,
    ),
    errorText: errors.form ?? null,
    savedText: t('studio:write.saved', { time: texts.date(course.changedAt, 'time') }),
    canWrite,
  }
}

/** Says in one sentence how an attempt is put together and passed. */
function ruleOf(lesson: GradedLesson, questions: Question[], { t }: Texts): string {
  const count = drawnCount(lesson, questions)
  const pools = lesson.draw.map(({ pool, questions: wanted }) =>
    t('studio:quizEditor.rule.pool', {
      pool,
      wanted,
      count: questions.filter(question => question.pool === pool).length,
    }),
  )
  return [
    lesson.draw.length
      ? t('studio:quizEditor.rule.draws', { count, total: questions.length, pools: pools.join(', ') })
      : t('studio:quizEditor.rule.all', { count }),
    t('studio:quizEditor.rule.pass', { percent: lesson.passMark ?? 0 }),
    lesson.attempts === null
      ? t('studio:quizEditor.rule.unlimited')
      : t('studio:quizEditor.rule.attempts', { count: lesson.attempts }),
    ...(lesson.cooldown === null ? [] : [t('studio:quizEditor.rule.cooldown', { count: lesson.cooldown })]),
    t(`studio:quizEditor.rule.answers.${lesson.showAnswers}`),
  ].join(' ')
}

function listView(
  { question, selected, find, pool, name, onlyLongest, figures }: EditorData,
  questions: Question[],
  url: string,
  t: Translate,
) {
  const words = find.toLowerCase()
  const isFound = (each: Question) => !words || searchText(each).includes(words)
  const isInPool = (each: Question) => !pool || each.pool === pool
  const shown = questions.filter(
    each => isFound(each) && isInPool(each) && (!onlyLongest || isLongestRight(each)),
  )
  const pools = [...new Set(questions.flatMap(each => each.pool ?? []))]
  const query = (wanted: string) =>
    new URLSearchParams({ ...(find && { find }), ...(wanted && { pool: wanted }) }).toString()
  const rowQuery = onlyLongest ? 'longest=1' : query(pool)
  const link = (wanted: string) => `${url}/questions${query(wanted) && `?${query(wanted)}`}`
  return {
    count: questions.length,
    searchLabel: t('studio:quizEditor.search', { count: questions.length }),
    find,
    pool,
    name,
    pools: pools.length
      ? ['', ...pools].map(each => ({
          href: link(each),
          name: each,
          isCurrent: each === pool,
          text: t('studio:quizEditor.poolCount', {
            pool: each || t('studio:quizEditor.all'),
            count: each ? questions.filter(other => other.pool === each).length : questions.length,
          }),
        }))
      : [],
    poolNames: pools,
    topics: [...new Set(questions.flatMap(each => each.topics ?? []))],
    found: shown.length === questions.length ? null : t('studio:quizEditor.found', { count: shown.length }),
    all: onlyLongest ? { href: link(''), text: t('studio:quizEditor.showAll') } : null,
    rows: shown.map(each => ({
      id: each.id,
      href: `${url}/questions/${each.id}${rowQuery && `?${rowQuery}`}`,
      prompt: each.prompt,
      pool: each.pool ?? '',
      search: searchText(each),
      facts: [t(`studio:quizEditor.shortKinds.${each.kind}`), each.pool, figures.right.get(each.id)]
        .filter(Boolean)
        .join(' · '),
      warning: isExplained(each) ? null : t('studio:quizEditor.noExplanation'),
      isCurrent: each.id === question?.id,
      isSelected: selected.has(each.id),
    })),
  }
}

/** What is found about all questions of a quiz together. */
function wholeQuizChecks(questions: Question[], url: string, t: Translate) {
  const longest = longestRight(questions)
  return longest ? { text: t('studio:checks.longestRight', longest), href: `${url}?longest=1` } : null
}

const searchText = ({ prompt, pool = '', topics = [] }: Question) =>
  [prompt, pool, ...topics].join(' ').toLowerCase()

function isExplained(question: Question): boolean {
  if (question.explanation) return true
  if (hasChoices(question)) return question.choices.every(({ explanation }) => explanation)
  switch (question.kind) {
    case 'text':
    case 'number':
      return question.answers.some(({ explanation }) => explanation)
    case 'match':
      return question.pairs.every(({ explanation }) => explanation)
    case 'cloze':
      return question.gaps.every(({ explanation }) => explanation)
    default:
      return false
  }
}

function formView(
  data: EditorData,
  values: QuestionValues,
  questions: Question[],
  url: string,
  texts: Texts,
) {
  const { course, lesson, question, canWrite } = data
  const { t } = texts
  const kind = kindIn(values)
  const at = question ? questions.findIndex(({ id }) => id === question.id) : -1
  const own = `${url}/questions/${question?.id}`
  const field = (name: string, more: Partial<FormField>): FormField => ({
    name,
    label: t(`studio:quizEditor.fields.${name}`),
    disabled: !canWrite,
    ...more,
  })
  const lessons = lessonsOf(course.draft).filter(({ slug }) => slug !== lesson.slug)
  const images = course.draft.assets.filter(({ type }) => type.startsWith('image/'))
  return {
    action: question ? own : `${url}/questions`,
    isNew: !question,
    title: question ? t('studio:quizEditor.number', { number: at + 1 }) : t('studio:quizEditor.new'),
    actions: question
      ? {
          copy: `${own}/copy`,
          removal: `${own}/removal`,
          position: `${own}/position`,
          undo: data.canUndo ? `${url}/question-undo` : null,
          canMoveUp: at > 0,
          canMoveDown: at < questions.length - 1,
        }
      : null,
    previous: questions[at - 1] && question ? `${url}/questions/${questions[at - 1]!.id}` : null,
    next: questions[at + 1] && question ? `${url}/questions/${questions[at + 1]!.id}` : null,
    kindField: field('kind', {
      kind: 'select',
      options: questionKinds.map(value => ({ value, text: t(`studio:quizEditor.kinds.${value}`) })),
    }),
    poolField: field('pool', {
      ...{ list: 'pools', maxlength: 40, autocomplete: 'off', optional: true },
      describedby: 'pool-hint',
    }),
    poolHint: t(`studio:quizEditor.poolHints.${isGraded(lesson) ? 'graded' : 'practice'}`),
    pointsField: field('points', { type: 'number', min: 1, max: 100, placeholder: '1' }),
    imageFields: [
      field('image', {
        kind: 'select',
        options: [
          { value: '', text: t('studio:quizEditor.noPicture') },
          ...fileOptions(images, values.image ? [values.image] : []),
        ],
        hint: t('studio:quizEditor.hints.image'),
      }),
      field('imageAlt', { maxlength: 300, hint: t('studio:quizEditor.hints.imageAlt') }),
      field('caption', { maxlength: 200, optional: true }),
    ],
    hasPicture: Boolean(values.image),
    promptField: field('prompt', { kind: 'textarea', rows: 2, maxlength: 1000 }),
    ownFields: ownFields[kind].map(name => ownField(name, field, t)),
    table: tableView(kind, values, data, t),
    moreFields: [
      field('explanation', {
        kind: 'textarea',
        rows: 2,
        maxlength: 1000,
        hint: t('studio:quizEditor.hints.explanation'),
      }),
      field('topics', { optional: true, maxlength: 210, hint: t('studio:quizEditor.hints.topics') }),
      field('lesson', {
        kind: 'select',
        options: [
          { value: '', text: t('studio:quizEditor.anyLesson') },
          ...lessons.map(({ slug, title }) => ({ value: slug, text: title })),
        ],
      }),
    ],
  }
}

function ownField(
  name: (typeof ownFields)[keyof typeof ownFields][number],
  field: (name: string, more: Partial<FormField>) => FormField,
  t: Translate,
): FormField {
  const hint = name === 'shuffle' ? undefined : t(`studio:quizEditor.hints.${name}`)
  switch (name) {
    case 'shuffle':
      return field(name, {
        kind: 'select',
        options: ['', 'yes', 'no'].map(value => ({
          value,
          text: t(`studio:quizEditor.shuffle.${value || 'quiz'}`),
        })),
      })
    case 'spelling':
      return field(name, {
        kind: 'select',
        hint,
        options: ['', 'exact'].map(value => ({
          value,
          text: t(`studio:quizEditor.spelling.${value || 'forgiving'}`),
        })),
      })
    case 'unit':
      return field(name, { hint, maxlength: 20, optional: true })
    case 'others':
      return field(name, { kind: 'textarea', rows: 2, hint, optional: true })
    case 'items':
      return field(name, { kind: 'textarea', rows: 5, hint })
    case 'text':
      return field(name, { kind: 'textarea', rows: 3, hint, maxlength: 2000 })
  }
}

/** The table of a question's entries, with empty rows at the end. */
function tableView(
  kind: Question['kind'],
  values: QuestionValues,
  { errors, canWrite, figures: { chosen } }: EditorData,
  t: Translate,
) {
  const entries = entriesOfKind(kind)
  if (!entries) return null
  const filled = rowCount(kind, values)
  const wanted = Math.max(filled + (canWrite ? (kind === 'cloze' ? 1 : 2) : 0), kind === 'true-false' ? 2 : 0)
  const typedRows = Number(values.rows ?? 0)
  const count = Math.min(
    entries.maximum,
    Math.max(wanted, typedRows > 0 && typedRows <= 20 ? typedRows + 1 : 0),
  )
  const isBlank = kind === 'true-false' && filled === 0
  const trueOrFalse = [t('studio:quizEditor.trueAnswer'), t('studio:quizEditor.falseAnswer')]
  const labelOf = ({ name }: QuestionColumn) => t(`studio:quizEditor.columns.${columnText(kind, name)}`)
  const cell = (column: QuestionColumn, n: number) => {
    const { name, type } = column
    const proposed = isBlank && name === 'content' ? trueOrFalse[n] : undefined
    const value = values[`${name}.${n}`] || (proposed ?? '')
    const isMultiple = kind === 'multiple'
    return {
      type,
      name: type === 'right' ? 'right' : `${name}.${n}`,
      column: name,
      value,
      inputType: isMultiple ? 'checkbox' : 'radio',
      isChecked: values[`right.${n}`] === 'on',
      isLong: type === 'lines' || type === 'text',
      hasLines: type === 'lines',
      label: t('studio:quizEditor.cell', { column: labelOf(column), row: n + 1 }),
      options: type === 'gap' ? gapKinds(t, value) : [],
    }
  }
  const row = (n: number) => ({
    n,
    chosen: chosen.get(values[`content.${n}`]?.trim() ?? '') ?? '',
    cells: entries.columns.map(column => cell(column, n)),
    errors: entries.columns.flatMap(({ name }) => errors[`${name}.${n}`] ?? []),
  })
  return {
    isStacked: kind === 'cloze',
    maximum: entries.maximum,
    hasShares: chosen.size > 0,
    columns: entries.columns.map(column => ({ name: column.name, type: column.type, text: labelOf(column) })),
    rows: Array.from({ length: count }, (_, n) => row(n)),
    add: canWrite && count < entries.maximum ? t('studio:quizEditor.addRow') : null,
  }
}

/** A column is called by what it is in a question of this kind. */
function columnText(kind: Question['kind'], name: QuestionColumn['name']): string {
  return kind === 'cloze' && (name === 'kind' || name === 'points') ? `gap-${name}` : name
}

function gapKinds(t: Translate, chosen: string) {
  return ['text', 'number', 'select'].map(value => ({
    value,
    text: t(`studio:quizEditor.gapKinds.${value}`),
    isSelected: value === (chosen || 'text'),
  }))
}

/** Returns a question as a learner sees it, with the orders of a seed. */
export function questionPreview(question: Question, seed: number, assets: readonly Asset[], t: Translate) {
  const shown = showQuestion({ ...question, id: 'preview' }, `preview ${seed}`, true)
  return { ...questionField(t, shown, {}), picture: questionImage(question, assets) }
}
