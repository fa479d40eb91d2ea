import { createHash } from 'node:crypto'
import type { Response } from 'express'
import { entryOf } from '../courses/catalogue-lists'
import type { Author, Lesson } from '../courses/course'
import { isFreeVideo } from '../courses/content'
import { kindOf } from '../courses/kinds/kinds'
import { renderMarkdown } from '../courses/render'
import type { Published } from '../courses/published'
import { reviewSummary, type ReviewSummary } from '../community/review'
import { coursesOf, shownCourse } from '../courses/shown-courses'
import { isForEveryone } from '../courses/visibility'
import { remembered } from '../platform/cached'
import { notFound } from '../platform/errors'
import { coverImage, imageHtml } from '../web/course-cover'
import type { Handler } from '../web/handler'
import type { Translate } from '../web/i18n'
import { keepForEveryone, keepForEveryoneInLanguage } from '../web/public-response'
import { allowLoadingElsewhere } from '../web/security'
import { cover } from '../web/charts/cover'
import { courseLooks, type CourseLook } from '../web/course-palette'
import { coverKey, coverImageFile } from './cover'
import { socialImage, socialImageKey } from './social-image'
import { learnersOf } from './stats'
import { courseProgress, outlineOf, type OutlineRow } from './outline'
import { anonymousPage } from './anonymous-page'
import { courseJsonLd } from './json-ld'
import { finishDateLink } from './finish-dates'
import { courseContext, type CourseContext } from './course-context'
import { courseCard } from './course-card'
import { courseLanguage } from './course-language'
import { durationText } from './duration'
import { enrolAction } from './enrol-action'
import { episodesOf } from './podcast-episodes'
import { lessonPath } from '../courses/lesson-path'
import { initialsOf } from '../web/initials'
import { nextDateOf, type NextDate } from './next-sessions'
import { canReview, ratingText, reviewsPath } from './reviews'
import { nextStepLink } from './next-step'
import { canMove } from './versions'
import { textsOf, type TextLink, type Texts } from '../web/texts'

/** A course: what it teaches, for whom, at what price, and what sales will see; learners also see their progress. */
export const show: Handler = async (request, response) => {
  await anonymousPage(request, response, 'academy/course', async () => {
    const nextDate = await nextDateOf(request, response, courseContext(response).published)
    return courseModel(response, request.user !== undefined, nextDate)
  })
}

/**
 * The picture for link previews on other sites (Open Graph), 1200 by 630 pixels: of courses that everyone may see.
 *
 * @throws HttpError 404 for any other, also to those who see it.
 */
export const showCover: Handler = async (_request, response) => {
  const { brand } = response.locals
  const { t, minutes } = textsOf(response)
  const { slug } = courseContext(response).published
  const published = await shownCourse(brand, slug, null)
  if (!published) throw notFound()
  const image = {
    published,
    look: (await courseLooks(brand))(slug),
    accent: brand.content.accent,
    academy: t('brand:academyName'),
    facts: t('academy:invitation.facts', {
      count: published.lessons.length,
      time: minutes(published.minutes),
    }),
  }
  const etag = `"${createHash('sha256').update(socialImageKey(image)).digest('base64url').slice(0, 22)}"`
  allowLoadingElsewhere(response)
  keepForEveryoneInLanguage(response, 86_400)
  response.set('etag', etag)
  response.type('png').send(await socialImage(image))
}

/** The cover as a video's poster, 1280 by 720 pixels. */
export const showPoster: Handler = (_request, response) => sendPicture(response, 'poster')

/** The cover of the course's podcast, 1400 by 1400 pixels. */
export const showSquare: Handler = (_request, response) => sendPicture(response, 'square')

