import { createHash } from 'node:crypto'
import type { Types } from 'mongoose'
import { changeGroup, createGroup, withShelfItem } from '../../src/community/change-group'
import type { ShelfItem } from '../../src/community/group'
import { joinGroup } from '../../src/community/join-group'
import { Threads } from '../../src/community/thread'
import { Enrolments } from '../../src/learning/enrolment'
import { People } from '../../src/people/person'
import { days, hours, later, now } from '../../src/platform/clock'
import { LiveSessions } from '../../src/sessions/live-session'
import { defaultBrandId } from '../../src/brand/brand'
import { recordIdOf } from '../../src/web/occasion'
import type { Academy, Simulation } from './learners-past'

type Plan = {
  name: string
  about: string
  kind: 'topic' | 'course'
  /** The group's course, or one of its topic. */
  course: string
  daysAgo: number
  members: number
  shelf: { lesson?: string; question?: string; note: string }[]
  /** The title of a session. */
  hours?: string
}

const plans: Plan[] = [
  {
    name: 'Vibration circle',
    about: 'For everyone who reads trends and has to decide. Bring yours; someone has seen it before.',
    kind: 'topic',
    course: 'find-the-failing-pump',
    daysAgo: 30,
    members: 9,
    hours: 'Four Tuesdays of trends',
    shelf: [
      { note: 'If you do one course on bearings, do this one.' },
      { lesson: 'read-a-vibration-trend', note: 'The slope rule, in eight minutes. Read it before Tuesday.' },
      {
        question: 'Does the slope rule hold for variable speed?',
        note: 'Ingrid’s answer has the one query you need.',
      },
    ],
  },
  {
    name: 'Panel 7 installers',
    about: 'Commissioning a Panel 7, from the first sensor to the handover.',
    kind: 'course',
    course: 'commission-a-panel-7',
    daysAgo: 21,
    members: 6,
    hours: 'Ask a field engineer: bearings',
    shelf: [
      { lesson: 'level-sensors-and-4-20-ma', note: 'Most calls to support end here.' },
      {
        question: 'Sensor reads 3.8 mA when the well is empty. Fault or offset?',
        note: 'Both are possible; here is how to tell.',
      },
    ],
  },
  {
    name: 'Energy savers',
    about: 'Duty points, tariffs and what a quieter night costs.',
    kind: 'topic',
    course: 'cut-pumping-energy',
    daysAgo: 62,
    members: 3,
    shelf: [{ lesson: 'the-duty-point', note: 'Where every saving begins.' }],
  },
]

/** Schedules the groups: Ingrid curates them, learners join in the days after. */
export function scheduleGroups({ schedule, end }: Simulation, { courses }: Academy): void {
  for (const plan of plans) {
    const published = courses.find(({ slug }) => slug === plan.course)
    if (!published) throw new Error(`The demo has no course ${plan.course}`)
    const { course, content } = published
    const _id = recordIdOf(createHash('sha256').update(plan.name).digest('hex'))
    const begun = later(end, -days(plan.daysAgo))
    schedule.add(begun, async () => {
      const curator = await curatorId()
      await createGroup(
        {
          ...{ _id, brand: defaultBrandId, kind: plan.kind, name: plan.name, about: plan.about, curator },
          ...{ course: plan.kind === 'course' ? course : null, domain: '' },
          topic: plan.kind === 'topic' ? content.topic : '',
        },
        curator,
      )
      await joinGroup(_id, curator, true)
    })
    for (let n = 0; n < plan.members; n++) {
      schedule.add(later(begun, hours(20 * (n + 1))), async () => {
        const found = await Enrolments.find({ course }, { person: 1 }).sort({ _id: 1 }).limit(plan.members)
        const person = found[n]?.person
        if (person) await joinGroup(_id, person, n % 3 !== 1)
      })
    }
    plan.shelf.toReversed().forEach(({ lesson, question, note }, n) => {
      const at = later(begun, plan.daysAgo > 40 ? days(n + 1) : days(plan.daysAgo - 2 + n / 2))
      schedule.add(at, async () => {
        const thread = question ? await Threads.findOne({ course, title: question }, { _id: 1 }) : null
        if (question && !thread) return
        const kind = thread ? 'thread' : lesson ? 'lesson' : 'course'
        await addToShelf(_id, { kind, of: thread?._id ?? course, lesson: lesson ?? null, note })
      })
    })
    if (!plan.hours) continue
    schedule.add(later(begun, days(plan.daysAgo - 1)), async () => {
      const sessions = await LiveSessions.find({ title: plan.hours! }, { _id: 1 }).sort({ startsAt: 1 })
      await changeGroup(_id, () => ({ officeHours: sessions.map(each => each._id) }), await curatorId())
    })
  }
}

async function addToShelf(group: Types.ObjectId, item: Omit<ShelfItem, 'by' | 'at'>): Promise<void> {
  const by = await curatorId()
  await changeGroup(group, ({ shelf }) => ({ shelf: withShelfItem(shelf, { ...item, by, at: now() }) }), by)
}

async function curatorId(): Promise<Types.ObjectId> {
  const ingrid = await People.findOne({ name: 'Ingrid Solheim', role: { $ne: 'prospect' } }, { _id: 1 })
  return (ingrid ?? (await People.findOne({ role: 'author' }, { _id: 1 })))!._id
}
