import type { Response } from 'express'
import { audit } from '../events/audit'
import {
  activeRouting,
  routingDraft,
  saveRouting,
  type RoutingContent,
  type RoutingDraft,
} from '../leads/routing-rules'
import type { Person } from '../people/person'
import { HttpError, notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import { emptyForm, readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { parametersOf } from '../web/parameters'
import { textsOf } from '../web/texts'
import {
  movedRoutingItem,
  newItem,
  routingForms,
  routingParts,
  valuesOfItem,
  withRoutingItem,
  type RoutingInput,
  type RoutingPart,
} from './routing-form'
import { routingFields } from './routing-fields'
import { routingPath } from './routing'
import { changedTag, readRoutingWorld, restTexts, ruleRows, teamRows } from './routing-view'

const draftPath = `${routingPath}/draft`

/** The form that is open, in the row of what it changes. */
type Open = { part: RoutingPart; item: string; form: Form; draftNumber?: number }

/** `GET /sales/routing/draft?edit=rules.uk`: the draft of the rules, with the form of one item. */
export const edit: MemberHandler = async (request, response) => {
  const [part = '', item = ''] = (parametersOf(request).edit ?? '').split('.')
  const known = routingParts.find(each => each === part)
  const draft = await routingDraft()
  const values = known && valuesOfItem(draft.content, known, item)
  await renderDraft(response, draft, values ? { part: known, item, form: emptyForm(values) } : null)
}

/**
 * `POST /sales/routing/draft/:list/:name`: saves one item of the draft; `change` is `save`, `up`, `down` or `remove`.
 */
export const change: MemberHandler = async (request, response, user) => {
  const { list, name: item } = request.params
  const part = routingParts.find(each => each === list)
  if (!part) throw notFound()
  const draft = await routingDraft()
  const { change: verb = 'save', draftNumber } = (request.body ?? {}) as Record<string, unknown>
  if (verb === 'save') return saveItem(request, response, user, draft, part, item)
  if (part === 'pools' && verb === 'remove' && isUsed(draft.content, item)) {
    throw new HttpError(422, 'sales:routing.errors.poolUsed')
  }
  const content = movedRoutingItem(draft.content, part, item, String(verb))
  if (!content) throw notFound()
  await saveRouting(content, Number(draftNumber))
  await saved(response, user, `${part}.${item}.${String(verb)}`, part)
}

const isUsed = ({ rules, fallback }: RoutingContent, pool: string) =>
  fallback === pool || rules.some(({ target }) => target.kind === 'pool' && target.id === pool)

async function saveItem(
  request: Parameters<MemberHandler>[0],
  response: Response,
  user: Person,
  draft: RoutingDraft,
  part: RoutingPart,
  item: string,
): Promise<void> {
  const typed = (request.body ?? {}) as Record<string, unknown>
  const { t } = textsOf(response)
  if (!valuesOfItem(draft.content, part, item)) throw notFound()
  if (part === 'people' && !/^[0-9a-f]{24}$/.test(item)) throw notFound()
  const { data, form } = readForm(routingForms[part], request, response)
  if (form) return renderDraft(response.status(422), draft, { part, item, form })
  const content = withRoutingItem(draft.content, item, { part, data } as RoutingInput)
  const refuse = (status: number, key: string, draftNumber?: number) =>
    renderDraft(response.status(status), draft, {
      ...{ part, item, draftNumber },
      form: { values: typed, errors: { form: t(key) } },
    })
  if (!content) return refuse(422, 'sales:routing.errors.tooMany')
  try {
    await saveRouting(content, Number(typed.draftNumber))
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 409)) throw error
    return refuse(409, 'sales:routing.errors.conflict', draft.draftNumber)
  }
  await saved(response, user, `${part}.${item}`, part)
}

/** `POST /sales/routing/draft/removal`: the draft is what is published again. */
export const discardDraft: MemberHandler = async (request, response, user) => {
  const { content } = await activeRouting()
  await saveRouting(content, Number((request.body as Record<string, unknown>).draftNumber))
  await audit({
    actor: user._id,
    action: 'routing.changed',
    subject: 'routing',
    detail: { item: 'discarded' },
  })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('sales:routing.flash.discarded') })
  response.redirect(303, routingPath)
}

async function saved(response: Response, user: Person, item: string, part: string): Promise<void> {
  await audit({ actor: user._id, action: 'routing.changed', subject: 'routing', detail: { item } })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('sales:routing.flash.saved') })
  response.redirect(303, `${draftPath}#${part}`)
}

async function renderDraft(response: Response, draft: RoutingDraft, open: Open | null): Promise<void> {
  const texts = textsOf(response)
  const { t, number, date } = texts
  const [{ number: version, content: published }, world] = await Promise.all([
    activeRouting(),
    readRoutingWorld(texts),
  ])
  const { content } = draft
  const isOpen = (part: RoutingPart, item: string) => open?.part === part && open.item === item
  const editHref = (part: RoutingPart, item: string) => `${draftPath}?edit=${part}.${item}#edit`
  const rowOf = <Row extends { id: string; name: string }>(part: RoutingPart, row: Row) => ({
    ...row,
    isOpen: isOpen(part, row.id),
    editHref: editHref(part, row.id),
    action: `${draftPath}/${part}/${row.id}`,
    labels: {
      edit: t('sales:routing.edit.editLabel', { name: row.name }),
      up: t('sales:routing.edit.upLabel', { name: row.name }),
      down: t('sales:routing.edit.downLabel', { name: row.name }),
    },
  })
  const adding = (part: RoutingPart) => ({
    isOpen: isOpen(part, newItem),
    href: editHref(part, newItem),
    action: `${draftPath}/${part}/${newItem}`,
  })
  response.render('sales/routing-draft', {
    layout: 'workspace',
    nav: 'routing',
    head: { title: t('sales:routing.draftTitle') },
    sentence: t(version === null ? 'sales:routing.draftFirst' : 'sales:routing.draftSentence', { version }),
    savedAt: draft.changedAt && t('sales:routing.savedAt', { when: date(draft.changedAt, 'full') }),
    draftNumber: open?.draftNumber ?? draft.draftNumber,
    rules: ruleRows(content, world, texts, published).map(row => rowOf('rules', row)),
    team: teamRows(content, world, texts, published).map(row => rowOf('people', row)),
    pools: content.pools.map(pool =>
      rowOf('pools', {
        ...{ id: pool.id, name: pool.name },
        members: pool.members.map(world.nameOf).join(', '),
        share: t(`sales:routing.sharing.${pool.share}`),
        changed: changedTag(pool, published.pools, null, texts),
      }),
    ),
    calendars: content.calendars.map(calendar =>
      rowOf('calendars', {
        ...{ id: calendar.id, name: calendar.name },
        count: number(calendar.daysOff.length),
        changed: changedTag(calendar, published.calendars, null, texts),
      }),
    ),
    rest: restTexts(content, texts),
    settings: {
      isOpen: isOpen('settings', 'all'),
      href: editHref('settings', 'all'),
      action: `${draftPath}/settings/all`,
    },
    add: { rules: adding('rules'), pools: adding('pools'), calendars: adding('calendars') },
    fields: open ? routingFields(open.part, content, world, texts) : [],
    canRemove: open !== null && open.item !== newItem && open.part !== 'settings' && open.part !== 'people',
    form: open?.form,
  })
}
