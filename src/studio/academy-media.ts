import type { Request, Response } from 'express'
import { storedTimes } from '../courses/asset'
import { Courses } from '../courses/course'
import { coursePermissions } from '../courses/course-role'
import { usesInCourse } from '../courses/media-uses'
import type { Person } from '../people/person'
import { textsOf } from '../web/texts'
import { mediaList, storageView, type MediaEntry } from './media-list'

/** What the list shows of a course, without the texts of its lessons. */
const listedFields = { slug: 1, draftNumber: 1, 'draft.title': 1, 'draft.assets': 1 } as const

/** `GET /studio/media`: the files of all drafts, as `mediaList` reads the address. */
export async function index(request: Request, response: Response, person: Person): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const courses = await Courses.find({}, listedFields)
  const assets = courses.flatMap(({ draft }) => draft.assets)
  const times = await storedTimes(assets.map(({ hash }) => hash))
  const entries: MediaEntry[] = []
  for (const course of courses) {
    const uses = await usesInCourse(course, async () => (await Courses.findById(course._id))?.draft)
    for (const asset of course.draft.assets) {
      entries.push({
        course: { slug: course.slug, title: course.draft.title },
        asset,
        uses: uses.get(asset.path) ?? [],
        storedAt: times.get(asset.hash),
      })
    }
  }
  response.render('studio/media', {
    layout: 'studio',
    nav: 'media',
    head: { title: t('studio:media.academyTitle'), noindex: true },
    ...mediaList(request, entries, texts, {
      canWrite: coursePermissions(person, {}).has('write'),
      showsCourse: true,
    }),
    sentence: t('studio:media.academySentence', {
      count: entries.length,
      unused: entries.filter(({ uses }) => !uses.length).length,
    }),
    storage: await storageView(assets, texts),
    none: {
      title: t('studio:media.none'),
      text: t('studio:media.noneText'),
      link: { href: '/studio', text: t('studio:media.noneLink') },
    },
  })
}
