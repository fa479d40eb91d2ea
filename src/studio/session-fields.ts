import type { LiveSession } from '../sessions/live-session'
import { sessionCaps, sessionVisibilities } from '../sessions/live-session'
import { config } from '../platform/config'
import { currencies } from '../platform/currency'
import type { FormField } from '../web/field'
import type { Form } from '../web/form'
import { rowsView, type RowList, type RowsView } from '../web/form-rows'
import type { Texts } from '../web/texts'
import { languageOptions, listOptions } from './settings'
import { wholeNumberField, repetitionRows, type Label } from './repetition-fields'
import { sessionLengths, type SessionChoices } from './session-form'
import { sessionLists } from './session-lists'

/** A part of the form: its fields row by row, or a list. One that is folded opens when it has something in it. */
export type SessionSection = {
  id: string
  legend: string
  rows: (FormField[] | RowsView)[]
  /** It is one list, which has its own legend. */
  isList: boolean
  note?: string
  fold: { isOpen: boolean; summary: string } | null
}

type Rows = SessionSection['rows']

/**
 * Returns the sections of the form: what, when, where, seats and hosts first, and the rest folded.
 *
 * @param session null for a new one, which can repeat.
 */
export function sessionSections(
  form: Form,
  {
    session,
    following,
    told,
    ...choices
  }: SessionChoices & {
    session: LiveSession | null
    /** How many sessions of its series follow. */
    following: number
    /** How many people are told when its time or place changes. */
    told: number
  },
  texts: Texts,
): SessionSection[] {
  const { t } = texts
  const { values, errors } = form
  const lists = sessionLists(choices, texts)
  const label = (key: string) => t(`studio:sessions.form.${key}`)
  const open = (id: string, rows: Rows): SessionSection => {
    const isList = rows.some(row => 'rows' in row)
    return { id, legend: label(`parts.${id}`), rows, isList, fold: null }
  }
  const folded = (id: string, rows: Rows, isUsed: boolean): SessionSection => {
    const names = rows.flatMap(row => ('rows' in row ? row.name : row.map(({ name }) => name)))
    const isWrong = Object.keys(errors).some(key => names.includes(key.split('.')[0]!))
    return { ...open(id, rows), fold: { isOpen: isUsed || isWrong, summary: label(`folds.${id}`) } }
  }
  const rowsOf = (list: RowList) => rowsView(list, values, t)
  const has = (...names: string[]) => names.some(name => Boolean(values[name]))
  return [
    open('what', whatRows(session, choices, texts)),
    {
      ...open('when', [
        ...whenRows(label, String(values.timeZone ?? '')),
        ...(following ? [[scopeField(following, texts)]] : []),
      ]),
      ...(told && { note: t('studio:sessions.form.told', { count: told }) }),
    },
    ...(session ? [] : [folded('repeats', repetitionRows(texts), has('repeats'))]),
    open('where', whereRows(session, label)),
    open('hosts', [rowsOf(lists.hosts)]),
    folded('agenda', [[descriptionField(label)], rowsOf(lists.agenda)], has('agenda.0.text', 'description')),
    folded('questions', [rowsOf(lists.questions)], has('questions.0.label')),
    folded('booking', bookingRows(session, label), has('minimumSeats', 'amount')),
    folded('who', whoRows(texts), values.visibility !== undefined && values.visibility !== 'public'),
    folded('after', afterRows(label), has('isRecorded', 'hasCaptions', 'certificate')),
  ]
}

function whatRows(session: LiveSession | null, { courses }: SessionChoices, texts: Texts): Rows {
  const label: Label = key => texts.t(`studio:sessions.form.${key}`)
  return [
    [{ name: 'title', label: label('title'), required: true, maxlength: 120 }],
    [
      {
        ...{ kind: 'textarea', name: 'summary', label: label('summary'), hint: label('summaryHint') },
        ...{ rows: 2, maxlength: 400, optional: true },
      },
    ],
    [
      {
        ...{ kind: 'select', name: 'course', label: label('course'), hint: label('courseHint') },
        options: [
          { value: '', text: label('noCourse') },
          ...courses.map(({ slug, content }) => ({ value: slug, text: content.title })),
        ],
      },
    ],
    [
      {
        ...{ kind: 'select', name: 'topic', label: label('topic') },
        options: listOptions('topics', session ? [session.topic] : [], texts),
      },
      {
        ...{ kind: 'select', name: 'language', label: label('language') },
        options: languageOptions(session?.language ?? 'en', texts),
      },
    ],
  ]
}

function descriptionField(label: Label): FormField {
  return {
    ...{ kind: 'textarea', name: 'description', label: label('description') },
    ...{ hint: label('descriptionHint'), rows: 5, maxlength: 20_000, optional: true },
  }
}

