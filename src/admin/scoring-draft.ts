import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import { audit } from '../events/audit'
import { namesOf } from '../people/names'
import { People, type Person } from '../people/person'
import { now } from '../platform/clock'
import { HttpError, notFound } from '../platform/errors'
import { checkModel } from '../scoring/check-model'
import { currentPeople } from '../scoring/current-people'
import { attendeesAmong, hitsOf } from '../scoring/effect'
import { firstModel } from '../scoring/first-model'
import { modelChanges, type ModelChange } from '../scoring/model-changes'
import { commentsOnModel, maxModelComment } from '../scoring/model-comment'
import { makePace } from '../scoring/pace'
import { discardModelDraft, modelDraft, saveModelDraft, type ModelDraft } from '../scoring/model-draft'
import { setFlash } from '../web/flash'
import { emptyForm, readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { fitName, fitSetName, ruleName } from '../web/model-texts'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { effectPanel } from './scoring-effect'
import { scoringFields } from './scoring-fields'
import {
  changedScoringItem,
  newScoringItem,
  scoringForms,
  scoringParts,
  valuesOfScoringItem,
  wholePart,
  withScoringItem,
  type ScoringInput,
  type ScoringPart,
} from './scoring-form'
import { exclusionRows, fitRows, gridRows, scoringRuleRows, type OpenItem } from './scoring-rows'
import { findingText } from './scoring-texts'
import { readScoringWorld } from './scoring-world'

export const scoringDraftPath = '/admin/scoring-model/draft'
export const scoringModelPath = '/sales/scoring-model'

const tabs = ['engagement', 'fit', 'grid', 'exclusions', 'checks', 'comments'] as const
type Tab = (typeof tabs)[number]
const tabOf: Record<ScoringPart, Tab> = {
  rules: 'engagement',
  groups: 'engagement',
  fit: 'fit',
  sets: 'fit',
  grid: 'grid',
  exclusions: 'exclusions',
}

/** `GET /admin/scoring-model/draft?tab=fit&edit=rules.pricingViewed`: the draft, with the form of one item. */
export const editModel: MemberHandler = async (request, response, user) => {
  const { tab: asked = '', edit: item = '' } = parametersOf(request)
  const [part, id = ''] = item.split('.')
  const known = scoringParts.find(each => each === part)
  const draft = await modelDraft()
  const values = known && valuesOfScoringItem(draft.content, known, id, nameIn(textsOf(response)))
  const open = values ? { part: known, item: id, form: emptyForm(values) } : null
  await renderDraft(response, user, draft, open, tabs.find(each => each === asked) ?? (known && tabOf[known]))
}

/**
 * `POST /admin/scoring-model/draft/:list/:name`: changes one item; `change` is `save`, `up`, `down`, `remove` or
 * `back`. With `preview`, it saves nothing and returns the panel with the effect of what is typed.
 */
export const changeModel: MemberHandler = async (request, response, user) => {
  const { list: typedPart, name: item } = request.params
  const part = scoringParts.find(each => each === typedPart)
  if (!part) throw notFound()
  const draft = await modelDraft()
  const { change: verb = 'save', draftNumber, preview } = (request.body ?? {}) as Record<string, unknown>
  if (preview !== undefined) return renderPreview(request, response, user, draft, part, item)
  if (verb === 'save') return saveItem(request, response, user, draft, part, item)
  if (part === 'sets' && verb === 'remove' && draft.content.fit.find(({ id }) => id === item)?.rules.length) {
    throw new HttpError(422, 'admin:errors.setNotEmpty')
  }
  const content = changedScoringItem(draft.content, draft.base.content, part, item, String(verb))
  if (!content) throw notFound()
  await saveModelDraft(content, Number(draftNumber), user._id)
  await saved(response, user, `${part}.${item}.${String(verb)}`, part)
}

/** `POST /admin/scoring-model/draft/removal`: the draft is what is active again. */
export const discardModel: MemberHandler = async (request, response, user) => {
  await discardModelDraft(Number((request.body as Record<string, unknown>).draftNumber))
  await audit({
    ...{ actor: user._id, action: 'scoring_model.draft_discarded' },
    subject: 'scoring-model',
  })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('admin:scoring.flash.discarded') })
  response.redirect(303, scoringModelPath)
}

