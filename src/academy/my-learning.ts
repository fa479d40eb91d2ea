import type { Request, Response } from 'express'
import { assetNamed } from '../courses/asset'
import type { Lesson } from '../courses/course'
import { kindOf } from '../courses/kinds/kinds'
import { lessonPath } from '../courses/lesson-path'
import type { Published } from '../courses/published'
import { clock } from '../courses/transcript'
import { Certificates } from '../learning/certificate'
import { goalOf } from '../learning/goal'
import { doneLessonsOf } from '../learning/learning-weeks'
import { playlistsOf } from '../learning/playlist'
import { progressOf, type Progress } from '../learning/progress'
import { firstNameOf } from '../people/first-name'
import type { Person } from '../people/person'
import { mapKey } from '../platform/record'
import { isAskedAgain } from '../web/consent-texts'
import { courseCover, imageHtml } from '../web/course-cover'
import { courseLooks, type CourseLooks } from '../web/course-palette'
import type { MemberHandler } from '../web/handler'
import { accountNavigation } from '../web/navigation'
import { pageZone } from '../web/reader-zone'
import { relativeTimes } from '../web/relative-time'
import { textsOf, type Texts } from '../web/texts'
import { answersToYou } from './answers-to-you'
import { askedQuestion } from './asked-question'
import { courseLanguage } from './course-language'
import { courseCard } from './course-card'
import { comingUpView, finishDatesIn } from './finish-dates'
import { learnerCourses, type LearnerCourse } from './learner-courses'
import { hasBegun, learningRow } from './learning-row'
import { courseProgress, progressSummary } from './outline'
import { recommendationsFor } from './recommendations'
import { pathSummaries, type PathSummary } from './stats'
import { ownSessions } from './own-sessions'
import { isMotivated, learnerZone, weekView } from './weekly-goal'

/** How many courses are recommended, and how many certificates and playlists are listed. */
const maxRecommended = 3
const maxCertificates = 3
const maxPlaylists = 5
/** How many outcomes of completed courses are shown at once; the others open. */
const maxOutcomes = 4

/** "My learning": where to continue, the path and courses of the learner, what to take next, and certificates. */
export const index: MemberHandler = async (request, response, person) => {
  response.render('academy/my-learning', {
    ...(await learningPage(request, response, person)),
    isAskedAgain: await isAskedAgain(response, person),
  })
}

async function learningPage(request: Request, response: Response, person: Person) {
  const texts = textsOf(response)
  const { t, date } = texts
  const { brand } = response.locals
  const isOffered = brand.content.motivation
  const [learned, paths, looks, certificates, playlists, goal, lessonsDone, sessions, answers] =
    await Promise.all([
      learnerCourses(brand, person),
      pathSummaries(brand, person),
      courseLooks(brand),
      Certificates.find({ person: person._id, replacedBy: null, revokedAt: null })
        .sort({ issuedAt: -1 })
        .limit(maxCertificates),
      playlistsOf(person._id),
      isOffered ? goalOf(person._id) : null,
      isOffered ? doneLessonsOf(person._id) : [],
      ownSessions(texts, person, pageZone(request)),
      answersToYou(texts, brand, person),
    ])
  const isShown = isMotivated(response, goal)
  const zone = learnerZone(request, goal)
  const path = pathOf(paths, person, learned)
  const inPath = new Set(path?.courses.map(({ slug }) => slug))
  // The path is on the page itself.
  const limit = maxRecommended + inPath.size
  const recommended = (await recommendationsFor(texts, brand, person, learned, limit))
    .filter(({ course }) => !inPath.has(course.slug))
    .slice(0, maxRecommended)
  const rest = learned.filter(({ published }) => !inPath.has(published.slug))
  const rowsOf = (courses: LearnerCourse[]) =>
    courses.map(each => learningRow(texts, each.published, each, looks(each.published.slug)))
  const name = firstNameOf(person.name)
  return {
    head: { title: t('academy:learning.title'), noindex: true },
    title: learned.length ? t('academy:learning.welcome', { name }) : t('academy:learning.title'),
    resume: resumeView(texts, learned, looks, relativeTimes(response).inSentence),
    path: path && pathView(texts, path, learned, looks),
    sections: [
      {
        id: 'continue',
        title: t(path ? 'academy:learning.otherCourses' : 'academy:learning.continueTitle'),
        rows: rowsOf(rest.filter(({ state }) => state === 'open')),
      },
      {
        id: 'completed',
        title: t('academy:learning.completed'),
        rows: rowsOf(rest.filter(({ state }) => state !== 'open')),
      },
    ].filter(section => section.rows.length > 0),
    recommended: recommended.map(({ course, reason }) => ({
      ...courseCard(texts, course, looks(course.slug)),
      reason,
    })),
    certificates: certificates.map(({ _id, title, issuedAt }) => ({
      href: `/certificates/${_id}`,
      title,
      label: t('academy:learning.certificateOf', { title }),
      day: date(issuedAt),
    })),
    playlists: playlists
      .slice(0, maxPlaylists)
      .map(({ _id, title: name }) => ({ href: `/playlists/${_id}`, title: name })),
    week: isShown ? weekView(texts, goal, lessonsDone, zone) : null,
    comingUp: isShown ? comingUpView(texts, finishDatesIn(learned, paths, goal, zone.timeZone)) : [],
    sessions,
    answers,
    outcomes: isShown ? outcomesView(learned) : null,
    goalLink: isOffered && !isShown,
    scripts: ['zone.js'],
    accountLinks: accountNavigation({ t, path: '/learning', here: 'learning' }).slice(1),
    empty: learned.length ? null : emptyView(texts, path),
    question: await askedQuestion(
      person,
      learned.map(({ enrolment }) => enrolment),
      texts,
    ),
  }
}