async function sendPicture(response: Response, shape: 'poster' | 'square') {
  const { brand } = response.locals
  const { published } = courseContext(response)
  const look = (await courseLooks(brand))(published.slug)
  const cover = { published, shape, look, accent: brand.content.accent }
  // The cover has a column for each lesson that its reader sees, and learners also see that of a withdrawn course, or
  // of the revision that they are on: only what strangers see may be kept by a cache that they share.
  if (published === (await shownCourse(brand, published.slug, null))) {
    keepForEveryone(response, 86_400)
    response.set('etag', `"${coverKey(cover)}"`)
  }
  const { bytes, type } = await coverImageFile(cover)
  response.type(type).send(bytes)
}

/**
 * Returns the view model of a course's page, as it is for someone who is signed in or not; `model` is the same object
 * for the same page.
 */
export async function courseModel(response: Response, isSignedIn: boolean, nextDate: NextDate | null = null) {
  const context = courseContext(response)
  const [courses, learners, looks, reviews] = await Promise.all([
    coursesOf(response.locals.brand, response.locals.person),
    learnersOf(context.published.course),
    courseLooks(response.locals.brand),
    reviewSummary(context.published.course),
  ])
  const texts = textsOf(response)
  const { published, newest, enrolment, hasAccess, hasPaid, isArchived } = context
  const look = looks(published.slug)
  const related = published.content.related.flatMap(slug => {
    const course = courses.find(each => each.slug === slug)
    return course ? [courseCard(texts, course, looks(slug))] : []
  })
  const { motivation: mayHaveDate } = response.locals.brand.content
  const nextStep = nextStepLink(response)
  const video = hasAccess ? null : await previewVideo(published)
  const from = [
    ...[texts.t, texts.lists, published, newest, hasAccess, hasPaid, isArchived, isSignedIn],
    ...[
      learners,
      look.palette,
      look.isDrawn,
      mayHaveDate,
      nextStep?.href,
      nextStep?.text,
      reviews.byStars.join(),
      nextDate && JSON.stringify(nextDate),
      video && JSON.stringify(video.part),
    ],
    ...[...courses, ...related],
  ]
  const data = {
    courses,
    related,
    learners,
    look,
    isSignedIn,
    video,
    mayHaveDate,
    nextStep,
    nextDate,
    reviews,
  }
  const model = rememberedCourse(enrolment ?? published, '', from, () => courseView(texts, context, data))
  return { ...model, model }
}

const rememberedCourse = remembered<ReturnType<typeof courseView>>()

/** Returns the video that the author has chosen, or the first free one, for the view of its kind; null without any. */
export async function previewVideo({ slug, content, lessons }: Published): Promise<PreviewVideo | null> {
  const videos = lessons.filter(isFreeVideo)
  const lesson = videos.find(each => each.slug === content.previewVideo) ?? videos[0]
  const start = { requested: null, last: undefined }
  const part = lesson && (await kindOf(lesson).show?.(lesson, { slug, ...content }, start))
  return part ? { lesson, part } : null
}

type PreviewVideo = { lesson: Lesson; part: object }

/** The poster of what a lesson's kind shows, when it has one. */
export function posterOf(part: object | null | undefined): string | undefined {
  return part && 'poster' in part && typeof part.poster === 'string' ? part.poster : undefined
}

export function previewVideoView(texts: Texts, course: Published, { lesson, part }: PreviewVideo) {
  return {
    part,
    lesson: { href: lessonPath(course, lesson), text: lesson.title },
    length: durationText(texts, lesson.mediaSeconds ?? 0),
  }
}

type CourseData = {
  /** All courses that the visitor sees. */
  courses: Published[]
  related: ReturnType<typeof courseCard>[]
  learners: number
  look: CourseLook
  isSignedIn: boolean
  video: PreviewVideo | null
  /** Whether its learners may set a date to finish by. */
  mayHaveDate: boolean
  nextStep: TextLink | null
  nextDate: NextDate | null
  reviews: ReviewSummary
}

