import { reactTo } from '../../src/events/react'
import { days, hours, later, now, setClock } from '../../src/platform/clock'
import { wakeWorker } from '../../src/platform/queue'
import { oncePerBurst, reactions } from '../../src/reactions'
import { drainQueue, runAllDue } from '../../src/worker'

export type Schedule = {
  /** Plans an action. One that falls after the end of the simulation never runs. */
  add: (at: Date, action: () => Promise<unknown>) => void
  /** Runs all actions in chronological order, with the clock set to the time of each. An action may add later ones. */
  run: () => Promise<void>
}

/** Returns an empty schedule for a simulated past that ends at `end`. */
export function createSchedule(end: Date): Schedule {
  const actions: { at: Date; action: () => Promise<unknown> }[] = []
  return {
    add: (at, action) => void (at <= end && actions.push({ at, action })),
    run: async () => {
      const react = reactTo(reactions, oncePerBurst)
      let isEventDue = false
      let lastDay = ''
      let lastRound = 0
      wakeWorker.on('due', () => (isEventDue = true))
      while (actions.length) {
        actions.sort((a, b) => b.at.getTime() - a.at.getTime())
        const { at, action } = actions.pop()!
        setClock(() => at.getTime())
        await action()
        if (isEventDue) await drainQueue(react)
        // Emails, webhooks and scheduled jobs run once a day, and once an hour in the last two days.
        const isRecent = later(at, days(2)) > end
        const round = Math.floor(at.getTime() / (isRecent ? hours(1) : days(1)))
        if (round !== lastRound) await runAllDue()
        lastRound = round
        const day = at.toISOString().slice(0, 10)
        if (lastDay.slice(0, 7) !== day.slice(0, 7)) console.log(`  ${day} …`)
        isEventDue = false
        lastDay = day
      }
      await runAllDue()
      setClock()
    },
  }
}

/** Moves the clock forward while an action runs. */
export function wait(milliseconds: number): void {
  const moment = now().getTime() + milliseconds
  setClock(() => moment)
}
