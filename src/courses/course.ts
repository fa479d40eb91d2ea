import { defineQueue } from '../platform/queue'
import {
  boolean,
  date,
  free,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  optional,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import type { Asset } from './asset'
import { courseRoles } from './course-role'
import type { Lesson } from './kinds/kinds'
import type { CourseVisibility } from './visibility'

export type { Lesson }

/** What an author writes: the same tree as the folder of Markdown (see import-course.ts). */
export type CourseContent = {
  title: string
  summary: string
  /** Markdown. */
  description: string
  /** An entry of the academy's topics (see catalogue-lists.ts); an imported one may not be listed yet. */
  topic: string
  /** Entries of its audiences. */
  audiences: string[]
  /** An entry of its levels. */
  level: string
  language: string
  /** In minor units of the currency; null for a free course. */
  price: { amount: number; currency: string } | null
  authors: Author[]
  outcomes: string[]
  forYou: string[]
  notForYou: string[]
  callToAction: { kind: 'demo' | 'trial' | 'contact' | 'checkout'; label: string; text: string } | null
  certificate: boolean
  /** The day a subject expert last reviewed the whole course, `YYYY-MM-DD`. */
  checkedOn: string | null
  related: string[]
  /** The image of a course that has one as its cover: `assets/cover.webp`. Any other cover is drawn. */
  cover?: string | undefined
  /** The lesson whose video the course's page plays; without it, the first one that is a free preview and has one. */
  previewVideo?: string | undefined
  /** Who can find it; everyone without it (see visibility.ts). */
  visibility?: CourseVisibility | undefined
  /** Registrable domains: for whom it is when it is for listed companies, and from whom it is kept. */
  companies?: string[] | undefined
  excludedCompanies?: string[] | undefined
  modules: Module[]
  assets: Asset[]
}

/** Who teaches a course. `about` is what its page says of them, if anything. */
export type Author = { name: string; role: string; about?: string | undefined }

/** A module groups lessons. `folder` is its folder's name without the number that orders it. */
export type Module = { folder: string; title: string; lessons: Lesson[] }

/** What happens to a draft on its way to learners. */
export const reviewActions = [
  'requested',
  'request-withdrawn',
  'approved',
  'changes-requested',
  'scheduled',
  'schedule-cancelled',
  'schedule-refused',
  'published',
  'publication-undone',
] as const
export type ReviewAction = (typeof reviewActions)[number]

const archivedFields = () => nested({ at: date(), revision: nullable(objectId()) })

/** The last step of a draft on its way to learners, and what the steps before it have led to. See review.ts. */
const reviewFields = {
  /** 1, 2, 3…; a step is taken only from the one before it, so that of two people at once one wins. */
  number: number(),
  action: oneOf(reviewActions),
  /** Null for the system. */
  by: nullable(objectId()),
  at: date(),
  /** The reason, as the person wrote it; for a publication, the message to learners. */
  note: string(),
  /** The draft that the step is about. */
  draftNumber: number(),
  /** Whom the draft waits for: a reviewer, or its authors. */
  waitingFor: nullable(oneOf(['reviewer', 'authors'])),
  requestedBy: nullable(objectId()),
  /** The draft that a reviewer approved; a draft that was saved since has another number. */
  approval: nullable(nested({ by: objectId(), at: date(), draftNumber: number() })),
  /** The draft that will be published, unless it is saved before. */
  schedule: nullable(
    nested({ at: date(), by: objectId(), draftNumber: number(), note: string(), move: boolean() }),
  ),
  /** The last publication, and the revision that it replaced: what undoing it needs. */
  publication: nullable(
    nested({
      at: date(),
      by: nullable(objectId()),
      revision: objectId(),
      draftNumber: number(),
      former: nullable(objectId()),
      /** What the course was before, if it was archived. */
      archived: nullable(archivedFields()),
      /** Whether learners in progress are moved to it. */
      move: boolean(),
      isUndone: boolean(),
    }),
  ),
}

/** Due when a step has something to be done about it: an email, or a publication at its time (advance-courses.ts). */
export const Courses = defineQueue(
  'Course',
  'courses',
  {
    slug: string(),
    draft: free<CourseContent>(),
    /** Who has changed the draft since it was last sent for review: none of them may approve it. */
    editors: optional(list(objectId())),
    /** Incremented by every save; a save based on an older number is rejected with 409. */
    draftNumber: withDefault(number(), 1),
    /** The revision that new learners get; null before the first publication and after a withdrawal. */
    published: nullable(objectId()),
    /** When it was archived, and the revision that new learners had until then; see archive-course.ts. */
    archived: nullable(archivedFields()),
    /** Number of the newest revision; 0 before the first. */
    revisions: withDefault(number(), 0),
    /** The last modules and lessons added to the draft, and the press of the button that added each. */
    additions: optional(list(nested({ submission: string(), slug: string() }))),
    /** Who works on it, and as what; one role per person, and at most one owner. */
    team: optional(list(nested({ person: objectId(), role: oneOf(courseRoles) }))),
    /** Number of changes to the team; a change that is based on an older number is rejected with 409. */
    teamChanges: optional(number()),
    /** The day by which the course has to be reviewed again, `YYYY-MM-DD`. */
    reviewOn: nullable(string()),
    /** Missing before the first step. */
    review: optional(nested(reviewFields)),
    createdAt: date(),
    changedAt: date(),
  },
  {
    queue: 'courses',
    indexes: [
      [{ slug: 1 }, { unique: true }],
      [{ published: 1 }],
      [{ changedAt: -1 }],
      [{ 'team.person': 1 }],
      [{ reviewOn: 1 }, { partialFilterExpression: { reviewOn: { $type: 'string' } } }],
    ],
  },
)
export type Course = RecordOf<typeof Courses>
export type CourseReview = NonNullable<Course['review']>
