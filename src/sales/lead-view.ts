import { shownEmail } from '../people/email-address'
import { firstNameOf } from '../people/first-name'
import type { Person } from '../people/person'
import type { Account } from '../leads/account'
import type { Brief } from '../leads/brief'
import type { Deal } from '../scoring/deals'
import { canAccept, canReject, canReturn } from '../leads/change-lead'
import type { LeadState } from '../leads/lead-state'
import type { Claim } from '../scoring/evidence'
import type { ExplainedRule, Explanation } from '../scoring/explain'
import type { Group } from '../scoring/model-content'
import type { NeedsMap } from '../scoring/needs-map'
import type { charts } from '../web/charts/charts'
import { fitTexts, ruleName } from '../web/model-texts'
import { crmOwnerView } from './crm-owner'
import { contactView, type Contact } from './lead-contact'
import { minutesUntil, statusOf } from './lead-list'
import { snoozeView, workView, type WorkRecord } from './lead-work'
import { assignmentText } from './routing-texts'
import { amountText, topicName, type SalesTexts } from './sales-texts'
import type { Line } from './timeline'
import { timelineView, type LeadViewOptions, type RuleEvents } from './timeline-view'

/** What the lead's page shows as of a moment. `lead` is null for a person who had not been handed off by then. */
export type LeadRecord = {
  person: Person
  lead: LeadState | null
  /** Null without consent to scoring. */
  explanation: Explanation | null
  needs: NeedsMap
  brief: Brief
  account: Account | null
  contact: Contact
  lines: Line[]
  /** Returns the name of a teammate, or null without one. */
  nameOf: (id: unknown) => string | null
  /** Names of the owner and of the person who responded. */
  owner: string | null
  respondedBy: string | null
  /** False for a lead that belongs to someone else. */
  ownLead: boolean
  /** True for the owner and for who leads the team. */
  canAnswerFor: boolean
  /** True when the person or their company has bought, so they aren't handed off. */
  isCustomer: boolean
  /** The team members the reader may assign the lead to; empty when the reader may not. */
  team: Pick<Person, '_id' | 'name'>[]
  work: WorkRecord
  /** The address of the reader's booking page, to send to the lead; null without one. */
  ownPage: string | null
  /** The reader's own response that can still be undone. */
  undoable: 'acceptance' | 'rejection' | null
}

export type LeadView = ReturnType<typeof leadView>

/** A response that is due sooner is urgent. */
const urgentMinutes = 60

/** Returns the ready-to-print values of the lead's page, one property per section. */
export function leadView(record: LeadRecord, options: LeadViewOptions, texts: SalesTexts) {
  const href = `/sales/leads/${record.person._id}`
  const marks = marksOf(record.brief.claims)
  return {
    id: String(record.person._id),
    heading: headingView(record, options, texts),
    owner: record.owner,
    disposition: record.lead && dispositionView(record, record.lead, href, options, texts),
    customer: record.isCustomer ? texts.t('sales:lead.customer') : null,
    asOf: options.asOf && {
      text: texts.t('sales:lead.asOfNote', { day: texts.date(options.at) }),
      href,
    },
    brief: briefView(record, texts),
    work: {
      ...workView(record.work, record.lead?.nextStep ?? null, href, texts),
      isOpen: !options.asOf && options.timeline !== 'evidence',
      hasStep: record.lead !== null,
    },
    score: record.explanation && scoreView(record.explanation, marks, options, href, texts),
    noScore: texts.t('sales:lead.noScore', { name: firstNameOf(record.person.name) }),
    needs: needsView(record, texts),
    timeline: timelineView(
      record.lines,
      marks,
      ruleOfTimeline(record.explanation, options, texts),
      options,
      href,
      texts,
    ),
    account: record.account && accountView(record.account, record, texts),
    contact: {
      ...contactView(record.contact, record.person, record.owner, options.at, texts),
      deals: record.lead?.deals.map(deal => dealText(deal, texts)) ?? [],
      crmOwner: options.asOf ? null : crmOwnerView(record, href, texts),
      ownPage: record.ownPage,
    },
  }
}

/** The page of a company, by its domain in ASCII or in letters. */
const companyPath = (domain: string) => `/sales/companies/${encodeURIComponent(domain)}`

