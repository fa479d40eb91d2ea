import MiniSearch from 'minisearch'
import type { Text } from '../courses/search-entries'
import { isPrefix, termsOf, termsToFind } from '../courses/search-terms'
import { now } from '../platform/clock'
import { fold } from '../platform/fold'
import type { LiveSession } from './live-session'

/** A session that matches a search: its texts as they are shown, and its folded words that matched. */
export type SessionHit = {
  session: LiveSession
  entry: { title: string; texts: Text[] }
  terms: string[]
}

const maxWords = 8
const boost = { title: 10, hosts: 4, summary: 3, text: 1 }
/** Words up to three letters long must be spelled right. */
const fuzzy = (word: string) => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2)

/** Those that were found; `isCorrected` when they have words like those that were typed, and not these. */
export type FoundSessions = { hits: SessionHit[]; isCorrected: boolean }

/** One index for each list of sessions, which visitors who see the same share (shown-sessions.ts). */
const indexes = new WeakMap<readonly LiveSession[], MiniSearch>()

/**
 * Returns those of the sessions that contain all words of a query, whole or as the start of a word: those that come
 * first, each by how well they match. With a typing error, those that are nearest. Cancelled ones aren't found.
 */
export function searchSessions(sessions: readonly LiveSession[], query: string): FoundSessions {
  const queries = [...new Set(termsToFind(query))].slice(0, maxWords)
  if (!queries.length || !sessions.length) return { hits: [], isCorrected: false }
  const index = indexes.get(sessions) ?? indexOf(sessions)
  indexes.set(sessions, index)
  const found = index.search({ combineWith: 'AND', queries }, { prefix: isPrefix })
  const near = found.length
    ? found
    : index.search({ combineWith: 'AND', queries }, { fuzzy, prefix: isPrefix })
  const moment = now()
  const hits = near.map(({ id, terms }): SessionHit => {
    const session = sessions[id as number]!
    const shown = [session.summary, ...session.agenda.map(({ text }) => text)].join(' ').normalize()
    const texts = [{ shown, folded: fold(shown), places: [] }]
    return { session, terms, entry: { title: session.title.normalize(), texts } }
  })
  const isAhead = ({ session }: SessionHit) => session.endsAt > moment
  const inOrder = [...hits.filter(isAhead), ...hits.filter(each => !isAhead(each))]
  return { hits: inOrder, isCorrected: near !== found }
}

function indexOf(sessions: readonly LiveSession[]): MiniSearch {
  const index = new MiniSearch({
    fields: Object.keys(boost),
    tokenize: termsOf,
    processTerm: term => term,
    searchOptions: { boost, tokenize: term => [term] },
  })
  sessions.forEach(({ state, title, hosts, summary, description, agenda }, id) => {
    if (state !== 'published') return
    index.add({
      id,
      title: fold(title.normalize()),
      hosts: fold(hosts.map(({ name }) => name).join(' ')),
      summary: fold(summary),
      text: fold([description, ...agenda.map(({ text }) => text)].join(' ')),
    })
  })
  return index
}
