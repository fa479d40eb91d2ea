import { decimalAmount } from '../platform/currency'
import { localTimeOf } from '../platform/zoned-time'
import { lengthOf, type LiveSession } from '../sessions/live-session'
import { rowValues } from '../web/form-rows'
import { teammateName, type SessionChoices } from './session-form'

/** Returns what the form shows of a session. */
export function sessionValues(
  session: LiveSession,
  seats: number,
  { courses, teammates }: Pick<SessionChoices, 'courses' | 'teammates'>,
): Record<string, unknown> {
  const { hosts, agenda, questions, price, place, minimum, companies, excludedCompanies } = session
  const { title, summary, description, topic, language, kind, joinUrl, timeZone } = session
  const { visibility, isRecorded, hasCaptions, certificate, claimHours } = session
  const start = new Date(localTimeOf(session.startsAt.getTime(), timeZone)).toISOString()
  return {
    ...{ title, summary, description, topic, language, kind, joinUrl, timeZone, seats, visibility },
    ...{ isRecorded, hasCaptions, certificate, claimHours },
    base: session.changes,
    course: courses.find(({ course }) => session.course?.equals(course))?.slug ?? '',
    day: start.slice(0, 10),
    time: start.slice(11, 16),
    length: lengthOf(session),
    meetingService: session.meetingService ?? '',
    placeName: place?.name ?? '',
    placeAddress: place?.address ?? '',
    placeMap: place?.mapUrl ?? '',
    amount: price ? decimalAmount(price.amount, price.currency) : '',
    currency: price?.currency ?? 'EUR',
    refundHours: session.refundHours ?? '',
    minimumSeats: minimum?.seats ?? '',
    minimumHours: minimum?.hours ?? '',
    attendedFrom: Math.round(session.attendedFrom * 100),
    companies: companies.join('\n'),
    excludedCompanies: excludedCompanies.join('\n'),
    ...rowValues(
      'hosts',
      hosts.map(({ person, name, role, isPanel }) => ({
        ...{ person: person ? String(person) : '', role, part: isPanel ? 'panel' : '' },
        name: name === teammateName(person, teammates) ? '' : name,
      })),
    ),
    ...rowValues('agenda', agenda),
    ...rowValues(
      'questions',
      questions.map(({ id, label, kind: asked, options, isRequired }) => ({
        ...{ id, label, kind: asked === 'choice' ? 'choice' : '', options: options.join('; ') },
        needed: isRequired ? 'yes' : '',
      })),
    ),
  }
}