/** What the courses that a learner has completed have taught, the last one first, each with its course. */
function outcomesView(learned: LearnerCourse[]) {
  const all = learned
    .filter(({ state }) => state === 'completed')
    .toSorted((a, b) => Number(b.enrolment.completedAt) - Number(a.enrolment.completedAt))
    .flatMap(({ published }) =>
      published.content.outcomes.map(text => ({ text, language: courseLanguage(published) })),
    )
  return all.length ? { first: all.slice(0, maxOutcomes), others: all.slice(maxOutcomes) } : null
}

function emptyView({ t }: Texts, path: PathSummary | undefined) {
  return {
    title: t('academy:learning.none'),
    text: t('academy:learning.noneText'),
    link: path
      ? { href: `/paths/${path.slug}`, text: t('academy:learning.proposed', { path: path.title }) }
      : { href: '/courses', text: t('academy:search.noneLink') },
  }
}

/** The path that the needs assessment led to, or else the one that the course they were last in belongs to. */
function pathOf(
  paths: PathSummary[],
  { needsAssessment }: Person,
  learned: LearnerCourse[],
): PathSummary | undefined {
  const suggested = paths.find(({ slug }) => slug === needsAssessment?.path)
  if (suggested) return suggested
  return learned
    .flatMap(({ published }) =>
      paths.filter(({ courses }) => courses.some(({ slug }) => slug === published.slug)),
    )
    .at(0)
}

function pathView(texts: Texts, path: PathSummary, learned: LearnerCourse[], looks: CourseLooks) {
  const { t, minutes } = texts
  const learnedIn = ({ course }: Published) =>
    learned.find(({ published, state }) => published.course.equals(course) && state !== 'closed')
  const {
    done,
    total,
    minutesLeft: left,
  } = sumOf(path.courses.map(course => learnedIn(course)?.progress ?? progressOf(course.lessons, null)))
  return {
    href: `/paths/${path.slug}`,
    title: t('academy:learning.path', { path: path.title }),
    meta: t(left ? 'academy:learning.pathProgress' : 'academy:path.finished', {
      done,
      count: total,
      time: minutes(left),
    }),
    rows: path.courses.map(course => learningRow(texts, course, learnedIn(course), looks(course.slug))),
  }
}

/** Returns the progress in several courses together. */
function sumOf(all: readonly Progress[]): Pick<Progress, 'done' | 'total' | 'minutesLeft'> {
  const sum = (name: 'done' | 'total' | 'minutesLeft') => all.reduce((total, each) => total + each[name], 0)
  return { done: sum('done'), total: sum('total'), minutesLeft: sum('minutesLeft') }
}

/** The lesson to continue with, in the course that the learner was last in; null when all are completed. */
export function resumeView(
  texts: Texts,
  learned: LearnerCourse[],
  looks: CourseLooks,
  whenText: (moment: Date) => string,
) {
  const { t, minutes } = texts
  const last = learned.find(({ state }) => state === 'open')
  const lesson = last?.progress.next
  if (!last || !lesson) return null
  const { published, enrolment, progress } = last
  const seen = enrolment.lessons[mapKey(lesson.slug)]
  const at = seen?.position ?? 0
  const length = lesson.mediaSeconds ?? 0
  const left = length > at ? Math.max(1, Math.round((length - at) / 60)) : lesson.minutes
  return {
    course: { href: `/courses/${published.slug}`, title: published.content.title },
    title: lesson.title,
    href: lessonPath(published, lesson),
    where: [
      t('academy:learning.lessonOf', {
        number: published.lessons.indexOf(lesson) + 1,
        count: published.lessons.length,
      }),
      ...(at > 0 ? [t('academy:learning.stoppedAt', { time: clock(at) })] : []),
      hasBegun(enrolment)
        ? t('academy:learning.lastSeen', { when: whenText(enrolment.lastActivityAt) })
        : t('academy:learning.notStarted'),
    ].join(' · '),
    picture: pictureOf(texts, published, lesson, looks),
    isRecording: lesson.mediaSeconds !== null,
    bar: at > 0 && length ? { value: Math.round(at), max: Math.round(length) } : null,
    progress: courseProgress(texts, { published, enrolment, hasAccess: true }).chart,
    summary: progressSummary(texts, progress),
    button: t(hasBegun(enrolment) ? 'academy:learning.resume' : 'academy:learning.begin', {
      time: minutes(left),
    }),
  }
}

/** The lesson's first picture, or the cover of its course. */
function pictureOf(texts: Texts, published: Published, lesson: Lesson, looks: CourseLooks): string {
  const { assets } = published.content
  const named = kindOf(lesson).pictures?.(lesson)[0]?.file ?? /!\[[^\]]*\]\(([^)\s]+)/.exec(lesson.body)?.[1]
  const asset = named === undefined ? undefined : assetNamed(assets, named)
  if (asset?.type.startsWith('image/')) return imageHtml(asset, '(min-width: 45.0625em) 480px, 100vw')
  return courseCover(texts, published, looks(published.slug))
}
