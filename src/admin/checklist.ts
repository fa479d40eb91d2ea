import type { Request, Response } from 'express'
import { Brands, defaultBrandId, findBrand, type Brand } from '../brand/brand'
import { measure } from '../brand/colour'
import { PricingPages } from '../brand/plans'
import { Paths } from '../courses/path'
import { publishedCourses } from '../courses/published'
import { People } from '../people/person'
import { connectionChecks, runConnectionChecks, type ConnectionCheck } from '../platform/connection-check'
import { Endpoints } from '../webhooks/endpoint'
import { textsOf, type Texts } from '../web/texts'
import { setFlash } from '../web/flash'
import { draftBlanks } from './brand-state'
import { nameOf } from './brand-parts'
import { brandPath } from './brands'

/** How a line stands: it has to be fixed before the academy opens, it should be looked at, or it passes. */
type State = 'blocks' | 'look' | 'passes'
type Line = { state: State; title: string; text: string; action?: { href: string; text: string } }

/** `GET /admin`: what is left to do before the academy opens, computed from what is there and what was tried. */
export async function show(_request: Request, response: Response): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const [brands, lines] = await Promise.all([findBrand(defaultBrandId), checklist(texts)])
  const first = brands!
  const of = (state: State) => lines.filter(line => line.state === state)
  const blocking = of('blocks').length
  response.render('admin/checklist', {
    layout: 'workspace',
    nav: 'checklist',
    head: { title: t('admin:checklist.title') },
    sentence: t(blocking ? 'admin:checklist.left' : 'admin:checklist.ready', {
      count: blocking,
      passed: of('passes').length,
      all: lines.length,
    }),
    progress: {
      label: t('admin:checklist.progress', { passed: of('passes').length, all: lines.length }),
      lessons: [...of('passes'), ...of('look'), ...of('blocks')].map(({ state }) => ({
        state: state === 'passes' ? ('done' as const) : ('todo' as const),
      })),
      rtl: texts.dir === 'rtl',
    },
    groups: order
      .map(state => ({
        id: state,
        title: t(`admin:checklist.groups.${state}`),
        icon: icons[state],
        state: t(`admin:checklist.states.${state}`),
        lines: of(state),
      }))
      .filter(group => group.lines.length),
    isOpen: first.version !== null,
    openHref: blocking ? null : `${brandPath(first)}/publications/new`,
    openHint: blocking ? t('admin:checklist.openHint', { count: blocking }) : '',
  })
}

const order: State[] = ['blocks', 'look', 'passes']
const icons = { blocks: 'x-circle-fill', look: 'clock', passes: 'check-circle-fill' } as const

/** `POST /admin/connection-checks`: tries every connection now, and shows the list again. */
export async function tryConnections(_request: Request, response: Response): Promise<void> {
  await runConnectionChecks()
  const failed = (await connectionChecks()).filter(([, check]) => !check?.passed).length
  const bold = response.locals.t('admin:checklist.tried', { count: failed })
  setFlash(response, { kind: failed ? 'warning' : 'done', bold })
  response.redirect(303, '/admin')
}

async function checklist(texts: Texts): Promise<Line[]> {
  const stored = await Brands.find({}, { _id: 1 }).sort({ _id: 1 })
  const ids = [defaultBrandId, ...stored.map(({ _id }) => _id).filter(id => id !== defaultBrandId)]
  const found = await Promise.all(ids.map(findBrand))
  const brands = found.filter(brand => brand !== null).filter(({ closed }) => !closed)
  const [lines, catalogue, endpoints, administrators, connections] = await Promise.all([
    Promise.all(brands.map(brand => brandLines(brand, brands.length > 1, texts))),
    catalogueLine(texts),
    endpointLines(texts),
    administratorLine(texts),
    connectionChecks(),
  ])
  const tried = connections.map(([name, check]) => connectionLine(name, check, texts))
  return [...lines.flat(), catalogue, ...tried, ...endpoints, administrators]
}

