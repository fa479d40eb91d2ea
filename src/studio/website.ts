import type { Request, Response } from 'express'
import { escapeXML } from 'ejs'
import { embeddingSites } from '../brand/embedding-sites'
import type { Published } from '../courses/published'
import { coursesOf } from '../courses/shown-courses'
import type { FormField } from '../web/field'
import { emptyForm } from '../web/form'
import { parametersOf } from '../web/parameters'
import { allowFrames } from '../web/security'
import { textsOf, type Texts } from '../web/texts'

const themes = ['auto', 'light', 'dark'] as const

/** What a website can show: the catalogue, a course, or one of its free lessons. */
type Choice = { value: string; text: string; course?: string; lesson?: string }

/**
 * `GET /studio/website?show=&theme=`: how the company's website shows the academy: a preview, the tag to copy, and the
 * sites that may. It is about the brand of the host, since the tag has its address.
 */
export async function show(request: Request, response: Response): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { brand, baseUrl } = response.locals
  const asked = parametersOf(request)
  const choices = choicesOf(await coursesOf(brand, null), texts)
  const chosen = choices.find(({ value }) => value === asked.show) ?? choices[0]!
  const theme = themes.find(each => each === asked.theme) ?? 'auto'
  const sites = await embeddingSites(brand.id)
  allowFrames(response, ["'self'"])
  response.render('studio/website', {
    layout: 'studio',
    nav: 'website',
    head: { title: t('studio:website.title'), noindex: true },
    scripts: ['website.js'],
    form: emptyForm({ show: chosen.value, theme }),
    fields: fieldsOf(choices, texts),
    preview: { src: frameOf(chosen, theme), title: t('studio:website.previewOf', { name: chosen.text }) },
    tag: tagOf(chosen, theme, baseUrl),
    sites: sites.map(site => site.replace(/^https:\/\//, '')),
    sitesHref: response.locals.can.admin ? `/admin/brands/${brand.id}/websites` : null,
    feeds: [`${baseUrl}/feed.xml`, `${baseUrl}/feed.json`],
  })
}

function choicesOf(courses: readonly Published[], { t }: Texts): Choice[] {
  return [
    { value: 'catalogue', text: t('studio:website.catalogue') },
    ...courses.flatMap(({ slug, content, lessons }) => [
      { value: slug, text: content.title, course: slug },
      ...lessons
        .filter(lesson => lesson.preview)
        .map(lesson => ({
          value: `${slug}/${lesson.slug}`,
          text: t('studio:website.lessonOf', { lesson: lesson.title, course: content.title }),
          course: slug,
          lesson: lesson.slug,
        })),
    ]),
  ]
}

function fieldsOf(choices: Choice[], { t }: Texts): FormField[] {
  return [
    { name: 'show', kind: 'select', label: t('studio:website.what'), options: choices },
    {
      name: 'theme',
      kind: 'select',
      label: t('studio:website.theme'),
      options: themes.map(value => ({ value, text: t(`studio:website.themes.${value}`) })),
    },
  ]
}

/** The same address as in the frame that the tag makes, without the site. */
function frameOf({ course, lesson }: Choice, theme: string): string {
  const path = [
    '/embed',
    ...(course ? ['courses', course] : []),
    ...(lesson ? ['lessons', lesson] : []),
  ].join('/')
  return theme === 'auto' ? path : `${path}?theme=${theme}`
}

function tagOf({ course, lesson, text }: Choice, theme: string, baseUrl: string): string {
  const values = [
    ['src', `${baseUrl}/embed.js`],
    ['data-course', course],
    ['data-lesson', lesson],
    ['data-theme', theme === 'auto' ? undefined : theme],
    ['data-title', text],
  ].flatMap(([name, value]) => (value ? [`${name}="${escapeXML(value)}"`] : []))
  return `<script ${values.join(' ')} async></script>`
}