function readItem(request: Request, response: Response, draft: ModelDraft, part: ScoringPart, item: string) {
  const texts = textsOf(response)
  if (!valuesOfScoringItem(draft.content, part, item, nameIn(texts))) throw notFound()
  const { data, form } = readForm(scoringForms[part], request, response)
  if (form) return { form }
  const input = { part, data } as ScoringInput
  return { content: withScoringItem(draft.content, item, input, id => shippedName(part, id, texts)) }
}

async function saveItem(
  request: Request,
  response: Response,
  user: Person,
  draft: ModelDraft,
  part: ScoringPart,
  item: string,
): Promise<void> {
  const typed = (request.body ?? {}) as Record<string, unknown>
  const { t } = textsOf(response)
  const refuse = (form: Form, status: number, current = draft) =>
    renderDraft(response.status(status), user, current, { part, item, form })
  const { form, content } = readItem(request, response, draft, part, item)
  if (form) return refuse(form, 422)
  if (!content) return refuse({ values: typed, errors: { form: t('admin:errors.tooManyRules') } }, 422)
  try {
    await saveModelDraft(content, Number(typed.draftNumber), user._id)
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 409)) throw error
    return refuse(
      { values: typed, errors: { form: t('admin:errors.draftConflict') } },
      409,
      await modelDraft(),
    )
  }
  await saved(response, user, `${part}.${item}`, part)
}

async function renderPreview(
  request: Request,
  response: Response,
  user: Person,
  draft: ModelDraft,
  part: ScoringPart,
  item: string,
): Promise<void> {
  const { content } = readItem(request, response, draft, part, item)
  // What is half typed has no effect yet; the last one stays.
  if (!content) return void response.sendStatus(422)
  const pace = makePace()
  const rest = async () => {
    await pace()
    // The next key asks again, so nobody waits for this answer any more.
    if (response.closed) throw new HttpError(409, 'admin:errors.modelChanged')
  }
  const shown = { ...draft, draftNumber: 1 }
  const effect = await effectPanel(shown, content, user._id, textsOf(response), rest)
  response.render('admin/scoring-effect', { layout: false, effect })
}

async function saved(response: Response, user: Person, item: string, part: ScoringPart): Promise<void> {
  await audit({
    ...{ actor: user._id, action: 'scoring_model.draft_changed', subject: 'scoring-model' },
    detail: { item },
  })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('admin:scoring.flash.saved') })
  response.redirect(303, `${scoringDraftPath}?tab=${tabOf[part]}`)
}

/** Returns the name of a rule, a part of the fit, or a set. */
const nameIn = (texts: Texts) => (item: Parameters<Parameters<typeof valuesOfScoringItem>[3]>[0]) => {
  if ('when' in item) return fitName({ ...item, fact: item.when.fact }, texts)
  return 'take' in item ? fitSetName(item, texts) : ruleName(item, texts)
}

/** Returns the translated name of a shipped item; null for any other. */
function shippedName(part: ScoringPart, id: string, texts: Texts): string | null {
  const shipped =
    part === 'rules'
      ? firstModel.rules
      : part === 'sets'
        ? firstModel.fit
        : firstModel.fit.flatMap(each => each.rules)
  const item = shipped.find(each => each.id === id)
  return item ? nameIn(texts)(item) : null
}

