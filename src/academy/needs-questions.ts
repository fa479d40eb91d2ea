import { entryId, type CatalogueLists } from '../courses/catalogue-lists'
import type { Published } from '../courses/published'
import type { NeedsAnswer, NeedsContent } from '../signals/needs-content'
import type { PathSummary } from './stats'

/** The chosen answer by question. */
export type NeedsAnswers = Record<string, string>

/** What the answers say together. */
export type Needs = {
  audiences: string[]
  topics: string[]
  /** The shortest time that an answer says, in minutes; Infinity without one. */
  minutes: number
  /** Slugs of paths. */
  paths: string[]
}

export type Proposal = {
  /** The path that the courses are from; null for courses of their own. */
  path: PathSummary | null
  /** Courses that together fit the available time, those about a wanted topic first; empty when none fits. */
  now: Published[]
  /** The rest of the path, for later. */
  later: Published[]
  /** The shortest course when none fits; null otherwise. */
  shortest: Published | null
}

/** Returns what the chosen answers say. */
export function needsOf({ questions }: NeedsContent, chosen: NeedsAnswers): Needs {
  const answers = questions.flatMap(({ id, answers }): NeedsAnswer[] => {
    const answer = answers.find(each => each.id === chosen[id])
    return answer ? [answer] : []
  })
  return {
    audiences: [...new Set(answers.flatMap(({ audience }) => audience || []))],
    topics: [...new Set(answers.flatMap(({ topics }) => topics))],
    minutes: Math.min(...answers.map(({ minutes }) => minutes ?? Infinity)),
    paths: answers.flatMap(({ path }) => path || []),
  }
}

/**
 * Returns what to take now and what later, never more than the available time, and nothing that is finished. What an
 * answer names comes first, then what is about a wanted topic, then a path that fits as a whole, then the share of its
 * courses about the topics (3 points) and for the audiences (2 points); the shorter path wins a tie. When no path has a
 * course that fits, courses outside of paths are proposed.
 *
 * @param courses all published courses.
 * @param finished slugs of the courses that the visitor has finished.
 * @returns undefined when nothing is left to take.
 */
export function proposePath(
  { paths, courses, lists }: { paths: PathSummary[]; courses: Published[]; lists: CatalogueLists },
  needs: Needs,
  finished: ReadonlySet<string>,
): Proposal | undefined {
  const isSame = (list: 'topics' | 'audiences', a: string, b: string) =>
    entryId(lists[list], a) === entryId(lists[list], b)
  const isWanted = ({ content }: Published) =>
    needs.topics.some(topic => isSame('topics', topic, content.topic))
  const isForThem = ({ content }: Published) =>
    content.audiences.some(value => needs.audiences.some(each => isSame('audiences', each, value)))
  const fitting = (open: Published[]): Pick<Proposal, 'now' | 'later' | 'shortest'> => {
    const now: Published[] = []
    let left = needs.minutes
    for (const course of [...open.filter(isWanted), ...open.filter(each => !isWanted(each))]) {
      if (course.minutes > left) continue
      now.push(course)
      left -= course.minutes
    }
    return { now, later: open.filter(course => !now.includes(course)), shortest: null }
  }
  const share = (of: Published[], is: (course: Published) => boolean) => of.filter(is).length / of.length
  const ranked = paths
    .map(path => ({ path, open: path.courses.filter(({ slug }) => !finished.has(slug)) }))
    .filter(({ open }) => open.length > 0)
    .map(({ path, open }) => {
      const proposal = { path, ...fitting(open) }
      const ranks = [
        proposal.now.length > 0,
        needs.paths.includes(path.slug),
        proposal.now.some(isWanted),
        proposal.later.length === 0,
        3 * share(open, isWanted) + 2 * share(open, isForThem),
        -path.minutes,
      ].map(Number)
      return { proposal, ranks }
    })
    .sort((a, b) => compareRanks(b.ranks, a.ranks))
  const [best] = ranked
  const isAnswered =
    best && (needs.paths.includes(best.proposal.path.slug) || best.proposal.now.some(isWanted))
  if (best?.proposal.now.length && (isAnswered || !needs.topics.length)) return best.proposal
  const open = courses.filter(({ slug }) => !finished.has(slug))
  const single = fitting(open.filter(isWanted))
  if (single.now.length) return { path: null, ...single, later: [] }
  if (best?.proposal.now.length) return best.proposal
  const shortest = [...open].sort(
    (a, b) => Number(isForThem(b)) - Number(isForThem(a)) || a.minutes - b.minutes,
  )
  const [first] = fitting(shortest).now
  if (first) return { path: null, now: [first], later: [], shortest: null }
  const last = [...open].sort((a, b) => a.minutes - b.minutes)[0]
  return last && { path: null, now: [], later: [last], ...best?.proposal, shortest: last }
}

function compareRanks(a: number[], b: number[]): number {
  const n = a.findIndex((rank, n) => rank !== b[n])
  return n < 0 ? 0 : a[n]! - b[n]!
}
