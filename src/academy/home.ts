import type { Request, Response } from 'express'
import type { BrandContent } from '../brand/content'
import type { PageLink } from '../brand/fields'
import type { Section, SectionKind, SectionOf } from '../brand/home'
import type { Lesson } from '../courses/course'
import type { ShownStep } from '../courses/kinds/tour/tour'
import { playedName } from '../courses/captions'
import { lessonPath } from '../courses/lesson-path'
import { kindOf } from '../courses/kinds/kinds'
import type { Published } from '../courses/published'
import { catalogueOrder, inCatalogueOrder } from '../courses/catalogue-order'
import { coursesOf } from '../courses/shown-courses'
import { remembered } from '../platform/cached'
import { cover } from '../web/charts/cover'
import { courseCover } from '../web/course-cover'
import { courseLooks, type CourseLooks } from '../web/course-palette'
import type { Handler } from '../web/handler'
import { labelOf } from '../web/navigation'
import { initialsOf } from '../web/initials'
import { fileUrl, imageView, type ImageView } from '../web/image'
import { textsOf, type TextLink, type Texts } from '../web/texts'
import { anonymousPage } from './anonymous-page'
import { plainListView } from './catalogue'
import { courseLanguage } from './course-language'
import { catalogueJsonLd } from './json-ld'
import { ownHome } from './own-home'
import { nextSessions, noSessions, type SessionRows } from './next-sessions'
import { pathCard, pathCovers } from './path-card'
import { learnersThisMonth, pathSummaries, type PathSummary } from './stats'

/** What is for strangers only: who is signed in finds their own courses in its place. */
const forStrangers: ReadonlySet<SectionKind> = new Set(['hero', 'facts', 'customers', 'quotes', 'closing'])
/** What is for those who haven't begun a course. */
const forBeginners: ReadonlySet<SectionKind> = new Set(['start', 'course'])

/** The home page: the sections that the brand has arranged, each with what it says today. */
export const show: Handler = async (request, response) => {
  await anonymousPage(request, response, 'academy/home', () => homePage(request, response))
}

type HomeData = {
  courses: Published[]
  learners: number
  paths: PathSummary[]
  looks: CourseLooks
  offers: { needsAssessment: boolean; pricing: boolean }
  sessions: SessionRows
  tour: HomeTour | null
}

type HomeTour = { course: Published; lesson: Lesson; part: ShownTour }
type ShownTour = { software: string; steps: ShownStep[] }

/** Returns the tour that the brand has chosen for its home page, while it is free to this visitor; null otherwise. */
async function chosenTour(
  hero: SectionOf<'hero'> | undefined,
  courses: readonly Published[],
): Promise<HomeTour | null> {
  if (!hero?.tour) return null
  const [slug, name] = hero.tour.split('/')
  const course = courses.find(each => each.slug === slug)
  const lesson = course?.lessons.find(each => each.slug === name && each.preview && each.kind === 'tour')
  if (!course || !lesson) return null
  const start = { requested: null, last: undefined }
  const part = await kindOf(lesson).show?.(lesson, { slug: course.slug, ...course.content }, start)
  return part ? { course, lesson, part: part as ShownTour } : null
}

async function homePage(request: Request, response: Response) {
  const { brand, offers, person } = response.locals
  const texts = textsOf(response)
  const courses = await inCatalogueOrder(await coursesOf(brand, person))
  const hasSessions = brand.content.home.some(({ kind }) => kind === 'sessions')
  const [learners, paths, looks, order, sessions] = await Promise.all([
    learnersThisMonth(brand),
    pathSummaries(brand, person),
    courseLooks(brand),
    catalogueOrder(),
    hasSessions ? nextSessions(request, response) : noSessions,
  ])
  const hero = brand.content.home.find(each => each.kind === 'hero')
  const own = person && !brand.isDraft ? await ownHome(response, person, courses, looks) : null
  const shown = brand.content.home.filter(
    ({ kind }) => !own || !(forStrangers.has(kind) || (own.hasBegun && forBeginners.has(kind))),
  )
  const { featured } = order
  const tour = own ? null : await chosenTour(hero, courses)
  const data = { courses, learners, paths, looks, offers, sessions, tour }
  const from = [
    ...[texts.t, texts.lists, brand, order, learners, offers.needsAssessment, offers.pricing],
    ...[...shown, ...paths, sessions, ...(tour ? [tour.lesson] : [])],
  ]
  // Everyone who sees the same courses finds the same below what is their own.
  const model = rememberedHome(courses, '', from, () => {
    const sections = shown.flatMap(section => sectionView(section, texts, data) ?? [])
    return {
      sections,
      list: sections.some(({ kind }) => kind === 'catalogue') && {
        ...plainListView(texts, { all: courses, looks, featured }),
        ...titleOf(brand.content),
        isSmallHeading: false,
      },
    }
  })
  const title = hero?.title || texts.t('academy:home.title')
  return {
    head: {
      title,
      description: hero?.text || texts.t('academy:home.description'),
      canonical: '/',
      image: brand.content.socialImage ? undefined : courses[0] && `/courses/${courses[0].slug}/cover.png`,
      jsonLd: catalogueJsonLd(courses),
    },
    nav: 'courses',
    scripts: [
      '/js/catalogue.js',
      ...(!own && hero?.video ? ['/js/home-video.js'] : []),
      ...(tour ? ['/js/home-tour.js'] : []),
      ...(sessions.rows.length ? ['/js/zone.js'] : []),
    ],
    title,
    hasHero: hero !== undefined,
    own,
    model,
  }
}

