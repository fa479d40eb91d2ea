import type { Translate } from './i18n'

/** What the menus read from a page. `nav` names its section, and `here` its account page. */
export type NavigationPage = {
  t: Translate
  path: string
  nav?: string
  here?: string
  can?: Partial<Record<'studio' | 'sales' | 'endpoints' | 'insights' | 'admin', boolean>>
  counts?: Record<string, number | string>
  offers?: { pricing: boolean }
}

/** A menu link. `current` is HTML: an aria-current attribute with its leading space, or nothing. */
export type MenuLink = { href: string; text: string; current: string; icon?: string; count?: string }

type Entry = readonly [id: string, href: string, icon?: string]

const mainEntries: Entry[] = [
  ['courses', '/courses'],
  ['paths', '/paths'],
  ['pricing', '/pricing'],
]

/** The academy's sections. */
export function mainNavigation(page: NavigationPage): MenuLink[] {
  const shown = mainEntries.filter(([id]) => id !== 'pricing' || page.offers?.pricing)
  return shown.map(([id, href]) => link(page, id, href, page.t(`layout:nav.${id}`)))
}

/** The studio's sections, and the way back to the academy. */
export function studioNavigation(page: NavigationPage): MenuLink[] {
  return [
    sectionLink(page, 'studio', '/studio'),
    sectionLink(page, 'paths', '/studio/paths'),
    sectionLink(page, 'questions', '/studio/questions'),
    { href: '/courses', text: page.t('layout:you.academy'), current: '' },
  ]
}

/** The staff sections that the person may open, for the account menu. */
export function roomLinks({ t, can = {} }: NavigationPage): MenuLink[] {
  const rooms = [
    ['studio', '/studio'],
    ['sales', '/sales/leads'],
    ['insights', '/insights'],
    ['admin', '/admin/people'],
  ] as const
  return rooms
    .filter(([room]) => can[room])
    .map(([room, href]) => ({ href, text: t(`layout:you.${room}`), current: '' }))
}

const accountEntries: Entry[] = [
  ['learning', '/learning'],
  ['certificates', '/account/certificates'],
  ['profile', '/account'],
  ['sharing', '/account/sharing'],
  ['emails', '/account/email-preferences'],
  ['orders', '/orders'],
  ['data', '/account/data'],
]

/** The learner's own pages; the one that `page.here` names is the current one. */
export function accountNavigation({ t, here }: NavigationPage): MenuLink[] {
  return accountEntries.map(([id, href]) => ({
    href,
    text: t(`layout:account.${id}`),
    current: here === id ? ' aria-current="page"' : '',
  }))
}

/** The columns of the footer. */
export function footerColumns({ t }: NavigationPage): { id: string; title: string; links: MenuLink[] }[] {
  const columns = {
    learn: { courses: '/courses', paths: '/paths', certificates: '/certificates' },
    trust: {
      sharing: '/sharing',
      scoring: '/scoring',
      privacy: '/privacy',
      accessibility: '/accessibility',
    },
  }
  return Object.entries(columns).map(([column, links]) => ({
    id: `footer-${column}`,
    title: t(`layout:footer.${column}.title`),
    links: Object.entries(links).map(([id, href]) => ({
      href,
      text: t(`layout:footer.${column}.${id}`),
      current: '',
    })),
  }))
}

/** The side menu of staff pages: the items the person may open, without empty groups. */
export type WorkspaceMenu = {
  home: string
  room: string
  groups: { title: string; links: MenuLink[] }[]
  canOpenStudio: boolean
}

/** The side menu of sales, integrations, insights and admin. */
export function workspaceMenu(page: NavigationPage): WorkspaceMenu {
  const { t, can = {}, nav = '' } = page
  const groups = [
    {
      title: '',
      links: [
        can.sales && entry('leads', '/sales/leads', 'users'),
        can.sales && entry('deliveries', '/integrations/deliveries', 'plugs-connected'),
        can.sales && can.endpoints && entry('endpoints', '/integrations/endpoints', 'paper-plane-tilt'),
        can.sales && entry('outcomes', '/integrations/inbound-events', 'arrows-clockwise'),
      ],
    },
    {
      title: t('layout:staffNav.analytics'),
      links: [
        can.sales && entry('model', '/sales/scoring-model', 'sliders-horizontal'),
        can.insights && entry('insights', '/insights', 'chart-line-up'),
      ],
    },
    {
      title: t('layout:staffNav.admin'),
      links: [
        can.admin && entry('people', '/admin/people', 'user-plus'),
        can.admin && entry('brands', '/admin/brands', 'palette'),
        can.admin && entry('lists', '/admin/catalogue-lists', 'list-bullets'),
        can.admin && entry('competitors', '/admin/competitors', 'prohibit'),
        can.admin && entry('jobs', '/admin/background-jobs', 'queue'),
        can.admin && entry('audit', '/admin/audit', 'clipboard-text'),
      ],
    },
  ]
  return {
    home: can.sales ? '/sales/leads' : '/',
    room: t(`layout:room.${roomOf(nav)}`),
    groups: groups
      .map(({ title, links }) => ({ title, links: links.filter(isEntry).map(each => staffLink(page, each)) }))
      .filter(({ links }) => links.length > 0),
    canOpenStudio: !!can.studio,
  }
}

function roomOf(nav: string): string {
  if (nav === 'insights') return 'insights'
  return ['people', 'brands', 'lists', 'competitors', 'jobs', 'audit'].includes(nav) ? 'admin' : 'sales'
}

function staffLink(page: NavigationPage, [id, href, icon]: Entry): MenuLink {
  const count = page.counts?.[id]
  const text = page.t(`layout:staffNav.${id}`)
  return { ...link(page, id, href, text), icon, count: count === undefined ? '' : String(count) }
}

/** A section is current on its own page, and marked as such on the pages below it. */
function link({ nav, path }: NavigationPage, id: string, href: string, text: string): MenuLink {
  const current = nav === id ? ` aria-current="${path === href ? 'page' : 'true'}"` : ''
  return { href, text, current }
}

function sectionLink({ t, nav }: NavigationPage, id: string, href: string): MenuLink {
  return { href, text: t(`layout:you.${id}`), current: nav === id ? ' aria-current="true"' : '' }
}

function entry(id: string, href: string, icon: string): Entry {
  return [id, href, icon]
}

function isEntry(each: Entry | false | undefined): each is Entry {
  return !!each
}