function courseView(texts: Texts, context: CourseContext, data: CourseData) {
  const { t, minutes, within, lists, listName } = texts
  const { published, newest, hasAccess } = context
  const { content } = published
  const { progress, chart } = courseProgress(texts, context)
  const isHighlighted = (lesson: Lesson, n: number) => (hasAccess ? progress.steps[n]!.done : lesson.preview)
  const path = `/courses/${published.slug}`
  const picture = coverImage(published, data.look)
  return {
    head: {
      title: content.title,
      description: content.summary,
      canonical: path,
      picture: posterOf(data.video?.part),
      ...(isForEveryone(content) ? { image: `${path}/cover.png`, oembed: path } : { noindex: true }),
      podcast:
        isForEveryone(content) && episodesOf(context).some(({ lesson }) => lesson.preview)
          ? `${path}/podcast.xml`
          : undefined,
      jsonLd: isForEveryone(content)
        ? courseJsonLd(newest ?? published, t('layout:name'), texts, data.reviews)
        : undefined,
    },
    nav: 'courses',
    signUpNext: `?next=${path}`,
    video: data.video && previewVideoView(texts, published, data.video),
    podcast: episodesOf(context).length ? `${path}/podcast` : null,
    nextDate: data.nextDate,
    addToPlaylist: newest && data.isSignedIn ? `/playlists/add?course=${published.slug}` : null,
    title: content.title,
    language: courseLanguage(published),
    summary: content.summary,
    audiences: content.audiences.map(value => ({
      href: `/courses?role=${entryOf(lists.audiences, value)?.id ?? value}`,
      text: t('academy:course.for', { audience: within(listName('audiences', value)) }),
    })),
    byline: content.authors.length ? bylineView(texts, published) : null,
    enrolled: hasAccess ? enrolledView(texts, context, progress, chart, data) : null,
    offer: hasAccess ? null : offerView(texts, context, data),
    cover: picture
      ? imageHtml(picture, '(min-width: 80em) 1184px, 100vw')
      : cover({
          id: published.slug,
          topic: content.topic,
          palette: data.look.palette,
          lessons: published.lessons.map((lesson, n) => ({
            minutes: lesson.minutes,
            blue: isHighlighted(lesson, n),
          })),
          format: 'head',
          walkers: true,
          rtl: texts.dir === 'rtl',
        }),
    caption: picture ? '' : t(hasAccess ? 'academy:course.captionEnrolled' : 'academy:course.caption'),
    lessonsTitle: t('academy:course.lessons', {
      count: published.lessons.length,
      time: minutes(published.minutes),
    }),
    length: minutes(published.minutes),
    locked:
      hasAccess || published.lessons.every(({ preview }) => preview) ? null : lockedText(texts, published),
    modules: outlineOf(context).map((module, n, all) => ({
      title: module.title,
      length: t('academy:course.lessons', { count: module.rows.length, time: minutes(module.minutes) }),
      isOpen: all.length <= maxOpenModules + 1 || n < maxOpenModules || module.rows.some(isCurrentRow),
      lessons: module.rows.map(row => lessonRow(texts, row, hasAccess)),
    })),
    instructors: content.authors.map(author => instructorView(texts, author, data.courses)),
    onThisPage: onThisPage(texts, published),
    scripts: [
      '/js/course.js',
      ...(data.video ? ['/js/media.js'] : []),
      ...(data.nextDate ? ['/js/zone.js'] : []),
    ],
    description: descriptionOf(published),
    hasFit: content.forYou.length > 0 || content.notForYou.length > 0,
    forYou: content.forYou,
    notForYou: content.notForYou,
    outcomes: content.outcomes,
    included: includedIn(texts, published),
    related: data.related,
    reviews: reviewsLink(texts, context, data.reviews),
  }
}

/** In a longer outline, only the first modules are open, and the one to continue in. */
const maxOpenModules = 2
const isCurrentRow = ({ isCurrent }: OutlineRow) => isCurrent

/** The link to the reviews: their average, or how many there are, or that a learner can write one. */
function reviewsLink(texts: Texts, context: CourseContext, reviews: ReviewSummary): TextLink | null {
  const text = ratingText(texts, reviews) ?? (canReview(context) ? texts.t('academy:reviews.write') : null)
  return text === null ? null : { href: reviewsPath(context.published.slug), text }
}

