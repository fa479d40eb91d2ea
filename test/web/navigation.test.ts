import { translatorsFor } from '../../src/web/i18n'
import { icon } from '../../src/web/icon'
import { accountNavigation, mainNavigation, roomLinks, workspaceMenu } from '../../src/web/navigation'

const t = translatorsFor('en').t
const everything = { studio: true, sales: true, endpoints: true, insights: true, admin: true }
const textsOf = (links: { text: string }[]) => links.map(({ text }) => text)

test('an admin finds every room in the menus, each link with an icon that exists', () => {
  const page = { t, path: '/admin/people', nav: 'people', can: everything, counts: { queue: 3 } }
  const menu = workspaceMenu(page)
  expect(menu).toMatchObject({ home: '/sales/queue', room: 'Admin', canOpenStudio: true })
  expect(menu.groups.map(({ title, links }) => [title, textsOf(links)])).toEqual([
    ['', ['Queue', 'Leads', 'Demos', 'Digest', 'Deliveries', 'Endpoints', 'Outcomes']],
    ['Analytics', ['Scoring model', 'Routing', 'Insights', 'Feedback']],
    [
      'Admin',
      [
        'Go-live checklist',
        'People',
        'Brands',
        'Catalogue lists',
        'Embeds',
        'Publishing',
        'Competitors',
        'Questions',
        'Outside views',
        'Background jobs',
        'Audit log',
      ],
    ],
  ])
  const links = menu.groups.flatMap(group => group.links)
  for (const link of links) expect(icon(link.icon!)).toContain('<svg')
  expect(links[0]).toMatchObject({ count: '3', current: '' })
  expect(links.find(({ text }) => text === 'People')!.current).toBe(' aria-current="page"')
  expect(textsOf(roomLinks(page))).toEqual(['Studio', 'Sales', 'Insights', 'Admin'])
})

test('a sales rep sees neither endpoints nor admin pages in the menu', () => {
  const menu = workspaceMenu({ t, path: '/sales/leads', nav: 'leads', can: { sales: true, insights: true } })
  expect(menu.groups.flatMap(({ links }) => textsOf(links))).toEqual([
    'Queue',
    'Leads',
    'Demos',
    'Digest',
    'Deliveries',
    'Outcomes',
    'Scoring model',
    'Routing',
    'Insights',
    'Feedback',
  ])
  expect(menu.canOpenStudio).toBe(false)
})

test('an author sees only insights and feedback in the workspace menu, and no group stays empty', () => {
  const menu = workspaceMenu({ t, path: '/insights', nav: 'insights', can: { studio: true, insights: true } })
  expect(menu.groups.map(({ links }) => textsOf(links))).toEqual([['Insights', 'Feedback']])
  expect(menu.home).toBe('/')
})

test('a learner sees which section a page belongs to', () => {
  const [courses, paths] = mainNavigation({ t, path: '/courses/pumps', nav: 'courses' })
  expect(courses).toMatchObject({ href: '/courses', text: 'Courses', current: ' aria-current="true"' })
  expect(paths!.current).toBe('')
  const here = accountNavigation({ t, path: '/orders', here: 'orders' }).filter(({ current }) => current)
  expect(textsOf(here)).toEqual(['Orders'])
})
