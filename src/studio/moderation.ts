import type { Request, Response } from 'express'
import { isObjectIdOrHexString, Types } from 'mongoose'
import { z } from 'zod'
import { ModerationCases, countOpenCases, type ModerationCase } from '../community/moderation-case'
import { endSuspension, hidePost, keepPost, suspendFromCommunity, warn } from '../community/moderate'
import { Posts } from '../community/post'
import { ModerationRecords, forGood, type ModerationRecord } from '../community/moderation-record'
import { Threads } from '../community/thread'
import { threadPath } from '../community/thread-path'
import { Courses } from '../courses/course'
import { lessonsOf } from '../courses/content'
import { namesOf } from '../people/names'
import type { Person } from '../people/person'
import { days, later, now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import { optionalField, readForm, refuseForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { pageLinks, readPage, type At } from '../web/keyset'
import { localPath } from '../web/local-path'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'

const path = '/studio/moderation'
const pageSize = 20
const tabs = ['open', 'decided', 'suspended'] as const

/** `GET /studio/moderation`: what was reported or is held, what was decided, and who may only read. */
export async function index(request: Request, response: Response): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { show, after, before } = parametersOf(request)
  const chosen = tabs.find(each => each === show) ?? 'open'
  const address = (values: Record<string, string>) => {
    const query = new URLSearchParams({ ...(chosen !== 'open' && { show: chosen }), ...values })
    return query.size ? `${path}?${query}` : path
  }
  const at = { after, before }
  const [open, list] = await Promise.all([
    countOpenCases(),
    chosen === 'suspended' ? suspendedRows(texts, at) : caseRows(texts, chosen, at),
  ])
  response.render('studio/moderation', {
    layout: 'studio',
    nav: 'questions',
    head: { title: t('studio:moderation.title'), noindex: true },
    tabs: tabs.map(each => ({
      href: each === 'open' ? path : `${path}?show=${each}`,
      text: t(`studio:moderation.tabs.${each}`, { count: open }),
      isChosen: each === chosen,
    })),
    rules: `${path}/rules`,
    rows: list.rows,
    empty: { title: t(`studio:moderation.none.${chosen}`), text: '', link: null },
    pages: { ...list.links((where: At) => address({ ...where })), notes: [] },
  })
}

async function caseRows(texts: Texts, chosen: 'open' | 'decided', at: At) {
  const state = chosen === 'open' ? 'open' : { $in: ['kept', 'hidden'] as ('kept' | 'hidden')[] }
  const page = await readPage<ModerationCase>(
    beyond => ModerationCases.find({ $and: [{ state }, beyond] }),
    { at: -1, _id: -1 },
    at,
    pageSize,
  )
  const [texted, names, courses] = await Promise.all([
    wordsOf(page.rows),
    namesOf(page.rows.map(({ person }) => person)),
    Courses.find({ _id: { $in: page.rows.map(({ course }) => course) } }, { 'draft.title': 1 }),
  ])
  const titles = new Map(courses.map(({ _id, draft }) => [String(_id), draft.title]))
  const rows = page.rows.map(each => ({
    href: `${path}/${String(each._id)}`,
    text: texted.get(String(each._id))?.slice(0, 300) ?? texts.t('studio:moderation.deleted'),
    who: names.get(String(each.person)) ?? '',
    about: titles.get(String(each.course)) ?? '',
    why: whyText(texts, each),
    when: texts.date(each.at, 'short'),
    state: each.state === 'open' ? null : texts.t(`studio:moderation.state.${each.state}`),
  }))
  return { rows, links: (href: (at: At) => string) => pageLinks(page, href) }
}

/** Returns what was written, by the id of its case. */
async function wordsOf(cases: readonly ModerationCase[]): Promise<Map<string, string>> {
  const idsOf = (kind: ModerationCase['kind']) =>
    cases.filter(each => each.kind === kind).map(({ _id }) => _id)
  const [threads, posts] = await Promise.all([
    Threads.find({ _id: { $in: idsOf('thread') } }, { title: 1, text: 1 }),
    Posts.find({ _id: { $in: idsOf('post') } }, { text: 1 }),
  ])
  return new Map([
    ...threads.map(
      ({ _id, title, text }) => [String(_id), [title, text].filter(Boolean).join('\n\n')] as const,
    ),
    ...posts.map(({ _id, text }) => [String(_id), text] as const),
  ])
}

function whyText({ t }: Texts, { heldFor, reports }: ModerationCase): string {
  const reasons = [...new Set(reports.map(({ reason }) => t(`academy:community.report.reasons.${reason}`)))]
  return [heldFor ? t(`studio:moderation.heldFor.${heldFor}`) : '', ...reasons].filter(Boolean).join(' · ')
}

async function suspendedRows(texts: Texts, at: At) {
  const page = await readPage<ModerationRecord>(
    beyond => ModerationRecords.find({ $and: [{ suspendedUntil: { $gt: now() } }, beyond] }),
    { suspendedUntil: -1, _id: 1 },
    at,
    pageSize,
  )
  const names = await namesOf(page.rows.map(({ _id }) => _id))
  const rows = page.rows.map(({ _id, suspendedUntil }) => ({
    href: null,
    text: names.get(String(_id)) ?? '',
    until: untilText(texts, suspendedUntil!),
    action: `${path}/people/${String(_id)}/readmission`,
  }))
  return { rows, links: (href: (at: At) => string) => pageLinks(page, href) }
}

const untilText = ({ t, date }: Texts, until: Date) =>
  until >= forGood ? t('studio:moderation.forGood') : t('studio:moderation.until', { day: date(until) })

/** Returns what a moderator decides about: a case, or anything that has none yet. @throws 404 */
async function caseOf(id: string): Promise<ModerationCase> {
  if (!isObjectIdOrHexString(id)) throw notFound()
  const known = await ModerationCases.findById(id)
  if (known) return known
  const [thread, post] = await Promise.all([Threads.findById(id), Posts.findById(id)])
  const of = post ? await Threads.findById(post.thread) : thread
  if (!of) throw notFound()
  const { _id, person } = post ?? of
  const moment = now()
  return {
    ...{
      _id,
      person,
      kind: post ? 'post' : 'thread',
      course: of.course,
      thread: of._id,
      reports: [],
      count: 0,
    },
    ...{ state: 'kept', openedAt: moment, at: moment, decidedBy: null, decidedAt: null },
  }
}

const decisions = ['keep', 'hide'] as const
const terms = ['none', 'week', 'month', 'good'] as const
const schema = z.object({
  decision: z.enum(decisions, { error: 'web:errors.chooseOne' }),
  warning: optionalField(1000),
  suspension: z.enum(terms).catch('none'),
})

/** `GET /studio/moderation/:id`: what was written, who reported it and why, and who wrote it. */
export const show: MemberHandler = async (request, response) => {
  const found = await caseOf(request.params.id)
  response.render('studio/moderation-case', await caseView(request, response, found))
}

async function caseView(request: Request, response: Response, found: ModerationCase) {
  const texts = textsOf(response)
  const { t, date } = texts
  const [words, names, record, hidden, thread, course] = await Promise.all([
    wordsOf([found]),
    namesOf([
      found.person,
      ...found.reports.map(({ by }) => by),
      ...(found.decidedBy ? [found.decidedBy] : []),
    ]),
    ModerationRecords.findById(found.person),
    ModerationCases.count({ person: found.person, state: 'hidden' }),
    Threads.findById(found.thread, { title: 1, lesson: 1 }),
    Courses.findById(found.course, { slug: 1, 'draft.title': 1 }),
  ])
  const back = localPath((request.body as { back?: unknown } | undefined)?.back ?? request.query.back) ?? path
  const until = record?.suspendedUntil
  return {
    layout: 'studio',
    nav: 'questions',
    head: { title: t('studio:moderation.caseTitle'), noindex: true },
    text: words.get(String(found._id)) ?? null,
    who: names.get(String(found.person)) ?? t('academy:community.gone'),
    history: t('studio:moderation.history', {
      hidden: t('studio:moderation.hiddenCount', { count: hidden }),
      warnings: t('studio:moderation.warningCount', { count: record?.warnings.length ?? 0 }),
    }),
    suspended: until && until > now() ? untilText(texts, until) : null,
    about: course?.draft.title ?? '',
    place: thread && course ? threadPath(course.slug, { _id: found.thread }) : null,
    why: whyText(texts, found),
    reports: found.reports.map(({ by, reason, text, at }) => ({
      who: names.get(String(by)) ?? t('academy:community.gone'),
      reason: t(`academy:community.report.reasons.${reason}`),
      text,
      when: date(at, 'short'),
    })),
    decided:
      found.decidedAt && found.state !== 'open'
        ? t(`studio:moderation.decided.${found.state}`, {
            who: names.get(String(found.decidedBy)) ?? '',
            day: date(found.decidedAt),
          })
        : null,
    action: `${path}/${String(found._id)}/decision`,
    back,
    fields: [
      {
        name: 'decision',
        kind: 'radios',
        label: t('studio:moderation.decision'),
        options: decisions.map(value => ({ value, text: t(`studio:moderation.decisions.${value}`) })),
      },
      {
        name: 'warning',
        kind: 'textarea',
        rows: 3,
        label: t('studio:moderation.warning'),
        hint: t('studio:moderation.warningHint'),
        optional: true,
        maxlength: 1000,
      },
      {
        name: 'suspension',
        kind: 'select',
        label: t('studio:moderation.suspension'),
        options: terms.map(value => ({ value, text: t(`studio:moderation.terms.${value}`) })),
      },
    ],
  }
}

/** `POST /studio/moderation/:id/decision`: hides it or keeps it, and warns or suspends its writer. */
export const decideCase: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const found = await caseOf(request.params.id)
  const { data, form } = readForm(schema, request, response)
  if (form) return refuse(request, response, found, form)
  await carryOut(found, data, person)
  setFlash(response, { kind: 'done', bold: t(`studio:moderation.flash.${data.decision}`) })
  response.redirect(303, localPath((request.body as { back?: unknown }).back) ?? path)
}

