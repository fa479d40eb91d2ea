import type { Person } from '../people/person'
import { canSnooze } from '../leads/change-lead'
import { maxNote, type LeadNote } from '../leads/lead-note'
import type { LeadState } from '../leads/lead-state'
import { snoozeChoices } from './snooze-choices'
import type { SalesTexts } from './sales-texts'

/** What the view of a teammate's own work on a lead needs besides the lead. */
export type WorkRecord = {
  notes: LeadNote[]
  nameOf: (id: unknown) => string | null
  reader: Pick<Person, '_id'>
  /** Of the reader: when "tomorrow" is. */
  timeZone: string
}

/**
 * Returns the ready-to-print way to set a lead aside, or to bring it back; null for a lead that has a response. Someone
 * who may not answer it reads until when it is away.
 */
export function snoozeView(
  lead: LeadState,
  href: string,
  { at, timeZone, canAnswerFor }: { at: Date; timeZone: string; canAnswerFor: boolean },
  texts: SalesTexts,
) {
  if (!canSnooze(lead)) return null
  const { t, dateIn, iso, times } = texts
  const until = lead.snooze && lead.snooze.until > at ? lead.snooze.until : null
  return {
    action: canAnswerFor ? `${href}/snooze` : null,
    end: canAnswerFor && until && { action: `${href}/snooze/end`, text: t('sales:snooze.end') },
    until: until && t('sales:snooze.until', { when: dateIn(until, timeZone), text: lead.snooze!.text }),
    choices: snoozeChoices(at, timeZone).map(({ key, until: moment }) => ({
      value: iso(moment),
      text: t(`sales:snooze.${key}`),
      when: dateIn(moment, timeZone),
    })),
    firstDay: times.dayAfter(at),
  }
}

/** Returns the ready-to-print notes and the next step. */
export function workView(
  { notes, nameOf, reader }: WorkRecord,
  nextStep: LeadState['nextStep'],
  href: string,
  texts: SalesTexts,
) {
  const { t, date, times, iso } = texts
  const by = (id: unknown) => nameOf(id) ?? t('sales:lead.formerTeammate')
  return {
    maxlength: maxNote,
    noteAction: `${href}/notes`,
    stepAction: `${href}/next-step`,
    nextStep: nextStep && {
      text: nextStep.text,
      due: nextStep.due ?? '',
      about: [
        nextStep.due && t('sales:work.dueOn', { day: date(new Date(nextStep.due), 'short') }),
        by(nextStep.by),
      ]
        .filter(Boolean)
        .join(' · '),
    },
    notes: notes.map(note => ({
      text: note.text,
      by: by(note.by),
      iso: iso(note.at),
      when: times.inSentence(note.at),
      removal: note.by === String(reader._id) ? `${href}/notes/${encodeURIComponent(note.id)}/removal` : null,
    })),
  }
}
