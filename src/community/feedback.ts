import { createHash } from 'node:crypto'
import { Types } from 'mongoose'
import { defaultBrandId } from '../brand/brand'
import { minutes, now } from '../platform/clock'
import { wordsToFind } from '../platform/fold'
import { defineQueue } from '../platform/queue'
import {
  boolean,
  date,
  defineRecord,
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
  type ReadOf,
  type RecordOf,
} from '../platform/record'

/** What a topic began as. `course`: someone asks for a course that there isn't. */
export const feedbackKinds = ['wish', 'complaint', 'question', 'search', 'course'] as const
export type FeedbackKind = (typeof feedbackKinds)[number]

export const feedbackStates = ['new', 'answered', 'planned', 'shipped', 'declined'] as const
export type FeedbackState = (typeof feedbackStates)[number]

/** The states in which something is still to be done. */
const openStates: readonly FeedbackState[] = ['new', 'answered', 'planned']

/** Where someone said it: the event of a question or a request, or here; a vote has no words. */
const feedbackSources = ['own', 'vote', 'question', 'contact'] as const
export type FeedbackSource = { kind: (typeof feedbackSources)[number]; id: string }

/** The most characters and entries, the most wishes of one person in a day, and the people whose deals are read. */
export const feedbackCaps = {
  title: 150,
  text: 2000,
  reason: 1000,
  message: 1000,
  notes: 100,
  changes: 50,
  givenPerDay: 20,
  read: 2000,
}

/** How long a change can be undone. Only then are the people who asked told of it. */
export const feedbackUndoMs = minutes(10)

/** What teammates change. */
const changeFields = {
  title: string(),
  /** The id of a topic of the academy; empty for none. */
  area: string(),
  state: oneOf(feedbackStates),
  /** Why it was declined, or what is planned and when: learners read it. */
  reason: string(),
  owner: nullable(objectId()),
  /** Whether every learner of the brand sees it and can vote for it, as long as it is open. */
  isPublic: boolean(),
  /** The topic that this one is a duplicate of. */
  mergedInto: nullable(objectId()),
}
export type FeedbackChange = Partial<ReadOf<typeof changeFields>>

/**
 * One topic of what people tell the product team. It is its own entry in a queue: due when who wants it, what they are
 * worth or its state has changed, to count them, record the changes as events, and tell those who asked.
 */
export const Feedback = defineQueue(
  'Feedback',
  'feedback',
  {
    kind: oneOf(feedbackKinds),
    ...changeFields,
    /** The brand whose people it is from; missing for the default one. */
    brand: optional(string()),
    createdAt: date(),
    createdBy: objectId(),
    changedAt: date(),
    /** Counts the changes; each is made to the state that the teammate saw. */
    changeCount: withDefault(number(), 0),
    /** The newest ones, the oldest first. `before` is what an undo restores. */
    changes: list(
      nested({
        number: number(),
        at: date(),
        by: objectId(),
        set: free<FeedbackChange>(),
        before: free<FeedbackChange>(),
        isUndo: boolean(),
      }),
    ),
    /** The number of the last change that is in the ledger; -1 before its creation is. */
    recorded: withDefault(number(), -1),
    /** What those who asked are told of a change of state, and from when on. */
    message: withDefault(nullable(nested({ number: number(), text: string(), at: date() })), null),
    /** What only the team reads. */
    notes: list(nested({ text: string(), by: objectId(), at: date() })),
    /** The searches without a result that it stands for, and how often their words were searched. */
    misses: list(string()),
    searches: withDefault(number(), 0),
    /** How many people want it, each once, and how many companies they are from. */
    people: withDefault(number(), 0),
    companies: withDefault(number(), 0),
    /** The open deals of these companies, in minor units of each currency. */
    deals: withDefault(number(), 0),
    amounts: list(nested({ currency: string(), amount: number() })),
    /** What sorts by deals: the amounts in whole units. Currencies aren't converted, since no rate is known. */
    value: withDefault(number(), 0),
    search: list(string()),
    /** What lists are narrowed by, such as `state:new`; empty for a duplicate. */
    facets: list(string()),
  },
  {
    queue: 'feedback',
    indexes: [
      [{ facets: 1, value: -1, people: -1, _id: -1 }],
      [{ facets: 1, people: -1, _id: -1 }],
      [{ facets: 1, changedAt: -1, _id: -1 }],
      [{ search: 1 }],
      [{ mergedInto: 1 }, { partialFilterExpression: { mergedInto: { $type: 'objectId' } } }],
      [{ createdBy: 1 }],
      [{ misses: 1 }],
    ],
    onDiscard: { message: null },
  },
)
export type FeedbackTopic = RecordOf<typeof Feedback>

