import type { SessionPoll } from '../sessions/poll'
import type { Texts } from './texts'

/**
 * Returns a poll with its options; with `counts`, also with the votes for each as words and as a bar.
 *
 * @param own the option that the reader has chosen.
 */
export function pollView(texts: Texts, poll: SessionPoll, counts: readonly number[] | null, own?: number) {
  const { t, number, dir } = texts
  const total = (counts ?? []).reduce((sum, count) => sum + count, 0)
  return {
    id: `poll-${String(poll._id)}`,
    question: poll.question,
    state: poll.state,
    stateText: t(`academy:liveSession.polls.states.${poll.state}`),
    isOpen: poll.state === 'open',
    voted: own === undefined ? null : t('academy:liveSession.polls.voted', { option: poll.options[own] }),
    options: poll.options.map((text, value) => ({ text, value, isChosen: value === own })),
    result: counts && {
      total: t('academy:liveSession.polls.total', { count: total }),
      rows: poll.options.map((text, n) => {
        const count = counts[n] ?? 0
        const part = total ? count / total : 0
        return {
          text,
          isChosen: n === own,
          votes: number(count),
          percent: `${Math.round(100 * part)}%`,
          bar: { part, rtl: dir === 'rtl' },
        }
      }),
    },
  }
}
