import type { SalesTexts } from './sales-texts'
import { byDay, type Line } from './timeline'

const shownLines = 15
/** The latest lines, all of them, those behind the brief, or those behind the points of one rule. */
export type Timeline = 'latest' | 'all' | 'evidence' | `rule:${string}`

/** Which moment and how much of the timeline to show. `asOf` is an earlier day, null for now; days are `YYYY-MM-DD`. */
export type LeadViewOptions = {
  at: Date
  today: string
  asOf: string | null
  timeline: Timeline
  /** What has happened after this moment is marked as new; null for the reader's first visit. */
  since?: Date | null | undefined
}

/** The events behind the points of one rule, and what their list is called. */
export type RuleEvents = { title: string; events: ReadonlySet<string> }

/** Returns the timeline as `sales/lead-timeline` shows it: days with lines, each with its footnote number. */
export function timelineView(
  allLines: Line[],
  marks: ReadonlyMap<string, number>,
  rule: RuleEvents | null,
  { asOf, timeline, since }: LeadViewOptions,
  href: string,
  texts: SalesTexts,
) {
  const isNew = ({ at }: Line) => !!since && !asOf && at > since
  const numbered = allLines.map(line => ({
    ...line,
    n: line.events.map(id => marks.get(id)).find(n => n !== undefined),
  }))
  const isEvidence = timeline === 'evidence'
  const lines = rule
    ? numbered.filter(({ events }) => events.some(id => rule.events.has(id)))
    : isEvidence
      ? numbered.filter(({ n }) => n !== undefined)
      : numbered.slice(0, timeline === 'all' ? undefined : shownLines)
  const { t, times } = texts
  return {
    title: rule ? rule.title : t(isEvidence ? 'sales:lead.evidence' : 'sales:lead.activity'),
    news:
      since && !asOf && !isEvidence
        ? t('sales:lead.sinceVisit', {
            count: allLines.filter(isNew).length,
            when: times.inSentence(since),
          })
        : null,
    all:
      !isEvidence && lines.length < allLines.length
        ? {
            href: `${href}?${asOf ? `on=${asOf}&` : ''}all=1#happened`,
            text: t('sales:lead.allActivity', { count: allLines.length }),
          }
        : null,
    days: byDay(withAnchors(lines)).map(({ day, lines: linesOfDay }) => ({
      heading: times.heading(day),
      lines: linesOfDay.map(line => ({ ...lineView(line, texts), isNew: isNew(line) })),
    })),
  }
}

type NumberedLine = Line & { n?: number; id: string }

function lineView({ at, icon, key, values, notes, points: sum, n, id }: NumberedLine, texts: SalesTexts) {
  const { t, html, iso, date, points } = texts
  return {
    id,
    n,
    iso: iso(at),
    time: date(at, 'time'),
    icon,
    html: html(`sales:timeline.${key}`, values),
    notes: [
      ...notes.map(({ key: noteKey, values: given }) =>
        t(noteKey, given.moment ? { moment: date(new Date(given.moment), 'full') } : given),
      ),
      ...(sum ? [`${sum > 0 ? '+' : ''}${points(sum)}`] : []),
    ].join(' · '),
  }
}

/** The newest line of each claim is the target of its number, because an id is unique on a page. */
function withAnchors<L extends { n?: number }>(lines: L[]): (L & { id: string })[] {
  const used = new Set<number>()
  return lines.map(line => {
    const isTarget = line.n !== undefined && !used.has(line.n)
    if (line.n !== undefined) used.add(line.n)
    return { ...line, id: isTarget ? `event-${line.n}` : '' }
  })
}