type HomeModel = {
  sections: object[]
  list: false | (ReturnType<typeof plainListView> & { title?: string; isSmallHeading: boolean })
}

const rememberedHome = remembered<HomeModel>()

/** The catalogue's own heading, if it has one. */
function titleOf({ home }: BrandContent): { title?: string } {
  const catalogue = home.find(each => each.kind === 'catalogue')
  return catalogue?.kind === 'catalogue' && catalogue.title ? { title: catalogue.title } : {}
}

type View<Kind extends SectionKind> = (
  section: SectionOf<Kind>,
  texts: Texts,
  data: HomeData,
) => object | null

/** Returns the view model of each kind of section; null for one without anything to show. */
const views: { [Kind in SectionKind]: View<Kind> } = {
  hero: heroView,
  facts: (_section, { html, number }, { learners }) => ({
    learners:
      learners > 0 ? html('academy:home.learners', { count: learners, people: number(learners) }) : null,
    sharing: html('academy:home.sharing'),
  }),
  customers: ({ text, customers }) =>
    text || customers.length
      ? {
          text,
          customers: customers.map(({ name, logo }) => ({
            name,
            logo: logo && imageView(logo, { alt: '' }),
          })),
        }
      : null,
  start: ({ title, text, buttons, rows }, texts, data) =>
    rows.length
      ? {
          ...{
            title: title || texts.t('academy:home.start'),
            text,
            buttons: linksView(buttons, texts, data),
          },
          rows: rows.map(row => ({ ...row, time: timeOf(row.path, texts, data) })),
        }
      : null,
  course: courseView,
  quotes: ({ title, quotes }, { t }) =>
    quotes.length ? { title: title || t('academy:home.quotes'), quotes: quotes.map(quoteView) } : null,
  paths: ({ title, paths: chosen }, texts, { paths, looks }) => {
    const shown = chosen.length
      ? chosen.flatMap(slug => paths.find(path => path.slug === slug) ?? [])
      : paths.slice(0, 3)
    return shown.length
      ? {
          title: title || texts.t('academy:home.paths'),
          all: texts.t('academy:home.allPaths', { count: paths.length }),
          paths: shown.map(path => ({
            ...pathCard(texts, path),
            covers: pathCovers(texts, path, looks),
          })),
        }
      : null
  },
  sessions: ({ title }, { t }, { sessions }) =>
    sessions.rows.length ? { ...sessions, title: title || t('academy:sessions.upcoming') } : null,
  catalogue: () => ({}),
  closing: ({ title, text, buttons }, texts, data) =>
    title ? { title, text, buttons: linksView(buttons, texts, data) } : null,
}

function sectionView(section: Section, texts: Texts, data: HomeData) {
  const view = (views[section.kind] as View<SectionKind>)(section, texts, data)
  return view && { ...view, kind: section.kind, id: section.id }
}

/** How wide the hero's picture is shown. */
const heroSizes = '(min-width: 45.0625em) 50vw, 100vw'

function heroView(section: SectionOf<'hero'>, texts: Texts, data: HomeData) {
  const { t, dir } = texts
  const { pictureLight, pictureDark, pictureAlt, video, captions, poster } = section
  const buttons = section.buttons.length
    ? linksView(section.buttons, texts, data)
    : standardButtons(texts, data)
  const still = poster ?? pictureLight
  const sizes = heroSizes
  return {
    title: section.title || t('academy:home.title'),
    text: section.text || t(`academy:home.${standardText(data.courses)}`, { count: data.courses.length }),
    note: section.note,
    buttons,
    picture: pictureLight
      ? imageView(pictureLight, { alt: pictureAlt, dark: pictureDark, sizes })
      : firstScreen(data.tour),
    tour: data.tour && tourView(data.tour, texts),
    video:
      video && captions
        ? {
            label: section.videoLabel || t('academy:home.video'),
            note: section.videoNote,
            src: fileUrl(video),
            type: video.type,
            poster: still && fileUrl(still),
            captions: fileUrl({ ...captions, name: playedName(captions.name) }),
            captionsLabel: t('academy:home.captions'),
          }
        : null,
    cover: cover({
      id: 'aristotle',
      palette: 'sand',
      lessons: [{ minutes: 9 }, { minutes: 9 }, { minutes: 9 }, { minutes: 14, blue: true }, { minutes: 9 }],
      format: 'home',
      walkers: true,
      rtl: dir === 'rtl',
    }),
  }
}