/** That one person wants a topic, in their own words. A person may say so in several places, and counts once. */
export const FeedbackVoices = defineRecord(
  'FeedbackVoice',
  'feedback_voices',
  {
    /** The topic it was given to, the person and the source. */
    _id: string(),
    origin: objectId(),
    /** The topic under which it counts: that one, or the one that it was merged into. */
    topic: objectId(),
    person: objectId(),
    /** The domain of the person's company; their id for someone without one. */
    account: string(),
    /** Empty for a vote. */
    text: string(),
    /** 1 with words, which are read first, and 0 without. */
    rank: number(),
    source: oneOf(feedbackSources),
    sourceId: string(),
    at: date(),
    /** Asked without a name: nobody learns here who it was, and no deal counts for it. */
    isNameHidden: withDefault(boolean(), false),
    /** When the person took it back; null while it counts. */
    withdrawnAt: nullable(date()),
  },
  {
    indexes: [
      [{ topic: 1, rank: -1, at: -1, _id: -1 }],
      [{ origin: 1 }],
      [{ person: 1, at: -1 }],
      [{ account: 1 }],
      [{ source: 1, sourceId: 1 }],
    ],
  },
)
export type FeedbackVoice = RecordOf<typeof FeedbackVoices>

/** Returns the id of a topic that follows from where it comes from, so that it is created once. */
export function feedbackId(...cause: string[]): Types.ObjectId {
  const hash = createHash('sha256').update(cause.join('\n')).digest('hex')
  return new Types.ObjectId(hash.slice(0, 24))
}

/** Returns the title of what someone wrote: its first line, shortened at a word. */
export function feedbackTitle(text: string): string {
  const line = text.trim().split('\n')[0]!.replace(/\s+/g, ' ').trim()
  const letters = [...line]
  if (letters.length <= feedbackCaps.title) return line
  const cut = letters.slice(0, feedbackCaps.title - 1).join('')
  const end = cut.lastIndexOf(' ')
  return `${cut.slice(0, end > cut.length / 2 ? end : undefined).trimEnd()}…`
}

/** What a list of topics can be narrowed by. */
export const feedbackFacets = ['is', 'state', 'kind', 'area', 'owner', 'brand'] as const
export const feedbackFacet = (name: (typeof feedbackFacets)[number], value: unknown): string =>
  `${name}:${String(value)}`

/** Returns what lists find a topic by; nothing for a duplicate. */
export function topicFacets(
  topic: Pick<
    FeedbackTopic,
    'kind' | 'state' | 'area' | 'owner' | 'brand' | 'mergedInto' | 'isPublic' | 'deals'
  >,
): string[] {
  if (topic.mergedInto) return []
  const { kind, state, area, owner, brand, isPublic, deals } = topic
  return [
    feedbackFacet('is', 'any'),
    ...(openStates.includes(state) ? [feedbackFacet('is', 'open')] : []),
    ...(openStates.includes(state) && deals ? [feedbackFacet('is', 'withDeals')] : []),
    ...(isPublic && openStates.includes(state)
      ? [feedbackFacet('is', `public.${brand ?? defaultBrandId}`)]
      : []),
    feedbackFacet('state', state),
    feedbackFacet('kind', kind),
    ...(area ? [feedbackFacet('area', area)] : []),
    ...(owner ? [feedbackFacet('owner', owner)] : []),
    feedbackFacet('brand', brand ?? defaultBrandId),
  ]
}

/** The most words that a topic is found by. */
const maxWords = 300

/**
 * Returns the words that a topic is found by.
 *
 * @param said what people said of it, and those names of people and companies that everyone on the team may read.
 */
export function wordsOfTopic(
  { title, reason }: Pick<FeedbackTopic, 'title' | 'reason'>,
  said: string[],
): string[] {
  return wordsToFind(title, reason, ...said).slice(0, maxWords)
}

/** Returns the last change of a topic when it can still be undone, or null. */
export function undoableChange({ changes, changeCount }: Pick<FeedbackTopic, 'changes' | 'changeCount'>) {
  const last = changes.at(-1)
  const isOpen = last && !last.isUndo && last.number === changeCount
  return isOpen && now().getTime() - last.at.getTime() < feedbackUndoMs ? last : null
}

/** Returns a record that the worker has to look at. */
export const dueNow = () => ({ dueAt: now(), attempts: 0, failedAt: null })
