import { shownDomain } from '../people/email-address'
import { activeModel, type Model } from '../scoring/model'
import { groups, type ModelContent, type Rule } from '../scoring/model-content'
import type { MemberHandler } from '../web/handler'
import { factWords, fitName, ruleName } from '../web/model-texts'
import { textsOf, type Texts } from '../web/texts'

/** `GET /sales/scoring-model`: the active scoring model, in words. */
export const show: MemberHandler = async (_request, response, user) => {
  const model = scoringModelView(await activeModel(), textsOf(response))
  response.render('sales/scoring-model', {
    layout: 'workspace',
    nav: 'model',
    head: { title: model.title },
    model,
    canChange: ['sales-lead', 'admin'].includes(user.role),
  })
}

function scoringModelView({ _id: version, activeSince, content, hash }: Model, texts: Texts) {
  const { t, date } = texts
  const { qualifyAt, disqualifyBelow, qualifyingGrades, bands, blocked } = content
  return {
    title: t('sales:scoringModel.title', { version }),
    sentence: t('sales:scoringModel.sentence', {
      since: activeSince && date(activeSince),
      qualifyAt,
      disqualifyBelow,
      grades: qualifyingGrades.join(', '),
    }),
    groups: groupsView(content, texts),
    fit: fitView(content, texts),
    grades: t('sales:scoringModel.gradesText', bands),
    limits: t('sales:scoringModel.limits', {
      hours: t('sales:scoringModel.everyHours', { count: content.hoursBetweenChanges }),
      days: t('sales:scoringModel.everyDays', { count: content.daysBetweenHandOffs }),
    }),
    competitors: t('sales:scoringModel.competitors', {
      count: blocked.domains.length,
      domains: blocked.domains.map(shownDomain).join(', '),
    }),
    fingerprint: t('sales:scoringModel.fingerprint', { hash: hash.slice(0, 16) }),
  }
}

function groupsView({ rules, groupCaps }: ModelContent, texts: Texts) {
  const { t, points } = texts
  return groups
    .map(group => ({
      name: t(`sales:ruleGroup.${group}`),
      cap: t('sales:scoringModel.groupCap', { cap: groupCaps[group] }),
      rules: rules
        .filter(rule => rule.group === group)
        .map(rule => ({
          name: ruleName(rule, texts),
          note: noteOf(rule, texts),
          basePoints: points(rule.weight),
          halfLife: t('sales:scoringModel.days', { days: rule.halfLife }),
          cap: points(rule.cap),
        })),
    }))
    .filter(group => group.rules.length > 0)
}

/** What an event needs in order to count, besides its name; empty for nothing. */
function noteOf({ events, minSeconds, minMinutes, attention }: Rule, { t }: Texts): string {
  if (minMinutes) return t('sales:scoringModel.minMinutes', { count: minMinutes })
  if (minSeconds) return t('sales:scoringModel.minSeconds', { count: minSeconds })
  if (!attention) return ''
  if (!events.includes('lesson.completed')) return t('sales:scoringModel.courseAttention')
  const { minSeconds: count, fullFrom } = attention
  return t('sales:scoringModel.lessonAttention', { count, percent: 100 * fullFrom })
}

function fitView({ fit }: ModelContent, texts: Texts) {
  return fit.flatMap(({ rules }) =>
    rules.map(({ id, name, when, points }) => ({
      name: fitName({ id, name, fact: when.fact }, texts),
      words: factWords(when),
      points,
    })),
  )
}
