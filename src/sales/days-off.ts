import ICAL from 'ical.js'

/** The longest event whose days are all taken. */
const maxDays = 31

/**
 * Returns the whole days of the events of a calendar file (RFC 5545), each once. Events at a time of day, and rules of
 * repetition, don't count: calendars of public holidays list each day.
 *
 * @returns one invalid day for a text that can't be read.
 */
export function daysInCalendar(text: string): { day: string; name: string }[] {
  try {
    const calendar = new ICAL.Component(
      ICAL.parse(text.trim()) as ConstructorParameters<typeof ICAL.Component>[0],
    )
    const found = calendar.getAllSubcomponents('vevent').flatMap(component => {
      const { startDate, endDate, summary } = new ICAL.Event(component)
      if (!startDate?.isDate) return []
      const name = (summary ?? '').slice(0, 100)
      const days: { day: string; name: string }[] = []
      const day = startDate.clone()
      do {
        days.push({ day: day.toString(), name })
        day.adjust(1, 0, 0, 0)
      } while (days.length < maxDays && day.compare(endDate) < 0)
      return days
    })
    return [...new Map(found.map(each => [each.day, each])).values()]
  } catch {
    return [{ day: '', name: '' }]
  }
}