function headingView(record: LeadRecord, { asOf }: LeadViewOptions, { t, html, points, times }: SalesTexts) {
  const { person, lead, explanation } = record
  const minutesLeft = lead?.status === 'new' ? minutesUntil(lead.respondBy) : null
  const about = aboutText(person, t)
  return {
    state: lead?.status ?? 'none',
    status: t(
      lead || isNearThreshold(explanation) ? `sales:status.${statusOf(lead)}` : 'sales:lead.notQualified',
    ),
    name: person.name,
    /** With a link to the company's page. */
    aboutHtml: aboutHtml(person, html),
    about: about && `${about} ·`,
    email: shownEmail(person.email),
    mailto: `mailto:${person.email}`,
    score: explanation && {
      grade: explanation.grade,
      facts: t('sales:lead.facts', { fit: explanation.fit.points }),
      points: points(explanation.points),
    },
    qualified: asOf
      ? null
      : lead
        ? t('sales:lead.qualified', { when: times.inSentence(lead.qualifiedAt) })
        : t('sales:lead.notQualified'),
    respondBy:
      asOf || minutesLeft === null
        ? null
        : {
            time: times.span(Math.abs(minutesLeft)),
            text: t(minutesLeft < 0 ? 'sales:lead.overdue' : 'sales:lead.timeLeft'),
            isUrgent: minutesLeft < urgentMinutes,
          },
  }
}

/** True for a person whose score is between the two thresholds, and who may be handed off. */
function isNearThreshold(explanation: Explanation | null): boolean {
  if (!explanation || explanation.ineligibleReason) return false
  const { engagement, disqualifyBelow, qualifyAt } = explanation
  return engagement >= disqualifyBelow && engagement < qualifyAt
}

function aboutText({ title, company }: Person, t: SalesTexts['t']): string {
  if (company && title) return t('sales:lead.at', { title, company: company.name })
  return company ? t('sales:lead.from', { company: company.name }) : (title ?? '')
}

function aboutHtml({ title, company }: Person, html: SalesTexts['html']): string {
  const values = {
    title: title ?? '',
    company: company?.name ?? '',
    href: company && companyPath(company.domain),
  }
  if (!company) return html('sales:lead.titleHtml', values)
  return html(title ? 'sales:lead.atHtml' : 'sales:lead.fromHtml', values)
}

function dispositionView(
  { owner, ownLead, canAnswerFor, respondedBy, team, undoable, work }: LeadRecord,
  lead: LeadState,
  href: string,
  { asOf, at }: LeadViewOptions,
  texts: SalesTexts,
) {
  const { t } = texts
  const isToday = !asOf
  const acceptable = isToday && canAccept(lead)
  const rejectable = isToday && canReject(lead)
  const others = team.filter(({ _id }) => !lead.owner?.equals(_id))
  return {
    accept: acceptable && ownLead ? `${href}/acceptance` : null,
    takeOver: acceptable && !ownLead ? `${href}/acceptance/new` : null,
    undo: undoable && { action: `${href}/${undoable}/undo`, label: t(`sales:lead.undo.${undoable}`) },
    reject: rejectable ? `${href}/rejection/new` : null,
    snooze: isToday ? snoozeView(lead, href, { at, timeZone: work.timeZone, canAnswerFor }, texts) : null,
    returnAction: isToday && canReturn(lead) ? `${href}/return` : null,
    facts: [lead.closed && closedText(lead.closed, texts), responseText(lead, respondedBy, texts)].filter(
      text => text !== null,
    ),
    owner: owner ? ownerText(owner, lead, t) : t('sales:lead.noOwner'),
    reassign: others.length
      ? {
          action: `${href}/owner`,
          options: others.map(({ _id, name }) => ({ value: String(_id), text: name })),
        }
      : null,
  }
}

/** Whose the lead is, and by which rule. */
function ownerText(name: string, { assignedWhy }: LeadState, t: SalesTexts['t']): string {
  const owner = t('sales:lead.owner', { name })
  return assignedWhy ? `${owner}. ${assignmentText(assignedWhy, t)}` : owner
}

function closedText({ reason, at }: NonNullable<LeadState['closed']>, { t, times }: SalesTexts): string {
  return t('sales:lead.closed', {
    what: t(`sales:timeline.disqualified.${reason}`),
    when: times.inSentence(at),
  })
}

/** Who responded, when, and why; null before the first response. */
function responseText(
  { disposition }: LeadState,
  respondedBy: string | null,
  { t, times }: SalesTexts,
): string | null {
  if (!disposition) return null
  const { kind, source, reason, text, at } = disposition
  const values = { what: t(`sales:status.${kind}`), when: times.inSentence(at) }
  return [
    source === 'crm'
      ? t('sales:lead.updatedFromCrm', values)
      : t('sales:lead.respondedBy', { ...values, name: respondedBy ?? t('sales:lead.formerTeammate') }),
    reason && t(`sales:rejectionReason.${reason}`),
    text && t('sales:timelineNote.quote', { text }),
  ]
    .filter(Boolean)
    .join(' · ')
}

