import type { ShownBrand } from '../brand/brand'
import { isNamedPage, namedPages, type PageLink } from '../brand/fields'
import type { Translate } from './i18n'

/** What the menus read from a page. `nav` names its section, and `here` its account page. */
export type NavigationPage = {
  t: Translate
  path: string
  nav?: string
  here?: string
  can?: Partial<
    Record<'studio' | 'allCourses' | 'writeCourses' | 'sales' | 'endpoints' | 'insights' | 'admin', boolean>
  >
  counts?: Record<string, number | string>
  offers?: { pricing: boolean; needsAssessment?: boolean; sessions?: boolean }
  brand?: ShownBrand
}

/** A menu link. `current` is HTML: an aria-current attribute with its leading space, or nothing. */
export type MenuLink = { href: string; text: string; current: string; icon?: string; count?: string }

type Entry = readonly [id: string, href: string, icon?: string]

/** The links of the header of a brand without its own. */
export const standardNavigation: PageLink[] = [
  '/courses',
  '/paths',
  '/sessions',
  '/community',
  '/pricing',
].map(path => ({
  label: '',
  path,
}))

/** The academy's sections: the brand's own links, or the standard ones. */
export function mainNavigation(page: NavigationPage): MenuLink[] {
  return brandLinks(page, page.brand?.content.navigation ?? standardNavigation)
}

/** Returns a brand's links, without those to pages that are switched off. */
function brandLinks(page: NavigationPage, links: PageLink[]): MenuLink[] {
  const { offers } = page
  const isOff = (path: string) =>
    (path === '/pricing' && !offers?.pricing) ||
    (path === '/needs-assessment' && !offers?.needsAssessment) ||
    (path === '/sessions' && !offers?.sessions)
  return links
    .filter(({ path }) => !isOff(path))
    .map(({ label, path }) => link(page, path.slice(1), path, labelOf({ label, path }, page.t)))
}

/** Returns the words of a brand's link: its own, or the name of the page that it leads to. */
export function labelOf({ label, path }: PageLink, t: Translate): string {
  return label || (isNamedPage(path) ? t(namedPages[path]) : path)
}

/** The studio's sections, and the way back to the academy. */
export function studioNavigation(page: NavigationPage): MenuLink[] {
  return [
    sectionLink(page, 'studio', '/studio'),
    ...(page.can?.allCourses
      ? [
          sectionLink(page, 'catalogue', '/studio/catalogue'),
          sectionLink(page, 'paths', '/studio/paths'),
          sectionLink(page, 'sessions', '/studio/sessions'),
          sectionLink(page, 'media', '/studio/media'),
          sectionLink(page, 'questions', '/studio/questions'),
          sectionLink(page, 'searches', '/studio/searches'),
        ]
      : []),
    ...(page.can?.writeCourses ? [sectionLink(page, 'website', '/studio/website')] : []),
    { href: '/courses', text: page.t('layout:you.academy'), current: '' },
  ]
}

/** The staff sections that the person may open, for the account menu. */
export function roomLinks({ t, can = {} }: NavigationPage): MenuLink[] {
  const rooms = [
    ['studio', '/studio'],
    ['sales', '/sales/queue'],
    ['insights', '/insights'],
    ['admin', '/admin'],
  ] as const
  return rooms
    .filter(([room]) => can[room])
    .map(([room, href]) => ({ href, text: t(`layout:you.${room}`), current: '' }))
}

