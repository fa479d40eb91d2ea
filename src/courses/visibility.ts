/** Who can find a course, in `course.yml`; everyone when the file doesn't say. */
export const courseVisibilities = [
  'public',
  'signed-in',
  'verified-company',
  'listed-companies',
  'invited',
] as const
export type CourseVisibility = (typeof courseVisibilities)[number]

/**
 * Who can open a lesson, in its front matter; the learners of the course when it doesn't say. `signed-in` opens it to
 * people who haven't enrolled, and the others narrow it.
 */
export const lessonVisibilities = [
  'signed-in',
  'paid',
  'verified-company',
  'listed-companies',
  'invited',
] as const
export type LessonVisibility = (typeof lessonVisibilities)[number]

/** The most companies in one list of a course. */
export const maxCompanies = 200

/** What of a visitor decides what they may see. */
export type Viewer = {
  /** Works for the academy, and sees every course. */
  isTeam: boolean
  isSignedIn: boolean
  /** The registrable domain of their address; null for an anonymous visitor and for free mail. */
  domain: string | null
  /** They have proved that the address is theirs. */
  isConfirmed: boolean
  /** The domain belongs to a company, and not to a mail provider or a university. */
  isCompany: boolean
  /** The ids of the courses that they are invited to. */
  invitedTo: ReadonlySet<string>
}

export const anonymousViewer: Viewer = {
  isTeam: false,
  isSignedIn: false,
  domain: null,
  isConfirmed: false,
  isCompany: false,
  invitedTo: new Set(),
}

type RestrictedCourse = {
  /** Its id. */
  course: { toString: () => string }
  content: {
    visibility?: CourseVisibility | undefined
    companies?: readonly string[] | undefined
    excludedCompanies?: readonly string[] | undefined
  }
}
type RestrictedLesson = { preview: boolean; visibility?: LessonVisibility | undefined }

/**
 * Whether a visitor may find a course. For everyone else it doesn't exist. An excluded company comes before an
 * invitation, and an invitation before everything else. Learners keep what they have enrolled in; that is for the
 * caller to know (`load` in academy/course-context.ts).
 */
export function sees(viewer: Viewer, { course, content }: RestrictedCourse): boolean {
  if (viewer.isTeam) return true
  if (viewer.domain && content.excludedCompanies?.includes(viewer.domain)) return false
  if (viewer.invitedTo.has(String(course))) return true
  return isAdmitted(viewer, content.visibility ?? 'public', { course, content })
}

/**
 * Whether a lesson exists for a visitor who sees its course. One that is only for some companies or for invited people
 * doesn't for others, and doesn't count for their progress either.
 */
export function seesLesson(
  viewer: Viewer,
  course: RestrictedCourse,
  { visibility }: Pick<RestrictedLesson, 'visibility'>,
): boolean {
  if (!visibility || visibility === 'signed-in' || visibility === 'paid') return true
  return viewer.isTeam || isAdmitted(viewer, visibility, course)
}

/**
 * Whether a visitor may open a lesson that they see: a free preview, one that is open to everyone who is signed in, or
 * any lesson of a course that they are enrolled in. One for buyers needs a payment, even of learners.
 */
export function opensLesson(
  visitor: { isSignedIn: boolean; hasAccess: boolean; hasPaid: boolean },
  { preview, visibility }: RestrictedLesson,
): boolean {
  if (preview) return true
  if (visibility === 'signed-in') return visitor.isSignedIn
  return visitor.hasAccess && (visibility !== 'paid' || visitor.hasPaid)
}

function isAdmitted(
  viewer: Viewer,
  visibility: CourseVisibility,
  { course, content }: RestrictedCourse,
): boolean {
  const { isSignedIn, isConfirmed, isCompany, domain, invitedTo } = viewer
  switch (visibility) {
    case 'public':
      return true
    case 'signed-in':
      return isSignedIn
    case 'verified-company':
      return isConfirmed && isCompany
    case 'listed-companies':
      return isConfirmed && domain !== null && (content.companies ?? []).includes(domain)
    case 'invited':
      return invitedTo.has(String(course))
  }
}

/** Whether search engines and people who aren't signed in may see a course. */
export function isForEveryone({ visibility = 'public' }: RestrictedCourse['content']): boolean {
  return visibility === 'public'
}