/** A deal with its state, amount, time and reason: `Deal won today at 09:42 · €16,128`. */
function dealText(deal: Deal, texts: SalesTexts): string {
  const { t, times } = texts
  const { state, openedAt, closedAt, lostReason, id } = deal
  return [
    t(`sales:deal.${state}`, { when: times.inSentence(closedAt ?? openedAt) }),
    amountText(deal, texts),
    lostReason && t(`sales:rejectionReason.${lostReason}`),
    id && t('sales:deal.id', { id }),
  ]
    .filter(Boolean)
    .join(' · ')
}

function briefView({ brief, person }: LeadRecord, { t, html, times }: SalesTexts) {
  const name = firstNameOf(person.name)
  const { words, claims, opening, avoidTopic } = brief
  return {
    words: words && {
      text: words.text,
      feedbackHref: `/feedback/new?${new URLSearchParams({
        source: words.key === 'requested' ? 'contact' : 'question',
        ref: words.event,
      })}`,
      n: words.n,
      about: t(`sales:words.${words.key}${words.title ? 'In' : ''}`, {
        name,
        when: times.inSentence(words.at),
        title: words.title,
      }),
    },
    claimsHtml: claims.map(({ key, values, n, at }) =>
      // A request can also be made outside a course, on the page of a teammate.
      html(`sales:whyNow.${key}${values.title === '' ? 'Outside' : ''}`, {
        ...values,
        n,
        name,
        when: times.inSentence(at),
      }),
    ),
    opening: opening && t(`sales:openWith.${opening.key}`, opening.values),
    avoid: avoidTopic && t('sales:openWith.leave', { topic: topicName(avoidTopic).toLowerCase(), name }),
  }
}

function scoreView(
  explanation: Explanation,
  marks: ReadonlyMap<string, number>,
  { asOf, today }: LeadViewOptions,
  href: string,
  texts: SalesTexts,
) {
  const { t, points, date } = texts
  const { model, fit, groups, dropsOutAt, disqualifyBelow } = explanation
  return {
    title: asOf
      ? t('sales:lead.scoreOn', { points: points(explanation.points), day: date(explanation.at) })
      : t('sales:lead.scoreAt', { points: points(explanation.points), time: date(explanation.at, 'time') }),
    asOfForm: { action: href, day: asOf ?? today, max: today },
    whyHref: `${href}/score${asOf ? `?on=${asOf}` : ''}`,
    bar: scoreBarOf(explanation, texts),
    allRules: t('sales:lead.allRules', {
      count: groups.reduce((sum, { rules }) => sum + rules.length, 0),
    }),
    groups: groups.map(({ group, cap, points: groupPoints, rules }) => ({
      name: t(`sales:ruleGroup.${group}`),
      cap: t('sales:lead.groupCap', { cap }),
      points: points(groupPoints),
      rules: rules.map(rule => ruleView(rule, marks, `${href}?${asOf ? `on=${asOf}&` : ''}`, texts)),
    })),
    total: points(explanation.points),
    model: model.since && t('sales:lead.modelNote', { version: model.version, since: date(model.since) }),
    dropsOut:
      dropsOutAt && !asOf
        ? t('sales:lead.dropsBelowOn', { disqualifyBelow, day: date(dropsOutAt, 'short') })
        : null,
    fitTitle: t('sales:lead.fitTitle', { fit: fit.points }),
    fit: fit.reasons.length ? fitTexts(fit.reasons, texts).join(' · ') : t('sales:lead.fitNone'),
  }
}

const families: Record<Group, number> = { learning: 1, intent: 2, account: 3, negative: 5 }

function scoreBarOf(
  { points: score, groups, disqualifyBelow, qualifyAt }: Explanation,
  { t, points, dir }: SalesTexts,
): Parameters<typeof charts.scoreBar>[0] {
  const parts = groups
    .filter(({ group }) => group !== 'negative')
    .map(({ group, points: groupPoints, rules }) => ({
      name: `${t(`sales:ruleGroup.${group}`)} ${points(groupPoints)}`,
      family: families[group],
      segments: rules.map(rule => rule.points),
    }))
  const off = -(groups.find(({ group }) => group === 'negative')?.points ?? 0)
  const names = parts.map(({ name }) => name).join(', ')
  return {
    groups: parts,
    off,
    offName: t('sales:lead.negativePoints', { points: points(off) }),
    leaves: { at: disqualifyBelow, name: t('sales:lead.dropsOutBelow', { at: disqualifyBelow }) },
    ready: { at: qualifyAt, name: t('sales:lead.qualifiesAt', { at: qualifyAt }) },
    label: t('sales:lead.barLabel', { points: points(score), parts: names, qualifyAt, disqualifyBelow }),
    rtl: dir === 'rtl',
  }
}