/** What opens the lessons that this visitor can't open. */
function lockedText({ t }: Texts, { content, lessons }: Published): string {
  const count = lessons.filter(({ preview }) => preview).length
  const key = content.price ? 'lockedPaid' : 'lockedFree'
  return count ? t(`academy:course.${key}But`, { count }) : t(`academy:course.${key}`)
}

/** Links to the sections that the page has, in their order. */
function onThisPage({ t }: Texts, published: Published) {
  const { outcomes, authors } = published.content
  const sections = [
    outcomes.length && (['outcomes', 'outcomes'] as const),
    ['outline', 'outline'] as const,
    descriptionOf(published) && (['about', 'about'] as const),
    authors.length && (['instructors', 'instructorsLink'] as const),
  ]
  return sections.flatMap(section =>
    section ? [{ id: section[0], text: t(`academy:course.${section[1]}`, { count: authors.length }) }] : [],
  )
}

/** An author, with the link to their other courses. */
export function instructorView({ t }: Texts, { name, role, about }: Author, courses: readonly Published[]) {
  const count = courses.filter(({ content }) => content.authors.some(each => each.name === name)).length
  return {
    ...{ name, role, about, initials: initialsOf(name) },
    courses:
      count > 1
        ? {
            href: `/courses?instructor=${encodeURIComponent(name)}`,
            text: t('academy:course.instructorCourses', { count }),
          }
        : null,
  }
}

/** Authors, version, last review and language. */
function bylineView({ t, date, languageName }: Texts, { content, number, lessons }: Published) {
  const { authors, checkedOn, language } = content
  const version = t('academy:course.version', { number })
  const alternatives = new Set(lessons.flatMap(lesson => kindOf(lesson).textAlternative?.(lesson) ?? []))
  return {
    initials: initialsOf(authors[0]!.name),
    // The text after each name, as in "Ines, learning, with Bo, operations, Cy, sales".
    authors: authors.map(({ name, role }, n) => ({
      name,
      suffix:
        (role && `, ${role}`) +
        (n === authors.length - 1 ? '' : n === 0 ? `, ${t('academy:course.with')}` : ','),
    })),
    meta: [
      checkedOn ? `${version}, ${t('academy:course.checked', { day: date(new Date(checkedOn)) })}` : version,
      t('academy:course.language', { language: languageName(language) }),
      ...[...alternatives].map(alternative => t(`academy:course.alternative.${alternative}`)),
    ].join(' · '),
  }
}

/** The box next to the title for a learner: progress and where to continue. */
function enrolledView(
  texts: Texts,
  context: CourseContext,
  progress: ReturnType<typeof courseProgress>['progress'],
  chart: string,
  { mayHaveDate, nextStep }: Pick<CourseData, 'mayHaveDate' | 'nextStep'>,
) {
  const { t, minutes } = texts
  const { published, enrolment } = context
  const { done, total, finished, next, minutesLeft } = progress
  const { certificate } = published.content
  const path = `/courses/${published.slug}`
  const continueLabel = (lesson: Lesson) =>
    done
      ? t('academy:course.continue', { number: published.lessons.indexOf(lesson) + 1 })
      : t('academy:course.start')
  const links: (TextLink & { isMain: boolean })[] = []
  if (next) links.push({ href: lessonPath(published, next), text: continueLabel(next), isMain: true })
  if (enrolment?.completedAt && certificate) {
    links.push({ href: `${path}/certificate`, text: t('academy:course.certificate'), isMain: true })
  }
  if (finished && mayHaveDate) {
    links.push({ href: `${path}/finished`, text: t('academy:finished.canDo'), isMain: false })
  }
  if (nextStep) links.push({ ...nextStep, isMain: false })
  return {
    status: finished ? t('academy:course.finished') : t('academy:course.done', { done, total }),
    progress: chart,
    note: finished
      ? t('academy:lessonProgress.finished', { count: total })
      : t('academy:course.timeLeft', { time: minutes(minutesLeft) }),
    links,
    finishDate:
      mayHaveDate && !enrolment?.completedAt ? finishDateLink(texts, path, enrolment?.finishBy) : null,
    archived: context.isArchived ? t('academy:course.archived') : null,
    newer: canMove(context)
      ? {
          text: t('academy:course.newer', { number: published.number }),
          href: `${path}/version`,
          link: t('academy:version.title'),
        }
      : null,
  }
}