async function brandLines(brand: Brand, isOneOfSeveral: boolean, texts: Texts): Promise<Line[]> {
  const { t, number } = texts
  const path = brandPath(brand)
  const line = (state: State, key: string, values: Record<string, unknown> = {}, href?: string): Line => {
    const title = t(`admin:checklist.${key}.title`, values)
    return {
      state,
      title: isOneOfSeveral ? t('admin:checklist.ofBrand', { brand: nameOf(brand), title }) : title,
      text: t(`admin:checklist.${key}.text`, values),
      ...(href && { action: { href, text: t(`admin:checklist.${key}.action`) } }),
    }
  }
  const { accent, logoLight } = brand.draft
  const blanks = blankLines(brand, texts)
  const contrasts = accent ? measure(accent).filter(({ needs }) => needs >= textContrast) : []
  const lowest = number(Math.min(...contrasts.map(({ contrast }) => contrast)))
  const pricing = await PricingPages.isOn({ id: brand._id })
  return [
    ...blanks.map(([values, href]) => line('blocks', 'blanks', values, href)),
    ...(blanks.length ? [] : [line('passes', 'noBlanks')]),
    logoLight ? line('passes', 'logo') : line('look', 'noLogo', {}, `${path}/look`),
    accent ? line('passes', 'accent', { accent, lowest }) : line('look', 'noAccent', {}, `${path}/look`),
    pricing ? line('passes', 'pricing') : line('look', 'noPricing', {}, `${path}/plans`),
    ...(isOneOfSeveral && brand._id !== defaultBrandId && brand.version === null
      ? [line('look', 'unpublished', {}, `${path}/publications/new`)]
      : []),
  ]
}

/** What WCAG 2.2 asks of text. */
const textContrast = 4.5

/** Returns what is still blank, by the page where it is written, each with the address of its first blank. */
function blankLines(
  brand: Brand,
  texts: Texts,
): [values: { where: string; names: string; count: number }, href: string][] {
  const blanks = draftBlanks(brand, texts)
  return [...new Set(blanks.map(({ where }) => where))].map(where => {
    const found = blanks.filter(blank => blank.where === where)
    const names = found.map(({ what }) => what).join(', ')
    return [{ where, names, count: found.length }, found[0]!.href]
  })
}

async function catalogueLine({ t }: Texts): Promise<Line> {
  const [courses, paths] = await Promise.all([publishedCourses(), Paths.published()])
  const isEmpty = courses.length === 0
  const key = `admin:checklist.${isEmpty ? 'noCourses' : 'courses'}`
  const action = { href: '/studio', text: t('admin:checklist.noCourses.action') }
  return {
    state: isEmpty ? 'blocks' : 'passes',
    title: t(`${key}.title`, { count: courses.length }),
    text: t(`${key}.text`, { count: paths.length }),
    ...(isEmpty && { action }),
  }
}

/** A line for each endpoint, or one that says what happens without any. */
async function endpointLines(texts: Texts): Promise<Line[]> {
  const { t, date } = texts
  const endpoints = await Endpoints.find({ removedAt: null }).sort({ name: 1 }).limit(maxEndpoints)
  const line = (
    state: State,
    key: string,
    name = '',
    values: Record<string, unknown> = {},
    href = '',
  ): Line => ({
    state,
    title: t(`admin:checklist.${key}.title`, { name }),
    text: t(`admin:checklist.${key}.text`, { name, ...values }),
    ...(href && { action: { href, text: t(`admin:checklist.${key}.action`) } }),
  })
  if (!endpoints.length) return [line('look', 'noEndpoint', '', {}, '/integrations/endpoints')]
  return endpoints.map(({ _id, name, state, lastSuccessAt, lastTest, failingSince }) => {
    const href = `/integrations/endpoints/${_id}`
    if (state !== 'active') return line('look', 'stoppedEndpoint', name, {}, href)
    if (failingSince) return line('look', 'failingEndpoint', name, { time: date(failingSince, 'full') }, href)
    const acceptedAt = lastSuccessAt ?? (isAccepted(lastTest?.status) ? lastTest!.at : null)
    if (!acceptedAt) return line('look', 'untriedEndpoint', name, {}, href)
    return line('passes', 'endpoint', name, { time: date(acceptedAt, 'full') })
  })
}

const maxEndpoints = 20

const isAccepted = (status?: number | null) => status != null && status >= 200 && status < 300

async function administratorLine({ t }: Texts): Promise<Line> {
  const count = await People.count({ role: 'admin', suspendedAt: null })
  const key = `admin:checklist.${count > 1 ? 'administrators' : 'oneAdministrator'}`
  const action = { href: '/admin/people', text: t('admin:checklist.oneAdministrator.action') }
  return {
    state: count > 1 ? 'passes' : 'look',
    title: t(`${key}.title`, { count }),
    text: t(`${key}.text`, { count }),
    ...(count < 2 && { action }),
  }
}

function stateOf({ passed, onlyHere }: ConnectionCheck): State {
  if (!passed) return 'blocks'
  return onlyHere ? 'look' : 'passes'
}

function connectionLine(name: string, check: ConnectionCheck | null, { t, date }: Texts): Line {
  const title = t(`admin:checklist.connections.${name}.title`)
  if (!check) return { state: 'look', title, text: t('admin:checklist.notTried') }
  const outcome = t(`admin:checklist.connections.${name}.${check.text}`, check.values)
  return {
    state: stateOf(check),
    title,
    text: t('admin:checklist.outcome', { outcome, time: date(check.at, 'full') }),
  }
}