async function renderDraft(
  response: Response,
  user: Person,
  draft: ModelDraft,
  open: OpenItem | null,
  asked?: Tab,
): Promise<void> {
  const texts = textsOf(response)
  const { t, number, date } = texts
  const { content, base, draftNumber } = draft
  const tab = asked ?? (open ? tabOf[open.part] : 'engagement')
  const [world, known, effect, comments, author] = await Promise.all([
    readScoringWorld(texts),
    currentPeople(),
    effectPanel(draft, content, user._id, texts),
    commentsOnModel(base._id + 1),
    draft.changedBy && People.findById(draft.changedBy, { name: 1 }),
  ])
  const at = now()
  const hits = await hitsOf(known.people, content, at)
  const findings = checkModel(content, hits, world.courses, attendeesAmong(known.people, at))
  const changes = modelChanges(base.content, content)
  const was = open && valuesOfScoringItem(base.content, open.part, open.item, nameIn(texts))
  const fields =
    open && scoringFields(open.part, open.item, content, { values: open.form.values, was }, world, texts)
  const shared = { content, base: base.content, changes, open, texts }
  const ruleGroups = scoringRuleRows(shared, hits, world)
  const counts: Partial<Record<Tab, number>> = {
    engagement: content.rules.length,
    fit: content.fit.reduce((sum, { rules }) => sum + rules.length, 0),
    checks: findings.length,
    comments: comments.length,
  }
  const names = await namesOf(comments.map(({ by }) => by))
  response.render('admin/scoring-draft', {
    layout: 'workspace',
    nav: 'model',
    head: { title: t('admin:scoring.draftTitle', { version: base._id + 1 }) },
    scripts: ['/js/choice-filter.js', '/js/scoring.js'],
    sentence: t(changes.length ? 'admin:scoring.sentence' : 'admin:scoring.sentenceSame', {
      count: changes.length,
      version: base._id,
      since: base.activeSince && date(base.activeSince),
    }),
    savedAt:
      draft.changedAt &&
      t('admin:scoring.savedAt', { when: date(draft.changedAt, 'full'), name: author?.name ?? '' }),
    ...{ draftNumber, tab, effect, form: open?.form, open },
    changeCount: changes.length && t('admin:scoring.changeCount', { count: changes.length }),
    tabs: tabs.map(each => ({
      name: t(`admin:scoring.tabs.${each}`),
      count: counts[each] === undefined ? '' : number(counts[each]),
      href: `${scoringDraftPath}?tab=${each}`,
      isCurrent: each === tab,
    })),
    fields,
    itemForm:
      open &&
      itemForm(
        open,
        draft,
        changes,
        ruleGroups.flatMap(({ rules }) => rules).find(({ isOpen }) => isOpen)?.note ?? '',
      ),
    groups: ruleGroups,
    sets: fitRows(shared, world),
    grid: gridRows(content, texts),
    exclusions: exclusionRows(content, texts),
    editHref: (part: ScoringPart, item: string) => `${scoringDraftPath}?edit=${part}.${item}#edit`,
    findings: findings.map(finding => ({
      text: findingText(finding, content, texts),
      people:
        finding.rule && finding.people.length
          ? {
              href: `${scoringDraftPath}/people?rule=${encodeURIComponent(finding.rule)}`,
              text: t('admin:scoring.showPeople', { count: finding.people.length }),
            }
          : null,
      edit: finding.rule ? `${scoringDraftPath}?edit=rules.${finding.rule}#edit` : null,
    })),
    commentKey: String(new Types.ObjectId()),
    commentField: {
      ...{ name: 'text', label: t('admin:scoring.fields.comment'), kind: 'textarea', rows: 3 },
      ...{ required: true, maxlength: maxModelComment },
    },
    comments: comments.map(({ _id, at: when, by, text }) => ({
      ...{ id: String(_id), text, at: date(when, 'full') },
      by: names.get(String(by)) ?? t('sales:lead.formerTeammate'),
      isOwn: by.equals(user._id),
    })),
  })
}

/** What surrounds the fields of the open form. */
function itemForm(
  { part, item }: OpenItem,
  { content }: ModelDraft,
  changes: readonly ModelChange[],
  note: string,
) {
  const isNew = item === newScoringItem
  const isWhole = item === wholePart
  const isEmptySet = part === 'sets' && !content.fit.find(({ id }) => id === item)?.rules.length
  return {
    note,
    action: `${scoringDraftPath}/${part}/${item}`,
    cancel: `${scoringDraftPath}?tab=${tabOf[part]}`,
    canRemove: !isNew && !isWhole && (part !== 'sets' || isEmptySet),
    canPutBack:
      isWhole || (part === 'rules' && changes.some(change => change.part === 'rules' && change.id === item)),
  }
}