function ruleView(rule: ExplainedRule, marks: ReadonlyMap<string, number>, href: string, texts: SalesTexts) {
  const { t, points } = texts
  const count = rule.events.length
  const numbers = rule.events.map(({ event }) => marks.get(event)).filter(n => n !== undefined)
  return {
    name: ruleName({ id: rule.rule, name: rule.name }, texts),
    isCapped: rule.isCapped,
    /** Footnote numbers of its events; without any, the number of events is shown. */
    marks: [...new Set(numbers)],
    eventCount: t('sales:lead.eventCount', { count }),
    eventsHref: `${href}rule=${encodeURIComponent(rule.rule)}#happened`,
    basePoints: basePointsOf(
      rule.events.map(({ weight }) => weight),
      texts,
    ),
    age: ageText(rule.age, texts),
    points: points(rule.points),
    pointsLabel: t('sales:lead.pointsFrom', { count, points: points(rule.points) }),
  }
}

/** `7 × 3.0`, or the sum for events with different points. */
function basePointsOf(weights: number[], { t, points }: SalesTexts): string {
  const [weight = 0, ...others] = weights
  return others.length && others.every(each => each === weight)
    ? t('sales:lead.times', { count: weights.length, weight: points(weight) })
    : points(weights.reduce((sum, each) => sum + each, 0))
}

/** Returns an age in days as minutes, hours or days. */
function ageText(days: number, { t, points }: SalesTexts): string {
  if (days * 24 < 1) return t('sales:lead.ageMinutes', { minutes: Math.round(days * 24 * 60) })
  if (days < 1) return t('sales:lead.ageHours', { hours: Math.round(days * 24) })
  return t('sales:lead.ageDays', { days: points(days) })
}

function needsView({ needs, person }: LeadRecord, { t }: SalesTexts) {
  const lists = [
    { kind: 'wants', title: t('sales:needs.wants'), needs: needs.wants },
    { kind: 'unsure', title: t('sales:needs.unsure'), needs: needs.unsure },
    { kind: 'never', title: t('sales:needs.neverOpened'), needs: needs.neverOpened },
  ]
  return {
    title: t('sales:lead.needs', { name: firstNameOf(person.name) }),
    topics: t('sales:lead.topics', { count: needs.topicCount }),
    lists: lists.map(list => ({
      ...list,
      needs: list.needs.map(({ topic, reasons }) => ({
        topic: topicName(topic),
        reasons: reasons.map(({ key, values }) => t(`sales:needs.${key}`, values)).join('; '),
      })),
    })),
  }
}

/** The rule whose events the timeline shows; null for any other timeline, and for a rule without points. */
function ruleOfTimeline(
  explanation: Explanation | null,
  { timeline }: LeadViewOptions,
  texts: SalesTexts,
): RuleEvents | null {
  if (!timeline.startsWith('rule:')) return null
  const rules = explanation?.groups.flatMap(group => group.rules) ?? []
  const rule = rules.find(each => `rule:${each.rule}` === timeline)
  if (!rule) return null
  const name = ruleName({ id: rule.rule, name: rule.name }, texts)
  return {
    title: texts.t('sales:lead.eventsOf', { count: rule.events.length, rule: name }),
    events: new Set(rule.events.map(({ event }) => event)),
  }
}

/** Returns the number of the claim behind each event, by event id. */
function marksOf(claims: Claim[]): Map<string, number> {
  return new Map(claims.flatMap(({ n, events }) => events.map(event => [event, n] as const)))
}

/** The people of a company and what each has finished, as `sales/lead-account` shows them. */
export function accountView(
  account: Account,
  { person: subject, nameOf }: { person: Pick<Person, '_id'> | null; nameOf: LeadRecord['nameOf'] },
  { t, times }: SalesTexts,
) {
  const { name: company, domain, people, topics, notSharing } = account
  return {
    href: subject && companyPath(domain),
    title: t('sales:lead.account', { company, count: people.length + notSharing }),
    topics: topics.map(topicName),
    people: people.map(({ person, name, title, lead, coverage, lastAt }) => ({
      name,
      title,
      lead: lead
        ? `${t(`sales:status.${statusOf(lead)}`)} · ${nameOf(lead.owner) ?? t('sales:lead.noOwner')}`
        : t('sales:lead.notQualified'),
      lastSeen: lastAt && t('sales:company.lastSeen', { when: times.inSentence(lastAt) }),
      href: subject && person.equals(subject._id) ? null : `/sales/leads/${person}`,
      coverage: coverage.map(part => ({ part, text: t('sales:lead.coverage', { percent: part * 100 }) })),
    })),
    notSharing: notSharing ? t('sales:lead.othersNotSharing', { count: notSharing }) : null,
  }
}
