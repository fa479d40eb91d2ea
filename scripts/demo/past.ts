import { brandOf, defaultBrandId } from '../../src/brand/brand'
import { coursesOf } from '../../src/courses/shown-courses'
import { NeedsAssessments } from '../../src/signals/needs-content'
import type { Endpoint } from '../../src/webhooks/endpoint'
import { guideId } from './brand'
import { scheduleFeedback } from './feedback-past'
import { scheduleCommunity } from './community-past'
import { scheduleGroups } from './groups-past'
import {
  amara,
  recordVisitors,
  scheduleAmara,
  scheduleLearner,
  scheduleProspect,
  type Academy,
} from './learners-past'
import { companies, guideCompanies, guideIndividuals, individuals } from './people'
import { seededRandom } from './random'
import { scheduleSales } from './sales-past'
import { createSchedule } from './schedule'
import { scheduleSessions } from './sessions-past'

/**
 * Simulates 90 days of both academies in a few seconds. Each action calls the verb that a page would call, with the
 * clock set to its time, and then runs every reaction that is due. The random seeds are fixed, so every demo has the
 * same past.
 */
export async function simulatePast(crm: Endpoint): Promise<void> {
  const end = new Date()
  const simulation = { schedule: createSchedule(end), end }
  const tarnwell = await academyOf(defaultBrandId, [
    'Do you sell the panel without the app?',
    'How long does commissioning take if our electrician does it?',
    'Which pumps from other makers does this work with?',
    'Who else at our company can see my progress?',
  ])
  const guide = await academyOf(guideId, [
    'Does this write to our CRM, or do we poll?',
    'Can we import our existing courses as SCORM?',
    'Does the score work for two products at once?',
  ])
  await recordVisitors(end, tarnwell)
  const learners = [
    ...[...companies.flatMap(colleaguesIn), ...individuals].map(learner => ({ academy: tarnwell, learner })),
    ...[...guideCompanies.flatMap(colleaguesIn), ...guideIndividuals].map(learner => ({
      academy: guide,
      learner,
    })),
  ]
  learners.forEach(({ academy, learner }, n) => {
    if (learner.email !== amara.email) scheduleLearner(simulation, academy, learner, seededRandom(100 + n))
  })
  scheduleAmara(simulation, tarnwell)
  scheduleProspect(simulation, tarnwell)
  scheduleSales(simulation.schedule, end, crm)
  scheduleSessions(simulation, tarnwell)
  scheduleFeedback(simulation, tarnwell)
  scheduleCommunity(simulation, tarnwell)
  scheduleGroups(simulation, tarnwell)
  await simulation.schedule.run()
}

async function academyOf(brand: string, questions: string[]): Promise<Academy> {
  const shown = await brandOf(brand)
  const courses = await coursesOf(shown, null)
  const needs = (await NeedsAssessments.shownAt(shown))!
  return { brand, courses, questions, needs }
}

type Colleagues = (typeof companies)[number]

const colleaguesIn = ({ domain, country, learners }: Colleagues) =>
  learners.map(learner => ({ ...learner, country, email: `${emailNameOf(learner.name)}@${domain}` }))

/** Returns the part of an email address before the @: `Mei-Ling Tan` becomes `mei.ling.tan`. */
function emailNameOf(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z]+/g, '.')
}