function whenRows(label: Label, chosen: string): Rows {
  return [
    [
      { name: 'day', type: 'date', label: label('day'), required: true },
      { name: 'time', type: 'time', label: label('time'), required: true, maxlength: 5 },
      wholeNumberField('length', label, sessionLengths.minimum, sessionLengths.maximum),
    ],
    [
      {
        ...zoneField(label('timeZone'), chosen),
        hint: label('timeZoneHint'),
      },
    ],
  ]
}

/** Returns a field for a time zone, with the one that is chosen already. */
export function zoneField(label: string, chosen: string): FormField {
  // `UTC` isn't among the zones that have a place.
  const zones = [...new Set([chosen, 'UTC', ...Intl.supportedValuesOf('timeZone')])].filter(Boolean).sort()
  const options = zones.map(zone => ({ value: zone, text: zone.replaceAll('_', ' ') }))
  return { kind: 'select', name: 'timeZone', label, options }
}

function scopeField(following: number, { t }: Texts): FormField {
  return {
    ...{ kind: 'radios', name: 'scope', label: t('studio:sessions.form.scope'), value: 'one' },
    options: [
      { value: 'one', text: t('studio:sessions.form.scopeOne') },
      { value: 'following', text: t('studio:sessions.form.scopeFollowing', { count: following }) },
    ],
  }
}

function whereRows(session: LiveSession | null, label: Label): Rows {
  const { zoom, teams } = config
  const own = session?.meetingService
  const offered = (['zoom', 'teams'] as const).filter(name => own === name || { zoom, teams }[name])
  return [
    [
      {
        ...{ kind: 'radios', name: 'kind', label: label('kind'), value: 'online' },
        options: (['online', 'room'] as const).map(value => ({ value, text: label(`kinds.${value}`) })),
      },
      wholeNumberField('seats', label, 1, sessionCaps.seats),
    ],
    [
      {
        ...{ name: 'joinUrl', type: 'url', label: label('joinUrl'), hint: label('joinUrlHint') },
        ...{ maxlength: 2000, autocomplete: 'off', spellcheck: 'false', optional: true },
      },
      ...(offered.length
        ? [
            {
              ...{ kind: 'select' as const, name: 'meetingService', label: label('meetingService') },
              options: ['', ...offered].map(value => ({ value, text: label(`services.${value || 'none'}`) })),
            },
          ]
        : []),
    ],
    [
      { name: 'placeName', label: label('placeName'), maxlength: 120, autocomplete: 'off', optional: true },
      {
        ...{ name: 'placeAddress', label: label('placeAddress'), maxlength: 300, autocomplete: 'off' },
        ...{ hint: label('placeHint'), optional: true },
      },
    ],
    [
      {
        ...{ name: 'placeMap', type: 'url', label: label('placeMap'), maxlength: 2000 },
        ...{ autocomplete: 'off', spellcheck: 'false', optional: true },
      },
    ],
  ]
}

function bookingRows(session: LiveSession | null, label: Label): Rows {
  const own = session?.price?.currency
  const offered = own && !currencies.includes(own) ? [own, ...currencies] : currencies
  const optional = { required: false, optional: true }
  return [
    [
      {
        name: 'amount',
        label: label('price'),
        hint: label('priceHint'),
        inputmode: 'decimal',
        maxlength: 10,
      },
      {
        ...{ kind: 'select', name: 'currency', label: label('currency') },
        options: offered.map(value => ({ value, text: value })),
      },
    ],
    [{ ...wholeNumberField('refundHours', label, 0, 720), ...optional, hint: label('refundHint') }],
    [
      {
        ...wholeNumberField('minimumSeats', label, 1, sessionCaps.seats),
        ...{ ...optional, hint: label('minimumHint') },
      },
      { ...wholeNumberField('minimumHours', label, 1, 720), ...optional },
    ],
    [{ ...wholeNumberField('claimHours', label, 1, 168), required: false, hint: label('claimHint') }],
  ]
}

function whoRows({ t }: Texts): Rows {
  const domains = (name: 'companies' | 'excludedCompanies'): FormField => ({
    ...{ kind: 'textarea', name, label: t(`studio:settings.${name}`) },
    ...{ hint: t(`studio:sessions.form.${name}Hint`), rows: 3, spellcheck: 'false', optional: true },
  })
  return [
    [
      {
        ...{
          kind: 'radios',
          name: 'visibility',
          label: t('studio:sessions.form.visibility'),
          value: 'public',
        },
        hint: t('studio:sessions.form.visibilityHint'),
        options: sessionVisibilities.map(value => ({
          value,
          text: t(`studio:visibility.${value}`),
        })),
      },
    ],
    [domains('companies'), domains('excludedCompanies')],
  ]
}

function afterRows(label: Label): Rows {
  const check = (name: string): FormField[] => [{ kind: 'checkbox', name, label: label(name) }]
  return [
    check('isRecorded'),
    check('hasCaptions'),
    check('certificate'),
    [{ ...wholeNumberField('attendedFrom', label, 1, 100), required: false, hint: label('attendedHint') }],
  ]
}
