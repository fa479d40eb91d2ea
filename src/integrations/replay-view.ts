import type { Recovery } from '../webhooks/recovery'
import type { Texts } from '../web/texts'
import type { Times } from './times'

/** A replay and how far it is. `waiting` messages are queued and not sent yet. */
export type ReplayView = {
  text: string
  note: string
  /** For a bar: how many of how many have been sent or skipped. */
  done: number
  total: number
  isRunning: boolean
  canStop: boolean
}

/** Returns what a page says of a replay. */
export function replayView(recovery: Recovery, waiting: number, texts: Texts, times: Times): ReplayView {
  const { t, number } = texts
  const { processed, total, resent, takenBack, since, startedAt, endedAt, stopped, mode } = recovery
  const isRunning = !endedAt || waiting > 0
  const sent = Math.max(0, resent - waiting - takenBack)
  // What was chosen is queued bit by bit.
  const unqueued = mode === 'chosen' && !endedAt && !stopped ? Math.max(0, total - processed) : 0
  const values = {
    count: sent,
    sent: number(sent),
    waiting: number(waiting + unqueued),
    processed: number(processed),
    total: number(total),
    since: times.full(since),
    started: times.full(startedAt),
  }
  const kind = mode === 'chosen' ? 'chosen' : 'range'
  return {
    text: t(`integrations:replay.${kind}${isRunning ? 'Running' : 'Finished'}`, values),
    note: stopped
      ? t(isRunning ? 'integrations:replay.stopping' : 'integrations:replay.stoppedEarly', {
          count: takenBack,
        })
      : '',
    done: Math.max(0, processed - waiting),
    total: Math.max(total, processed),
    isRunning,
    canStop: isRunning && !stopped,
  }
}
