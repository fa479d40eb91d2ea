import { Types } from 'mongoose'
import { z } from 'zod'
import { namesForSales } from '../people/names'
import { now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { currentPeople } from '../scoring/current-people'
import { effectOf, hitsOf, movesOf } from '../scoring/effect'
import { followedPeople, followPeople, maxFollowed } from '../scoring/followed-people'
import { modelDraft } from '../scoring/model-draft'
import { setFlash } from '../web/flash'
import { checkedValues, emptyForm, readForm, refuseForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { ruleName } from '../web/model-texts'
import { parametersOf } from '../web/parameters'
import { textsOf } from '../web/texts'
import { scoringDraftPath } from './scoring-draft'

const maxListed = 200

/**
 * `GET /admin/scoring-model/draft/people?rule=pricingViewed` or `?move=up`: whom a rule hits, or whom the draft moves,
 * with the score now and under the draft.
 */
export const peopleOfModel: MemberHandler = async (request, response) => {
  const texts = textsOf(response)
  const { t, points, number } = texts
  const { rule: asked, move = asked ? '' : 'up' } = parametersOf(request)
  const { base, content: draft } = await modelDraft()
  const known = await currentPeople()
  const compared = { active: base.content, draft, version: base._id, at: now() }
  const rule = draft.rules.find(({ id }) => id === asked)
  if (!rule && move !== 'up' && move !== 'down') throw notFound()
  const ids = rule
    ? [...(await hitsOf(known.people, draft, now())).get(rule.id)!.people]
    : (await effectOf(known.people, compared))[move as 'up' | 'down'].map(({ id }) => id)
  const listed = movesOf(known.people, ids.slice(0, maxListed), compared)
  const names = await namesForSales(listed.map(({ id }) => id))
  const title = rule
    ? t('admin:scoring.people.rule', { rule: ruleName(rule, texts) })
    : t(`admin:scoring.people.${move as 'up' | 'down'}`)
  response.render('admin/scoring-people', {
    layout: 'workspace',
    nav: 'model',
    head: { title },
    sentence: t('admin:scoring.people.sentence', { count: ids.length, people: number(ids.length) }),
    more: ids.length > maxListed ? t('admin:scoring.people.more', { count: maxListed }) : '',
    version: base._id,
    people: listed
      .sort((a, b) => b.after.engagement.points - a.after.engagement.points)
      .map(({ id, before, after }) => ({
        name: names.get(id) ?? t('sales:demoHours.notShared'),
        href: names.has(id) ? `/sales/leads/${id}` : null,
        before: `${points(before.engagement.points)} · ${before.grade}`,
        after: `${points(after.engagement.points)} · ${after.grade}`,
      })),
  })
}

const followForm = z.object({
  people: z
    .preprocess(
      checkedValues,
      z.array(z.string().regex(/^[0-9a-f]{24}$/, { error: 'web:errors.badRequest' })),
    )
    .refine(list => list.length <= maxFollowed, {
      error: 'admin:errors.tooManyFollowed',
    }),
})

/** `GET /admin/scoring-model/follows`: the leads to choose three from. */
export const askFollows: MemberHandler = async (_request, response, user) => {
  const page = await followsPage(response, user._id)
  response.render('admin/scoring-follows', {
    ...page,
    form: emptyForm({ people: await followedPeople(user._id) }),
  })
}

/** `POST /admin/scoring-model/follows`: follows up to three leads in the editor. */
export const followLeads: MemberHandler = async (request, response, user) => {
  const { data, form } = readForm(followForm, request, response)
  const page = await followsPage(response, user._id)
  if (form) return refuseForm(response, 'admin/scoring-follows', form, page)
  const shown = await namesForSales(data.people)
  await followPeople(
    user._id,
    data.people.filter(id => shown.has(id)),
  )
  setFlash(response, { kind: 'done', bold: textsOf(response).t('admin:scoring.flash.followed') })
  response.redirect(303, scoringDraftPath)
}

async function followsPage(response: Parameters<MemberHandler>[1], teammate: Types.ObjectId) {
  const texts = textsOf(response)
  const { t, points } = texts
  const [known, followed, { base }] = await Promise.all([
    currentPeople(),
    followedPeople(teammate),
    modelDraft(),
  ])
  const sumOf = ({ rawPointsByRule }: (typeof known.people)[number]) =>
    Object.values(rawPointsByRule).reduce((sum, each) => sum + each, 0)
  const likely = [...known.people].sort((a, b) => sumOf(b) - sumOf(a)).slice(0, maxListed)
  const ids = [...new Set([...(followed ?? []), ...likely.map(({ id }) => id)])]
  const compared = { active: base.content, draft: base.content, version: base._id, at: now() }
  const scores = new Map(movesOf(known.people, ids, compared).map(({ id, before }) => [id, before]))
  const names = await namesForSales(ids)
  return {
    layout: 'workspace',
    nav: 'model',
    head: { title: t('admin:scoring.follows.title') },
    scripts: ['/js/choice-filter.js'],
    sentence: t('admin:scoring.follows.sentence'),
    fields: [
      {
        ...{ name: 'people', kind: 'checkboxes' as const, isLong: true, filter: t('admin:scoring.find') },
        label: t('admin:scoring.fields.people'),
        options: ids
          .filter(id => names.has(id) && scores.has(id))
          .map(id => ({
            value: id,
            text: names.get(id)!,
            hint: t('admin:scoring.follows.score', {
              points: points(scores.get(id)!.engagement.points),
              grade: scores.get(id)!.grade,
            }),
          })),
      },
    ],
  }
}