async function refuse(
  request: Request,
  response: Response,
  found: ModerationCase,
  form: Form,
): Promise<void> {
  refuseForm(response, 'studio/moderation-case', form, await caseView(request, response, found))
}

async function carryOut(
  found: ModerationCase,
  { decision, warning, suspension }: z.output<typeof schema>,
  { _id: by }: Person,
): Promise<void> {
  if (decision === 'hide') await hidePost(found, by)
  else await keepPost(found, by, await aboutOf(found))
  if (warning) await warn(found.person, by, warning)
  if (suspension === 'none') return
  const until = { week: later(now(), days(7)), month: later(now(), days(30)), good: null }[suspension]
  await suspendFromCommunity(found.person, by, until)
}

/** The title of the lesson that something is about, or of its course. */
async function aboutOf({ course: id, thread: threadId }: ModerationCase): Promise<string> {
  const [course, thread] = await Promise.all([
    Courses.findById(id, {
      'draft.title': 1,
      'draft.modules.lessons.slug': 1,
      'draft.modules.lessons.title': 1,
    }),
    Threads.findById(threadId, { lesson: 1 }),
  ])
  const lesson = course && lessonsOf(course.draft).find(({ slug }) => slug === thread?.lesson)
  return lesson?.title ?? course?.draft.title ?? ''
}

/** `POST /studio/moderation/people/:person/readmission`: lets someone ask and answer again. */
export const readmit: MemberHandler = async (request, response, person) => {
  const { person: id } = request.params
  if (!isObjectIdOrHexString(id)) throw notFound()
  await endSuspension(new Types.ObjectId(id), person._id)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('studio:moderation.flash.readmitted') })
  response.redirect(303, `${path}?show=suspended`)
}
