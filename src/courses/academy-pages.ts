import { markdownFacts, isPageId } from './markdown'
import type { Target } from './reference'

/** What links into the academy can lead to. */
export type AcademyPages = {
  /** The lessons of each course, as its pages show them; null for a course that isn't published. */
  courses: ReadonlyMap<string, readonly Target[] | null>
  /** Slugs of the learning paths. */
  paths: ReadonlySet<string>
}

/**
 * The pages that have an address of their own (test/courses/academy-links.test.ts compares them with the routes).
 */
export const fixedPages: ReadonlySet<string> = new Set([
  ...['/', '/courses', '/search', '/search/suggestions', '/paths', '/needs-assessment', '/learning'],
  ...['/contact-request', '/contact-request/sent', '/contact-request/demo.ics'],
  ...['/sessions', '/sessions.ics', '/sessions/proposals/new', '/learning/calendar'],
  ...['/time-zone', '/time-zone/choice'],
  ...['/community', '/community/groups', '/community/groups/new', '/community/shelves/add'],
  ...['/learning/goal', '/playlists', '/playlists/add', '/notes', '/notes.csv', '/notes.json', '/notes.md'],
  ...['/offline', '/offline/lessons', '/service-worker.js'],
  ...['/certificates', '/pricing', '/pricing/compare', '/sitemap.xml', '/robots.txt', '/theme', '/text-size'],
  ...['/sign-in', '/sign-up', '/sign-up/email-sent', '/account', '/account-deleted', '/account/certificates'],
  ...['/account/data', '/account/data.csv', '/account/data.json', '/account/email-preferences'],
  ...['/account/sharing', '/email-preferences/confirmed', '/orders', '/wishes'],
  ...['/accessibility', '/privacy', '/scoring', '/sharing', '/terms'],
  ...[
    '/studio',
    '/studio/courses/new',
    '/studio/imports/new',
    '/studio/questions',
    '/studio/community',
    '/studio/moderation',
    '/studio/moderation/rules',
    '/studio/searches',
    '/studio/catalogue',
  ],
  ...['/studio/media', '/studio/website'],
  ...['/embed', '/embed.js', '/oembed', '/feed.xml', '/feed.json'],
  ...[
    '/studio/paths',
    '/studio/paths/new',
    '/studio/sessions',
    '/studio/sessions/new',
    '/studio/sessions/proposals',
  ],
  ...[
    '/sales/queue',
    '/sales/leads',
    '/sales/leads.csv',
    '/sales/lead-filters',
    '/sales/views',
    '/sales/lead-batches/new',
    '/sales/demos',
    '/sales/digest',
    '/sales/scoring-model',
    '/sales/routing',
    '/sales/routing/draft',
    '/sales/routing/rehearsal',
    '/sales/routing/versions',
    '/insights',
    '/insights.csv',
    '/insights/people',
    '/feedback',
    '/feedback.csv',
    '/feedback/new',
  ],
  ...['/integrations/endpoints', '/integrations/endpoints/new', '/integrations/deliveries'],
  ...[
    '/integrations/inbound-events',
    '/integrations/deliveries.csv',
    '/integrations/inbound-events.csv',
    '/admin/audit',
    '/admin/audit.csv',
    '/admin/background-jobs',
    '/admin/scoring-model/draft',
    '/admin/scoring-model/draft/people',
    '/admin/scoring-model/draft/export.json',
    '/admin/scoring-model/follows',
    '/admin/scoring-model/schema.json',
    '/admin/scoring-model/imports/new',
    '/admin/scoring-model/publications/new',
    '/admin/scoring-model/versions',
    '/admin/scoring-model/suggestion',
    '/admin/scoring-model/hold-out',
    '/admin/competitors',
  ],
  ...['/admin/profile-questions', '/account/questions', '/account/team'],
  ...['/admin/outside-views', '/admin/outside-views.csv'],
  ...['/admin/brands', '/admin/catalogue-lists', '/admin/embeds', '/admin/publishing'],
  ...[
    '/admin',
    '/admin/people',
    '/demo/mail',
    '/demo/crm',
    '/webhooks/message-types',
    '/webhooks/message-types.json',
    '/api/listeners/messages',
  ],
  ...['/healthz', '/readyz', '/metrics', '/host-check'],
])

/** Pages about one certificate, order, lead…, which only the people who may see them can look up. */
const privatePage =
  /^\/(?:certificates|community|sessions|orders|playlists|shared-playlists|assets|account|studio|sales|insights|feedback|integrations|admin|demo)\/[^/]/

/** Pages of a course besides its lessons. */
const coursePages = new Set([
  ...['', 'enrolment', 'certificate', 'checkout', 'contact-request', 'contact-request/sent'],
  ...['contact-request/demo.ics', 'finish-date', 'finished'],
  ...['cover.png', 'poster.webp', 'version', 'podcast', 'podcast.xml', 'podcast.png'],
])
/** Pages of a lesson besides its own. */
const lessonPages = new Set(['', 'practice', 'transcript.txt', 'offline'])

/**
 * Returns what a link into the academy leads to: `found`, `dead`, a course that isn't published, or `unchecked` for a
 * private page. A part of a lesson's page must be one of its headings.
 *
 * @param path such as `/courses/pumps/lessons/seals?x=1#part`.
 */
export function academyPage(
  path: string,
  { courses, paths }: AcademyPages,
): 'found' | 'dead' | 'unpublished' | 'unchecked' {
  const [, typed = '', anchor = ''] = /^([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/s.exec(path) ?? []
  const pathname = decoded(typed).replace(/(?<=.)\/$/, '')
  if (fixedPages.has(pathname.toLowerCase())) return 'found'
  const [, section = '', slug = '', rest = ''] = /^\/([^/]*)\/([^/]+)(?:\/(.*))?$/s.exec(pathname) ?? []
  if (section === 'paths') return (!rest || rest === 'finish-date') && paths.has(slug) ? 'found' : 'dead'
  if (section !== 'courses') return privatePage.test(pathname) ? 'unchecked' : 'dead'
  const lessons = courses.get(slug)
  if (lessons === undefined) return 'dead'
  if (lessons === null) return 'unpublished'
  if (coursePages.has(rest)) return 'found'
  // A question, which only those who see its lesson can look up.
  if (/^questions(?:\/[\da-f]{24})?$/.test(rest)) return 'unchecked'
  const [, name, page = ''] = /^lessons\/([^/]+)(?:\/(.*))?$/s.exec(rest) ?? []
  const lesson = lessons.find(each => each.slug === name)
  if (!lesson || !(lessonPages.has(page) || /^attempts\/\d+$/.test(page))) return 'dead'
  return !anchor || page || hasPart(lesson, decoded(anchor).toLowerCase()) ? 'found' : 'dead'
}

function hasPart({ body }: Target, id: string): boolean {
  return isPageId(id) || markdownFacts(body).headings.has(id)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