/** The box next to the title for everyone else: the price and how to enrol. */
function offerView({ t, money, number }: Texts, context: CourseContext, data: CourseData) {
  const { published, enrolment } = context
  const { price } = published.content
  const preview = published.lessons.find(lesson => lesson.preview)
  return {
    price: price ? money(price.amount, price.currency) : t('academy:facts.free'),
    terms: t(price ? 'academy:course.lifetimeAccess' : 'academy:course.noCard'),
    refunded: enrolment?.revokedAt ? t('academy:course.refunded') : null,
    enrol: enrolAction(t, published, data.isSignedIn),
    preview: preview && previewLink(t, published, preview),
    learners:
      data.learners > 0
        ? t('academy:course.learners', { count: data.learners, people: number(data.learners) })
        : null,
  }
}

/** The link to a free preview, such as “Watch lesson 1 free”. */
export function previewLink(t: Translate, course: Published, preview: Lesson): TextLink {
  const number = course.lessons.indexOf(preview) + 1
  return { href: lessonPath(course, preview), text: t(`academy:course.preview.${preview.kind}`, { number }) }
}

/** A lesson in an outline, for a learner of its course or for anyone else. */
export function lessonRow(
  { t, minutes }: Texts,
  { lesson, number, href, state }: OutlineRow,
  hasAccess: boolean,
) {
  const tag = () => {
    if (hasAccess && state === 'done') return { class: 'tag-pine', text: t('academy:course.tagDone') }
    if (!hasAccess && lesson.preview) return { class: 'tag-blue', text: t('academy:course.tagPreview') }
    if (!hasAccess && lesson.visibility === 'signed-in')
      return { class: 'tag-blue', text: t('academy:course.tagSignedIn') }
    return lesson.kind === 'tour' ? { class: 'tag-marker', text: t('academy:course.tagTour') } : null
  }
  return {
    number,
    icon: kindOf(lesson).icon,
    kind: t(`academy:kinds.${lesson.kind}`),
    href,
    title: lesson.title,
    tag: tag(),
    minutes: minutes(lesson.minutes),
  }
}

/** "What's included": its length, tours, the certificate, up to 3 downloads, and answers from the authors. */
function includedIn({ t, minutes }: Texts, published: Published): { icon: string; text: string }[] {
  const { content, lessons } = published
  const tours = lessons.filter(({ kind }) => kind === 'tour').length
  const downloads = lessons.flatMap(lesson => lesson.downloads).slice(0, 3)
  return [
    { icon: 'clock', text: t('academy:course.includesTime', { time: minutes(published.minutes) }) },
    ...(tours ? [{ icon: 'cursor-click', text: t('academy:course.includesTours', { count: tours }) }] : []),
    ...(content.certificate ? [{ icon: 'seal-check', text: t('academy:course.includesCertificate') }] : []),
    ...downloads.map(({ title }) => ({ icon: 'file-text', text: title })),
    { icon: 'chat-circle', text: t('academy:course.includesAnswers') },
  ]
}

const descriptions = new WeakMap<Published, string>()

/** Returns the description as HTML, rendered once per revision; empty for a course without one. */
function descriptionOf(published: Published): string {
  const cached = descriptions.get(published)
  if (cached !== undefined) return cached
  const { description, assets, language } = published.content
  const links = { lessons: published.lessons, hrefOf: (slug: string) => lessonPath(published, { slug }) }
  const html = renderMarkdown(description, assets, language, 2, links).trim()
  descriptions.set(published, html)
  return html
}
