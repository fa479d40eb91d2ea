import { sources } from '../people/source'
import { groups, modelCaps, scorableEvents, type ModelContent } from '../scoring/model-content'
import type { FormField } from '../web/field'
import { fitSetName } from '../web/model-texts'
import type { Texts } from '../web/texts'
import type { ScoringPart } from './scoring-form'
import { lessonChoices, namedIn, withGone, type ScoringWorld } from './scoring-world'
import { eventText } from './scoring-texts'

/** The fields of a form: what it is, its numbers, and what it asks; the rest is behind "More conditions". */
export type ScoringFields = {
  main: FormField[]
  numbers: FormField[]
  more: FormField[]
  isMoreOpen: boolean
}

/**
 * Returns the fields of the form of one part. A number that differs from the active version says what it was.
 *
 * @param values of the form, and `was`, those of the active version; null for something new.
 */
export function scoringFields(
  part: ScoringPart,
  item: string,
  content: ModelContent,
  { values, was }: { values: Record<string, unknown>; was: Record<string, unknown> | null },
  world: ScoringWorld,
  texts: Texts,
): ScoringFields {
  const { t } = texts
  const label = (name: string) => ({ name, label: t(`admin:scoring.fields.${name}`) })
  const hint = (name: string, values = {}) => t(`admin:scoring.hints.${name}`, values)
  const option = (prefix: string) => (value: string) => ({ value, text: t(`${prefix}.${value}`) })
  const number = (name: string, rest: Partial<FormField> = {}): FormField => {
    const before = was?.[name]
    const isKnown = before !== '' && before !== undefined
    return {
      ...label(name),
      ...{ inputmode: 'decimal', maxlength: 8, required: true },
      ...rest,
      ...(isKnown && { end: wasText(Number(before), Number(values[name]), texts) }),
    }
  }
  const name: FormField = { ...label('name'), required: true, maxlength: modelCaps.name }
  const many = (field: string, options: NonNullable<FormField['options']>): FormField => ({
    ...label(field),
    kind: 'checkboxes',
    optional: true,
    // Only the beginning of a long list is in view.
    options: options.length > 12 ? chosenFirst(options, values[field]) : options,
    ...(options.length > 12 && { isLong: true, filter: t('admin:scoring.find') }),
  })
  const list = (field: string, rows: number): FormField => ({
    ...{ ...label(field), kind: 'textarea', rows, optional: true, spellcheck: 'false', hint: hint(field) },
  })
  switch (part) {
    case 'rules': {
      const only = namedIn(content, item)
      const courses = world.courses.map(({ id, title }) => ({ value: id, text: title }))
      return {
        ...nothingElse,
        main: [
          name,
          { ...label('group'), kind: 'select', options: groups.map(option('sales:ruleGroup')) },
          {
            ...many(
              'events',
              scorableEvents.map(value => ({ value, text: eventText(value, texts) })),
            ),
            optional: false,
          },
          many('topics', withGone(world.topics, only.topics)),
        ],
        numbers: [
          number('weight', { hint: hint('weight') }),
          number('halfLife', { hint: hint('halfLife') }),
          number('cap', { hint: hint('cap') }),
        ],
        more: [
          many('courses', withGone(courses, only.courses)),
          many('lessons', withGone(lessonChoices(world), only.lessons)),
          many('lessonKinds', withGone(world.kinds, only.lessonKinds)),
          many('requests', (['demo', 'trial', 'contact'] as const).map(option('admin:scoring.request'))),
          many('sessions', withGone(world.sessions, only.sessions)),
          number('minMinutes', { required: false, optional: true, hint: hint('minMinutes') }),
          {
            ...label('passed'),
            kind: 'radios',
            options: ['', 'passed', 'failed'].map(value => ({
              value,
              text: t(`admin:scoring.quiz.${value || 'any'}`),
            })),
          },
          number('minSeconds', { required: false, optional: true, hint: hint('minSeconds') }),
          { ...label('attention'), kind: 'checkbox', hint: hint('attention') },
          number('attentionSeconds', { required: false, optional: true }),
          number('attentionPercent', { required: false, optional: true, hint: hint('attentionPercent') }),
        ],
        isMoreOpen: moreFields.some(field => isFilled(values[field])),
      }
    }
    case 'fit':
      return {
        ...nothingElse,
        main: [
          name,
          {
            ...label('set'),
            kind: 'select',
            options: content.fit.map(set => ({ value: set.id, text: fitSetName(set, texts) })),
          },
          {
            ...label('fact'),
            kind: 'select',
            options: ['title', 'country', 'company', 'email', 'need', 'answer', 'source'].map(
              option('sales:fitFact'),
            ),
          },
          list('words', 3),
          list('codes', 2),
          list('domains', 3),
          many(
            'kinds',
            ['company', 'free', 'university', 'disposable'].map(option('admin:scoring.emailKind')),
          ),
          many('needAnswers', withGone(world.needs, needsNamedIn(content, item))),
          ...(world.questions.length
            ? [
                {
                  ...label('question'),
                  kind: 'select' as const,
                  options: [{ value: '', text: t('admin:scoring.noQuestion') }, ...world.questions],
                },
                list('answers', 2),
                number('from', { required: false, optional: true }),
                number('to', { required: false, optional: true }),
              ]
            : []),
          many('sources', sources.map(option('insights:sources'))),
        ],
        numbers: [number('points', { hint: hint('points') })],
      }
    case 'sets':
      return {
        ...nothingElse,
        main: [
          name,
          {
            ...label('take'),
            kind: 'radios',
            options: (['first', 'all'] as const).map(option('admin:scoring.take')),
          },
          number('cap'),
        ],
      }
    case 'groups':
      return {
        ...nothingElse,
        main: groups.map(group => ({ ...number(group), label: t(`sales:ruleGroup.${group}`) })),
      }
    case 'grid':
      return {
        ...nothingElse,
        main: [
          number('qualifyAt', { hint: hint('qualifyAt') }),
          number('disqualifyBelow', { hint: hint('disqualifyBelow') }),
          ...(['a', 'b', 'one', 'two'] as const).map(each => number(each)),
          {
            ...label('grades'),
            kind: 'checkboxes',
            options: ['A1', 'A2', 'A3', 'B1', 'B2', 'B3', 'C1', 'C2', 'C3'].map(value => ({
              value,
              text: value,
            })),
          },
          number('hoursBetweenChanges', { hint: hint('hoursBetweenChanges') }),
          number('daysBetweenHandOffs', { hint: hint('daysBetweenHandOffs') }),
        ],
      }
    case 'exclusions':
      return {
        ...nothingElse,
        main: [
          {
            ...label('customers'),
            kind: 'radios',
            options: (['company', 'person', 'nobody'] as const).map(option('admin:scoring.customers')),
          },
          list('titles', 3),
          list('domains', 8),
          { ...label('universities'), kind: 'checkbox' },
          { ...label('disposable'), kind: 'checkbox' },
        ],
      }
  }
}

const nothingElse = { numbers: [], more: [], isMoreOpen: false }
const moreFields = [
  ...['courses', 'lessons', 'lessonKinds', 'requests', 'sessions', 'minMinutes'],
  ...['passed', 'minSeconds', 'attention'],
]

function chosenFirst(options: NonNullable<FormField['options']>, values: unknown) {
  const chosen = new Set([values].flat())
  const isChosen = ({ value }: (typeof options)[number]) => chosen.has(value)
  return [...options.filter(isChosen), ...options.filter(each => !isChosen(each))]
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== ''
}

/** `was 6`, beside the label of a number; hidden while the number is the same, which a script watches. */
function wasText(before: number, now: number, { html, number }: Texts): string {
  const hidden = before === now ? ' hidden' : ''
  const text = html('admin:scoring.was', { before: number(before) })
  return `<span class="meta" data-was="${before}"${hidden}>${text}</span>`
}

function needsNamedIn({ fit }: ModelContent, item: string): string[] {
  const when = fit.flatMap(({ rules }) => rules).find(({ id }) => id === item)?.when
  return when?.fact === 'need' ? when.answers.map(answer => `${when.question}/${answer}`) : []
}
