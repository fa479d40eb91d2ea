/**
 * Every route with a secret in its path: anyone with the link can use it. Rooms declare these routes, and build the
 * links to them, from this list. It also decides which paths are kept out of the log, visits, stored emails and error
 * messages, referrers, search engines and caches.
 */
export const secretRoutes = {
  /** Signs in, creates the account or confirms the subscription. */
  link: '/links/:token',
  unsubscribe: '/unsubscribe/:token',
  /** Accepts or rejects a lead. */
  leadAction: '/lead-actions/:token',
  /** Creates the first administrator. */
  setup: '/setup/:token',
  /** Shows the draft of the brand. */
  brandPreview: '/brand-previews/:token',
  /** Invites to a course. */
  courseInvitation: '/course-invitations/:token',
  /** Stops invitations to the address of an email. */
  stopInvitations: '/stop-invitations/:token',
  /** Shows the draft of a course. */
  coursePreview: '/course-previews/:token',
  /** Shows a playlist that a learner shares. */
  sharedPlaylist: '/shared-playlists/:token',
  /** The podcast of a course, for a learner's app. */
  podcast: '/podcasts/:token',
  /** The code in the room of a live session, which checks in whoever scans it. */
  checkIn: '/check-in/:token',
  /** The sessions that a learner has booked, for their calendar. */
  sessionCalendar: '/session-calendars/:token',
} as const

type SecretRoute = (typeof secretRoutes)[keyof typeof secretRoutes]

/** The first segments of the routes: `/links`. Everything after them is secret. */
export const secretPrefixes = Object.values(secretRoutes).map(route => route.slice(0, route.indexOf('/:')))

/** Returns the path of a secret route with its token. */
export function secretPath(route: SecretRoute, token: string): string {
  return route.replace(':token', encodeURIComponent(token))
}

/** Returns the URL of a secret route with its token at a brand's address, for an email or a message. */
export function secretUrl(baseUrl: string, route: SecretRoute, token: string): string {
  return baseUrl + secretPath(route, token)
}

const entity = String.raw`&(?:amp;)*(?:#x0*(?:2f|5c)|#0*(?:47|92)|sol|bsol);`
/**
 * A slash in a URL, in JSON, in HTML, or percent-encoded any number of times; or a backslash, which browsers read as
 * one.
 */
const slash = String.raw`(?:\\u00(?:2f|5c)|[/\\]|%(?:25)*(?:2f|5c)|${entity}){1,20}`
const names = secretPrefixes.map(prefix => prefix.slice(1)).join('|')
const secretPrefixAlone = new RegExp(`^${slash}(?:${names})${slash}?$`, 'i')
/** The token ends where a URL ends in text, HTML, JSON and an email header, or at the next slash. */
const secretInText = new RegExp(String.raw`(${slash}(?:${names})${slash})[^\s/\\"'<>()?#&;,]+`, 'gi')

/** Returns text with the tokens of all links in it replaced, whether they are complete URLs, paths or encoded ones. */
export function withoutSecrets(text: string): string {
  return text.replace(secretInText, '$1…')
}

/** True for a path that leads to a secret route, however it is written: case and encoding don't matter. */
export function isSecretPath(path: string): boolean {
  const decoded = decodedPath(path)
  return decoded.search(secretInText) === 0 || secretPrefixAlone.test(decoded)
}

/** Decodes a path until nothing encoded is left in it, as an attacker or a mail program may encode it twice. */
export function decodedPath(path: string): string {
  for (let decoded = path; ;) {
    const next = decodedOnce(decoded)
    if (next === decoded) return decoded
    decoded = next
  }
}

/** Decodes what can be decoded; `%ff` and `%zz` stay as they are. */
function decodedOnce(path: string): string {
  return path.replace(/(?:%[0-9a-f]{2})+/gi, encoded => {
    try {
      return decodeURIComponent(encoded)
    } catch {
      return encoded
    }
  })
}
