import { isObjectIdOrHexString } from 'mongoose'
import { Posts, type Post } from '../community/post'
import {
  askedLately,
  countThreadsWaiting,
  dayNumber,
  groupsAsleep,
  helpersLately,
  waitingAgeNames,
} from '../community/overview'
import { Threads } from '../community/thread'
import { threadPath } from '../community/thread-path'
import { Courses } from '../courses/course'
import { namesOf } from '../people/names'
import { notFound } from '../platform/errors'
import type { MemberHandler } from '../web/handler'
import { pageLinks, readPage, type At } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'

const path = '/studio/community'

/** `GET /studio/community`: what waits, how fast people answer, who helps, what comes again, and groups asleep. */
export const index: MemberHandler = async (_request, response) => {
  const texts = textsOf(response)
  const { t, number, date } = texts
  const day = dayNumber()
  const [waiting, lately, helpers, asleep] = await Promise.all([
    countThreadsWaiting(),
    askedLately(day),
    helpersLately(day),
    groupsAsleep(response.locals.brand.id),
  ])
  const names = await namesOf(helpers.map(({ person }) => person))
  const most = Math.max(1, ...waiting)
  const total = waiting.reduce((sum, count) => sum + count, 0)
  response.render('studio/community', {
    layout: 'studio',
    nav: 'questions',
    head: { title: t('studio:community.title'), noindex: true },
    sentence: t('studio:community.sentence', { count: total }),
    waiting: waitingAgeNames.map((age, n) => ({
      href: `/studio/questions?show=unanswered&age=${age}`,
      text: t(`studio:questions.ages.${age}`),
      count: number(waiting[n]!),
      bar: { part: waiting[n]! / most, off: age === 'older', rtl: texts.dir === 'rtl' },
    })),
    answers: answersView(texts, lately.weeks),
    helpers: helpers.flatMap(({ person, answers, accepted }) => {
      const name = names.get(String(person))
      const href = `${path}/people/${String(person)}`
      return name ? [{ href, name, answers: number(answers), accepted: number(accepted) }] : []
    }),
    repeated: lately.repeated.map(({ title, words, count }) => ({
      title,
      words: words.split(' ').join(' + '),
      href: `/studio/questions?q=${encodeURIComponent(words)}`,
      count: number(count),
    })),
    asleep: asleep.map(({ slug, name, members, activeAt }) => ({
      href: `/community/groups/${slug}`,
      name,
      members: t('academy:groups.members', { count: members }),
      since: date(activeAt, 'short'),
    })),
  })
}

function answersView(
  { t, number, date, dir }: Texts,
  weeks: Awaited<ReturnType<typeof askedLately>>['weeks'],
) {
  const known = weeks.flatMap(({ medianHours }) => (medianHours === null ? [] : [medianHours]))
  if (!known.length) return null
  const hoursText = (value: number) => t('studio:community.hours', { count: Math.round(value) })
  const last = weeks.findLast(({ medianHours }) => medianHours !== null)!
  const words = t('studio:community.medianText', {
    time: hoursText(last.medianHours!),
    day: date(last.start, 'short'),
    best: hoursText(Math.min(...known)),
    worst: hoursText(Math.max(...known)),
  })
  return {
    words,
    chart: {
      weeks: weeks.map(({ start, medianHours }) => ({
        name: date(start, 'short'),
        now: 0,
        draft: medianHours ?? 0,
      })),
      most: Math.max(1, Math.ceil(Math.max(...known))),
      label: words,
      rtl: dir === 'rtl',
    },
    rows: weeks.map(({ start, asked, medianHours }) => ({
      week: date(start, 'short'),
      asked: number(asked),
      median: medianHours === null ? t('studio:community.noAnswers') : hoursText(medianHours),
    })),
  }
}

const pageSize = 20

/** `GET /studio/community/people/:person`: a person's answers, the latest first. */
export const answersBy: MemberHandler = async (request, response) => {
  const { person: id } = request.params
  const name = isObjectIdOrHexString(id) ? (await namesOf([id])).get(id) : undefined
  if (!name) throw notFound()
  const { t, date } = textsOf(response)
  const { after, before } = parametersOf(request)
  const page = await readPage<Post>(
    beyond => Posts.find({ $and: [{ person: id, state: 'shown', answer: null }, beyond] }),
    { writtenAt: -1, _id: -1 },
    { after, before },
    pageSize,
  )
  const threads = await Threads.find(
    { _id: { $in: page.rows.map(({ thread }) => thread) } },
    { title: 1, course: 1, accepted: 1 },
  )
  const courses = await Courses.find(
    { _id: { $in: threads.map(({ course }) => course) } },
    { slug: 1, 'draft.title': 1 },
  )
  response.render('studio/community-answers', {
    layout: 'studio',
    nav: 'questions',
    head: { title: name, noindex: true },
    title: t('studio:community.answersOf', { name }),
    rows: page.rows.flatMap(({ _id, thread: threadId, text, votes, writtenAt }) => {
      const thread = threads.find(each => each._id.equals(threadId))
      const course = courses.find(each => thread && each._id.equals(thread.course))
      if (!thread || !course) return []
      const isAccepted = thread.accepted?.equals(_id) === true
      return [
        {
          href: `${threadPath(course.slug, thread)}#post-${String(_id)}`,
          title: thread.title || t('academy:community.goneQuestion'),
          text: text.length > 300 ? `${text.slice(0, 300)}…` : text,
          meta: [
            course.draft.title,
            date(writtenAt, 'short'),
            t('studio:community.votes', { count: votes }),
            ...(isAccepted ? [t('academy:community.accepted')] : []),
          ].join(' · '),
        },
      ]
    }),
    pages: {
      ...pageLinks(page, (at: At) => `${path}/people/${id}?${new URLSearchParams({ ...at })}`),
      notes: [],
    },
  })
}
