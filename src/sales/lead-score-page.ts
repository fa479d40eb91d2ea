import type { Lead } from '../leads/lead'
import type { Person } from '../people/person'
import { days, later, now } from '../platform/clock'
import { readCircumstances } from '../scoring/circumstances'
import { explanationOf, type Explanation } from '../scoring/explain'
import { modelAt, type Model } from '../scoring/model'
import { readLedger } from '../scoring/read-ledger'
import { computeScore, type PointsByRule } from '../scoring/rules'
import {
  scoresAt,
  whatFades,
  whatRaises,
  whyNotYet,
  type NotYet,
  type OutlookPart,
} from '../scoring/score-outlook'
import type { MemberHandler } from '../web/handler'
import { ruleName } from '../web/model-texts'
import { dayOf } from '../web/relative-time'
import { leadPage, requestedMoment } from './lead-page'
import { salesTextsOf, type SalesTexts } from './sales-texts'

/** How far back the curve goes. */
const curveDays = 90
/** How far ahead the page looks, in days. */
const outlookDays = 14
const maxParts = 4

/** `GET /sales/leads/:person/score`: why the score is what it is, was on any day, and what would change it. */
export const showScore: MemberHandler = async (request, response, user) => {
  const { person, lead } = response.locals.loaded as { person: Person; lead: Lead | null }
  const texts = salesTextsOf(response)
  const { t, date, points, dir } = texts
  const at = requestedMoment(request.query.on)
  const [day, today] = [dayOf(at), dayOf(now())]
  const [model, ledger, circumstances, view] = await Promise.all([
    modelAt(at),
    readLedger(person._id),
    readCircumstances(person),
    leadPage({ person, lead }, user, { at, timeline: 'all' }, texts),
  ])
  const explanation = explanationOf(person, ledger, model, circumstances, at)
  const moments = daysUntil(now())
  const known = ledger.filter(event => event.at <= now())
  const values = explanation ? scoresAt(known, model.content, moments) : []
  const chosen = moments.findIndex(moment => dayOf(moment) === day)
  const href = `/sales/leads/${person._id}`
  const stepHref = (n: number) => {
    const moment = moments[n]
    return moment ? `${href}/score?on=${dayOf(moment)}` : null
  }
  response.render('sales/lead-score-page', {
    layout: 'workspace',
    nav: 'leads',
    head: { title: t('sales:why.title', { name: person.name }) },
    scripts: ['/js/score-day.js'],
    lead: view,
    name: person.name,
    href,
    sentence: explanation
      ? t(day === today ? 'sales:why.now' : 'sales:why.then', {
          ...{ points: points(explanation.points), grade: explanation.grade, day: date(at) },
          version: model._id,
        })
      : view.noScore,
    curve: values.length
      ? {
          ...{ values, chosen: chosen === -1 ? 0 : chosen, rtl: dir === 'rtl' },
          qualifyAt: model.content.qualifyAt,
          disqualifyBelow: model.content.disqualifyBelow,
          first: date(moments[0]!, 'short'),
          last: date(moments.at(-1)!, 'short'),
          label: t('sales:why.curve', {
            ...{ from: points(values[0]!), to: points(values.at(-1)!), most: points(Math.max(...values)) },
          }),
        }
      : null,
    slider: {
      ...{ max: moments.length - 1, value: chosen === -1 ? 0 : chosen, day, today },
      first: dayOf(moments[0]!),
      before: stepHref((chosen === -1 ? 0 : chosen) - 1),
      after: chosen === -1 ? null : stepHref(chosen + 1),
    },
    happened: {
      title: t('sales:why.happened', { day: date(at) }),
      days: view.timeline.days.filter(({ lines }) => lines.some(({ iso }) => iso.slice(0, 10) === day)),
    },
    outlook:
      explanation && day === today
        ? outlookView(explanation, scoredNow(ledger, model, at), model, lead, texts)
        : null,
  })
}

/** The end of each of the last days, and now. */
function daysUntil(end: Date): Date[] {
  const midnight = new Date(`${dayOf(end)}T00:00:00Z`)
  const ends = Array.from({ length: curveDays }, (_, n) => later(midnight, -days(curveDays - 1 - n) - 1))
  return [...ends, end]
}

const scoredNow = (ledger: Awaited<ReturnType<typeof readLedger>>, { content }: Model, at: Date) =>
  computeScore(ledger, content, at).rawPointsByRule

function outlookView(
  explanation: Explanation,
  raw: PointsByRule,
  { content }: Model,
  lead: Lead | null,
  texts: SalesTexts,
) {
  const { t, points, date } = texts
  const { at, dropsOutAt, disqualifyBelow, engagement, grade, ineligibleReason } = explanation
  const faded = whatFades(raw, content, at, outlookDays)
  const partText = ({ rule, by }: OutlookPart) => ({
    name: ruleName(rule, texts),
    by: `${by > 0 ? '+' : ''}${points(by)}`,
  })
  const isOpen = lead?.status === 'new' || lead?.status === 'accepted'
  return {
    raises: whatRaises(raw, content, at).slice(0, maxParts).map(partText),
    fades: faded.parts.slice(0, maxParts).map(partText),
    fadesTo: t('sales:why.fadesTo', { points: points(faded.points) }),
    dropsOut: dropsOutAt && t('sales:lead.dropsBelowOn', { disqualifyBelow, day: date(dropsOutAt, 'short') }),
    notYet: isOpen
      ? null
      : whyNotYet({ engagement, grade }, ineligibleReason, content).map(each =>
          notYetText(each, content.qualifyAt, texts),
        ),
  }
}

function notYetText(notYet: NotYet, qualifyAt: number, { t, points }: SalesTexts): string {
  switch (notYet.key) {
    case 'ineligible':
      return t(`sales:why.notYet.${notYet.reason}`)
    case 'engagement':
      return t('sales:why.notYet.engagement', { missing: points(notYet.by), qualifyAt })
    case 'grade':
      return t('sales:why.notYet.grade', { grade: notYet.grade })
  }
}
