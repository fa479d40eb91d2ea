import type { Response } from 'express'
import type { Published } from '../courses/published'
import { firstNameOf } from '../people/first-name'
import type { Person } from '../people/person'
import { remembered } from '../platform/cached'
import { days, later, now } from '../platform/clock'
import type { CourseLooks } from '../web/course-palette'
import { relativeTimes } from '../web/relative-time'
import { textsOf } from '../web/texts'
import { courseCard } from './course-card'
import { learnerCourses } from './learner-courses'
import { resumeView } from './my-learning'
import { recommendationsFor, type Recommendation } from './recommendations'

/** How many courses are recommended, and how many new ones are shown besides. */
const [maxRecommended, maxNew] = [3, 3]
/** How long a course is new. */
const newFor = days(30)

/**
 * What the home page of someone who is signed in begins with, in place of the promise for strangers: the lesson to
 * continue with, what to take next with the reason, and what is new since. It is the same object, whose HTML is kept,
 * as long as it says the same.
 *
 * @param courses those that the brand shows to them, in the order of the catalogue.
 */
export async function ownHome(response: Response, person: Person, courses: Published[], looks: CourseLooks) {
  const texts = textsOf(response)
  const { t, date } = texts
  const { brand } = response.locals
  const learned = await learnerCourses(brand, person)
  const recommended = await recommendationsFor(texts, brand, person, learned, maxRecommended)
  const known = new Set([
    ...learned.map(({ published }) => published.slug),
    ...recommended.map(({ course }) => course.slug),
  ])
  const added = courses
    .filter(
      ({ slug, publishedAt, number }) =>
        number === 1 && !known.has(slug) && publishedAt > later(now(), -newFor),
    )
    .slice(0, maxNew)
    .map(course => ({
      course,
      reason: t('academy:home.newSince', { day: date(course.publishedAt, 'short') }),
    }))
  const whenText = relativeTimes(response).inSentence
  const last = learned.find(({ state }) => state === 'open')
  const from = [
    ...[t, texts.lists, brand, looks, person.name, last && whenText(last.enrolment.lastActivityAt)],
    ...[...recommended, null, ...added].flatMap(each => [each?.course, each?.reason]),
  ]
  return rememberedHome(learned, '', from, () => {
    const hasBegun = learned.length > 0
    const cardOf = ({ course, reason }: Recommendation) => ({
      ...courseCard(texts, course, looks(course.slug)),
      reason,
    })
    return {
      title: t(hasBegun ? 'academy:learning.welcome' : 'academy:home.welcome', {
        name: firstNameOf(person.name),
      }),
      hasBegun,
      resume: resumeView(texts, learned, looks, whenText),
      recommended: recommended.map(cardOf),
      added: added.map(cardOf),
    }
  })
}

type Card = ReturnType<typeof courseCard> & { reason: string }
type OwnHome = {
  title: string
  hasBegun: boolean
  resume: ReturnType<typeof resumeView>
  recommended: Card[]
  added: Card[]
}

const rememberedHome = remembered<OwnHome>()
