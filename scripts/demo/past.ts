import type { Published } from '../../src/courses/published'
import type { Endpoint } from '../../src/webhooks/endpoint'
import { recordVisitors, scheduleAmara, scheduleLearner, scheduleProspect } from './learners-past'
import { companies, individuals } from './people'
import { seededRandom } from './random'
import { scheduleSales } from './sales-past'
import { createSchedule } from './schedule'

/**
 * Simulates 90 days of an academy in a few seconds. Each action calls the verb that a page would call, with the clock
 * set to its time, and then runs every reaction that is due. The random seeds are fixed, so every demo has the same
 * past.
 */
export async function simulatePast({ courses, crm }: { courses: Published[]; crm: Endpoint }): Promise<void> {
  const end = new Date()
  const freeCourses = courses.filter(({ content }) => !content.price)
  const lessonCounts = new Map(freeCourses.map(({ slug, lessons }) => [slug, lessons.length]))
  const simulation = { schedule: createSchedule(end), end, lessonCounts }
  await recordVisitors(simulation)
  companies.forEach((company, n) => {
    company.learners.forEach((learner, index) => {
      const email = `${emailNameOf(learner.name)}@${company.domain}`
      scheduleLearner(
        simulation,
        { ...learner, email, country: company.country },
        seededRandom(n * 100 + index),
      )
    })
  })
  individuals.forEach((learner, n) =>
    scheduleLearner(simulation, { ...learner, country: 'GB' }, seededRandom(9000 + n)),
  )
  scheduleAmara(simulation)
  scheduleProspect(simulation)
  scheduleSales(simulation.schedule, end, crm)
  await simulation.schedule.run()
}

/** Returns the part of an email address before the @: `Mei-Ling Tan` becomes `mei.ling.tan`. */
function emailNameOf(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z]+/g, '.')
}
