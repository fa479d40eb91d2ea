import type { Request, Response } from 'express'
import { z } from 'zod'
import { goalOf, goalUnits, saveGoal, type LearningGoal } from '../learning/goal'
import { learningWeek, type DoneLesson, type WeekZone } from '../learning/learning-weeks'
import { config, isTimeZone } from '../platform/config'
import { notFound } from '../platform/errors'
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { checkbox, readForm, refuseForm } from '../web/form'
import type { Handler, MemberHandler } from '../web/handler'
import { readerWeekStart, readerZone } from '../web/reader-zone'
import { textsOf, type Texts } from '../web/texts'

const maxTarget = { lessons: 50, minutes: 2400 } as const

/** Returns whose days and weeks a page shows: what the learner has saved, or else what their browser says. */
export function learnerZone(request: Request, goal: LearningGoal | null): WeekZone {
  return {
    timeZone: readerZone(request) ?? goal?.timeZone ?? config.timeZone,
    weekStart: goal?.weekStart ?? readerWeekStart(request),
  }
}

/** Returns whether a learner sees their week, dates and what they can do now: one switch is theirs, one the brand's. */
export function isMotivated({ locals: { brand } }: Response, goal: LearningGoal | null): boolean {
  return brand.content.motivation && !goal?.isOff
}

/** "This week" on My learning: what was done on each day, how far that is from the goal, and the weeks in a row. */
export function weekView(
  { t, lang, date }: Texts,
  goal: LearningGoal | null,
  done: readonly DoneLesson[],
  zone: WeekZone,
) {
  const week = learningWeek(done, zone)
  const letter = new Intl.DateTimeFormat(lang, { weekday: 'narrow', timeZone: 'UTC' })
  const weekday = new Intl.DateTimeFormat(lang, { weekday: 'long', timeZone: 'UTC' })
  const { unit, target } = goal ?? { unit: null, target: 0 }
  const reached = week[unit ?? 'lessons']
  const left = Math.max(0, target - reached)
  const end = week.days.at(-1)!
  return {
    zone: zone.timeZone,
    done: unit && String(reached),
    of: unit
      ? t(`academy:goal.of.${unit}`, { count: target })
      : t('academy:goal.lessons', { count: reached }),
    days: week.days.map(({ date: day, isToday, lessons }) => ({
      letter: letter.format(day),
      state: lessons ? 'done' : isToday ? 'current' : 'todo',
      label: t('academy:goal.day', {
        day: date(day, 'weekday'),
        done: t('academy:goal.lessons', { count: lessons }),
      }),
    })),
    sentences: [
      ...(unit && left > 0
        ? [
            end.isToday
              ? t(`academy:goal.leftToday.${unit}`, { count: left })
              : t(`academy:goal.left.${unit}`, { count: left, day: weekday.format(end.date) }),
          ]
        : []),
      ...(unit && left === 0 ? [t('academy:goal.reached')] : []),
      ...(week.weeksInARow > 1 ? [t('academy:goal.inARow', { count: week.weeksInARow })] : []),
    ],
    change: t(unit ? 'academy:goal.change' : 'academy:goal.set'),
  }
}

/** Responds with 404 at a brand without goals and dates. */
export const requireMotivation: Handler = (_request, response) => {
  if (!response.locals.brand.content.motivation) throw notFound()
}

/** `GET /learning/goal`: the weekly goal, and the switch for all of it. */
export const show: MemberHandler = async (request, response, person) => {
  const goal = await goalOf(person._id)
  const { timeZone, weekStart } = learnerZone(request, goal)
  response.render('academy/goal', {
    ...goalPage(response, goal, timeZone),
    form: {
      values: {
        unit: goal?.unit ?? 'none',
        target: goal?.target || 3,
        timeZone,
        weekStart,
        reminders: goal?.reminders ? 'on' : '',
      },
      errors: {},
    },
  })
}

const goalForm = z
  .object({
    unit: z.enum(['none', ...goalUnits], { error: 'web:errors.chooseOne' }),
    target: z.coerce.number({ error: 'academy:errors.goal' }).catch(Number.NaN),
    weekStart: z.coerce.number().pipe(z.literal([1, 6, 7], { error: 'web:errors.chooseOne' })),
    timeZone: z.string({ error: 'account:errors.timeZone' }).refine(isTimeZone, {
      error: 'account:errors.timeZone',
    }),
    reminders: checkbox,
  })
  .superRefine(({ unit, target }, context) => {
    if (unit === 'none') return
    const maximum = maxTarget[unit]
    if (Number.isInteger(target) && target >= 1 && target <= maximum) return
    context.addIssue({
      code: 'custom',
      path: ['target'],
      message: 'academy:errors.goal',
      params: { maximum },
    })
  })

/** `POST /learning/goal`: saves the goal, the zone of the days and whether there are emails. */
export const update: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(goalForm, request, response)
  if (!data) {
    const goal = await goalOf(person._id)
    const page = goalPage(response, goal, learnerZone(request, goal).timeZone)
    return refuseForm(response, 'academy/goal', form, page)
  }
  const unit = data.unit === 'none' ? null : data.unit
  await saveGoal(person._id, { ...data, unit, target: unit ? data.target : 0, isOff: false })
  done(response, unit ? 'saved' : 'none')
}

/** `POST /learning/goal/switch`: switches all of it off, or on again with what was set before. */
export const flip: MemberHandler = async (request, response, person) => {
  const isOff = (request.body as { off?: unknown }).off === 'yes'
  await saveGoal(person._id, { isOff })
  done(response, isOff ? 'off' : 'on')
}

function done(response: Response, what: string): void {
  setFlash(response, { kind: 'done', bold: textsOf(response).t(`academy:goal.flash.${what}`) })
  response.redirect(303, '/learning')
}

function goalPage(response: Response, goal: LearningGoal | null, timeZone: string) {
  const { t } = textsOf(response)
  const units = ['none', ...goalUnits]
  return {
    head: { title: t('academy:goal.title'), noindex: true },
    isOff: goal?.isOff ?? false,
    zone: timeZone,
    scripts: ['zone.js'],
    fields: [
      {
        name: 'unit',
        kind: 'radios',
        label: t('academy:goal.unit'),
        options: units.map(value => ({ value, text: t(`academy:goal.units.${value}`) })),
      },
      {
        name: 'target',
        label: t('academy:goal.target'),
        hint: t('academy:goal.targetHint'),
        inputmode: 'numeric',
        maxlength: 4,
        autocomplete: 'off',
      },
      {
        name: 'weekStart',
        kind: 'select',
        label: t('academy:goal.weekStart'),
        options: [1, 6, 7].map(value => ({ value, text: t(`academy:goal.weekdays.${value}`) })),
      },
      {
        name: 'timeZone',
        kind: 'select',
        label: t('academy:goal.timeZone'),
        options: zones(timeZone).map(value => ({ value, text: value.replaceAll('_', ' ') })),
      },
      {
        name: 'reminders',
        kind: 'checkbox',
        label: t('academy:goal.reminders'),
        hint: t('academy:goal.remindersHint'),
      },
    ] satisfies FormField[],
  }
}

/** All time zones, with the reader's own, which may be an older name. */
function zones(own: string): string[] {
  const all = Intl.supportedValuesOf('timeZone')
  return all.includes(own) ? all : [own, ...all]
}