/** A tour's first picture, in place of one that the brand hasn't chosen; null for a tour without it. */
function firstScreen(tour: HomeTour | null): ImageView | null {
  const image = tour?.part.steps[0]?.image
  return image ? { ...image, dark: null, sizes: heroSizes } : null
}

/** How wide the pictures of a tour are shown, in a dialog over the page. */
const tourSizes = '(min-width: 76em) 1184px, 100vw'

function tourView({ course, lesson, part }: HomeTour, { t }: Texts) {
  return {
    ...{ href: lessonPath(course, lesson), part, title: lesson.title, language: courseLanguage(course) },
    note: t('academy:home.tourSteps', { count: part.steps.length }),
    // Nothing is counted for a stranger, so no step is missing at its end.
    player: { sizes: tourSizes, stepSeconds: '', isDone: true, page: null },
    end: { forward: { href: `/courses/${course.slug}`, text: t('academy:home.openCourse') } },
  }
}

/** Promises a lesson to try only where there is one. */
function standardText(courses: Published[]) {
  if (!courses.length) return 'ledeNoCourses'
  return shortestPreview(courses) ? 'lede' : 'ledeNoPreview'
}

/** The shortest free lesson, and the needs assessment; without either, the catalogue. */
function standardButtons({ t }: Texts, { courses, offers }: HomeData): TextLink[] {
  const lesson = shortestPreview(courses)
  if (!lesson && !offers.needsAssessment)
    return courses.length ? [{ href: '/courses', text: t('academy:home.browse') }] : []
  return [
    ...(lesson ? [{ href: lesson.href, text: t('academy:home.tryLesson', { count: lesson.minutes }) }] : []),
    ...(offers.needsAssessment ? [{ href: '/needs-assessment', text: t('academy:home.findPath') }] : []),
  ]
}

function shortestPreview(courses: Published[]): { href: string; minutes: number } | undefined {
  return courses
    .flatMap(course =>
      course.lessons
        .filter(lesson => lesson.preview)
        .map(lesson => ({ href: lessonPath(course, lesson), minutes: lesson.minutes })),
    )
    .sort((a, b) => a.minutes - b.minutes)[0]
}

function courseView(section: SectionOf<'course'>, texts: Texts, data: HomeData) {
  const course = data.courses.find(({ slug }) => slug === section.course)
  if (!course) return null
  const { title, summary, authors } = course.content
  const href = `/courses/${course.slug}`
  const [first] = authors
  return {
    title: section.title || texts.t('academy:home.course'),
    course: { href, title, language: courseLanguage(course) },
    author: first ? [first.name, first.role].filter(Boolean).join(', ') : '',
    initials: first ? initialsOf(first.name) : '',
    all: texts.t('academy:home.allCourses', { count: data.courses.length }),
    text: section.text || summary,
    cover: courseCover(texts, course, data.looks(course.slug)),
    quote: section.quote && quoteView(section.quote),
    buttons: section.buttons.length
      ? linksView(section.buttons, texts, data)
      : [{ href, text: texts.t('academy:home.openCourse') }],
  }
}

function quoteView({ text, person, company }: { text: string; person: string; company: string }) {
  return { text, by: [person, company].filter(Boolean).join(', ') }
}

function linksView(links: PageLink[], { t }: Texts, { offers }: HomeData): TextLink[] {
  return links
    .filter(({ path }) => path !== '/needs-assessment' || offers.needsAssessment)
    .filter(({ path }) => path !== '/pricing' || offers.pricing)
    .map(link => ({ href: link.path, text: labelOf(link, t) }))
}

/** Returns how long a path or a course takes; empty for any other page. */
function timeOf(href: string, texts: Texts, { courses, paths }: HomeData): string {
  const [, kind, slug] = /^\/(paths|courses)\/([\w-]+)$/.exec(href) ?? []
  const path = kind === 'paths' ? paths.find(each => each.slug === slug) : undefined
  if (path) {
    const count = texts.t('academy:path.courses', { count: path.courses.length })
    return `${count}, ${texts.minutes(path.minutes)}`
  }
  const course = kind === 'courses' ? courses.find(each => each.slug === slug) : undefined
  return course ? texts.minutes(course.minutes) : ''
}
