import type { Request, Response } from 'express'
import { z } from 'zod'
import { changeCatalogueOrder, inCatalogueOrder, catalogueOrder } from '../courses/catalogue-order'
import { publishedCourses, type Published } from '../courses/published'
import type { Person } from '../people/person'
import { notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import { textsOf } from '../web/texts'
import { permissionsOf } from '../web/guard'
import { setDoneFlash } from './course-page'

/** `GET /studio/catalogue`: the order of the catalogue, and the featured course. */
export async function index(_request: Request, response: Response, person: Person): Promise<void> {
  const { t, date } = textsOf(response)
  const [courses, order] = await Promise.all([publishedCourses().then(inCatalogueOrder), catalogueOrder()])
  const isWriter = permissionsOf(person).writeCourses
  const placed = new Set(order.courses)
  response.render('studio/catalogue', {
    layout: 'studio',
    nav: 'catalogue',
    head: { title: t('studio:catalogue.title'), noindex: true },
    canWrite: isWriter,
    scripts: isWriter ? ['/js/catalogue-order.js'] : [],
    isChosen: order.courses.length > 0 || order.featured !== null,
    rows: courses.map((course, n) => {
      const id = String(course.course)
      const { title } = course.content
      return {
        id,
        slug: course.slug,
        href: `/studio/courses/${course.slug}`,
        title,
        number: n + 1,
        isFeatured: id === order.featured,
        facts: t(placed.has(id) ? 'studio:catalogue.placed' : 'studio:catalogue.byDate', {
          day: date(course.publishedAt),
        }),
        canMoveUp: n > 0,
        canMoveDown: n < courses.length - 1,
      }
    }),
    empty: {
      title: t('studio:catalogue.none'),
      text: t('studio:catalogue.noneText'),
      link: { href: '/studio', text: t('studio:courses.title') },
    },
  })
}

const orderSchema = z.union([
  z.object({ action: z.enum(['up', 'down', 'feature', 'unfeature']), course: z.string().max(100) }),
  z.object({
    action: z.literal('place'),
    course: z.string().max(100),
    before: z.string().max(100).default(''),
  }),
  z.object({ action: z.literal('newest') }),
])

/**
 * `POST /studio/catalogue`: moves a course `up` or `down`, or to a `place` before another one or to the end; puts one
 * first (`feature`), or no longer; or goes back to `newest`.
 */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const { data } = orderSchema.safeParse(request.body)
  if (!data) throw notFound()
  const shown = await inCatalogueOrder(await publishedCourses())
  if (data.action === 'newest') {
    await changeCatalogueOrder(person._id, () => ({ courses: [], featured: null }))
    setDoneFlash(response, t('studio:catalogue.done.newest'))
    return response.redirect(303, '/studio/catalogue')
  }
  const course = shown.find(({ slug }) => slug === data.course)
  if (!course) throw notFound()
  const id = String(course.course)
  if (data.action === 'feature' || data.action === 'unfeature') {
    const featured = data.action === 'feature' ? id : null
    await changeCatalogueOrder(person._id, order => ({ courses: order.courses, featured }))
  } else {
    const courses = placed(shown, course, data.action === 'place' ? data.before : data.action)
    await changeCatalogueOrder(person._id, ({ featured }) => ({ courses, featured }))
  }
  const { title } = course.content
  setFlash(response, { kind: 'done', bold: t(`studio:catalogue.done.${data.action}`, { title }) })
  response.redirect(303, `/studio/catalogue#course-${course.slug}`)
}

/** Returns the ids of all courses in their new order, in which one has moved: `up`, `down`, or before a slug. */
function placed(shown: Published[], course: Published, to: string): string[] {
  const at = shown.indexOf(course)
  const without = shown.filter(each => each !== course)
  const step = to === 'up' ? at - 1 : to === 'down' ? at + 1 : without.findIndex(({ slug }) => slug === to)
  const index = step < 0 && to !== 'up' ? without.length : Math.max(0, step)
  return without.toSpliced(index, 0, course).map(each => String(each.course))
}