const accountEntries: Entry[] = [
  ['learning', '/learning'],
  ['notes', '/notes'],
  ['playlists', '/playlists'],
  ['wishes', '/wishes'],
  ['certificates', '/account/certificates'],
  ['team', '/account/team'],
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

const standardLinks = (...paths: string[]): PageLink[] => paths.map(path => ({ label: '', path }))

/** The columns of the footer of a brand without its own; `title` is a translation key. */
export const standardFooter: { title: string; links: PageLink[] }[] = [
  {
    title: 'layout:footer.learn.title',
    links: standardLinks('/courses', '/paths', '/sessions', '/certificates'),
  },
  {
    title: 'layout:footer.trust.title',
    links: standardLinks('/sharing', '/scoring', '/privacy', '/terms', '/accessibility'),
  },
]

/** The columns of the footer: the brand's own, or the standard ones. */
export function footerColumns(page: NavigationPage): { id: string; title: string; links: MenuLink[] }[] {
  const columns =
    page.brand?.content.footer ?? standardFooter.map(({ title, links }) => ({ title: page.t(title), links }))
  return columns.map(({ title, links }, n) => ({
    id: `footer-${n + 1}`,
    title,
    links: brandLinks(page, links).map(each => ({ ...each, current: '' })),
  }))
}

/** The last line of the footer: whose academy it is, whom to write to, and what it runs on. */
export function footerFacts({ t, brand }: NavigationPage) {
  const { legalName = '', contactEmail = '', supportEmail = '', poweredBy = false } = brand?.content ?? {}
  return {
    emails: [
      ...(contactEmail ? [{ label: t('layout:footer.contact'), address: contactEmail }] : []),
      ...(supportEmail ? [{ label: t('layout:footer.support'), address: supportEmail }] : []),
    ],
    owner: legalName && `© ${legalName}`,
    poweredBy: poweredBy ? t('layout:footer.poweredBy') : '',
  }
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
        can.sales && entry('queue', '/sales/queue', 'tray'),
        can.sales && entry('leads', '/sales/leads', 'users'),
        can.sales && entry('demos', '/sales/demos', 'calendar-blank'),
        can.sales && entry('digest', '/sales/digest', 'envelope-simple'),
        can.sales && entry('deliveries', '/integrations/deliveries', 'plugs-connected'),
        can.sales && can.endpoints && entry('endpoints', '/integrations/endpoints', 'paper-plane-tilt'),
        can.sales && entry('outcomes', '/integrations/inbound-events', 'arrows-clockwise'),
      ],
    },
    {
      title: t('layout:staffNav.analytics'),
      links: [
        can.sales && entry('model', '/sales/scoring-model', 'sliders-horizontal'),
        can.sales && entry('routing', '/sales/routing', 'git-branch'),
        can.insights && entry('insights', '/insights', 'chart-line-up'),
        can.insights && entry('feedback', '/feedback', 'megaphone'),
      ],
    },
    {
      title: t('layout:staffNav.admin'),
      links: [
        can.admin && entry('checklist', '/admin', 'list-checks'),
        can.admin && entry('people', '/admin/people', 'user-plus'),
        can.admin && entry('brands', '/admin/brands', 'palette'),
        can.admin && entry('lists', '/admin/catalogue-lists', 'list-bullets'),
        can.admin && entry('embeds', '/admin/embeds', 'columns'),
        can.admin && entry('publishing', '/admin/publishing', 'seal-check'),
        can.admin && entry('competitors', '/admin/competitors', 'prohibit'),
        can.admin && entry('questions', '/admin/profile-questions', 'question'),
        can.admin && entry('outsideViews', '/admin/outside-views', 'eye'),
        can.admin && entry('jobs', '/admin/background-jobs', 'queue'),
        can.admin && entry('audit', '/admin/audit', 'clipboard-text'),
      ],
    },
  ]
  return {
    home: can.sales ? '/sales/queue' : '/',
    room: t(`layout:room.${roomOf(nav)}`),
    groups: groups
      .map(({ title, links }) => ({ title, links: links.filter(isEntry).map(each => staffLink(page, each)) }))
      .filter(({ links }) => links.length > 0),
    canOpenStudio: !!can.studio,
  }
}

function roomOf(nav: string): string {
  if (nav === 'insights' || nav === 'feedback') return 'insights'
  return [
    'checklist',
    'people',
    'brands',
    'lists',
    'embeds',
    'publishing',
    'competitors',
    'questions',
    'outsideViews',
    'jobs',
    'audit',
  ].includes(nav)
    ? 'admin'
    : 'sales'
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
