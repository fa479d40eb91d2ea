import { Types } from 'mongoose'
import { z } from 'zod'
import { audiences } from '../courses/draft-preview'
import {
  createPreviewLink,
  frameToken,
  linkToken,
  livePreviewLinks,
  previewDays,
  revokePreviewLink,
} from '../courses/preview-link'
import { People, timeZoneOf } from '../people/person'
import { notFound } from '../platform/errors'
import { secretPath, secretRoutes, secretUrl } from '../platform/secret-routes'
import { readForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { recordIdOf, submissionOf } from '../web/occasion'
import { parametersOf } from '../web/parameters'
import { textsOf } from '../web/texts'
import { courseOf, coursePage, setDoneFlash } from './course-page'
import { urlOf } from './urls'

/** The widths that a preview is shown in, in pixels; null takes what there is. */
const widths = { desktop: null, phone: 390 } as const
type Width = keyof typeof widths

/**
 * `GET /studio/courses/:slug/previews`: the draft in the academy's own pages, as for one of its audiences (`?as=`), on
 * a desktop or a phone (`?on=`), and the links that show it to others.
 */
export const index: MemberHandler = async (request, response, person) => {
  const texts = textsOf(response)
  const { t, dateIn } = texts
  const course = courseOf(response)
  const query = parametersOf(request)
  const audience = audiences.find(each => each === query.as) ?? 'visitor'
  const on: Width = query.on === 'phone' ? 'phone' : 'desktop'
  const links = await livePreviewLinks(course)
  const people = await People.find({ _id: { $in: links.map(({ by }) => by) } }, { name: 1 })
  const nameOf = (id: Types.ObjectId) => people.find(({ _id }) => _id.equals(id))?.name ?? ''
  const url = `${urlOf(course)}/previews`
  const frame = secretPath(secretRoutes.coursePreview, frameToken(course, person._id))
  response.render('studio/previews', {
    ...(await coursePage(person, response, 'previews', { title: t('studio:previews.title') })),
    choices: [
      {
        label: t('studio:previews.as'),
        links: audiences.map(each => ({
          href: `${url}?as=${each}&on=${on}`,
          text: t(`academy:preview.audiences.${each}`),
          isCurrent: each === audience,
        })),
      },
      {
        label: t('studio:previews.on'),
        links: (Object.keys(widths) as Width[]).map(each => ({
          href: `${url}?as=${audience}&on=${each}`,
          text: t(`studio:previews.widths.${each}`),
          isCurrent: each === on,
        })),
      },
    ],
    frame: { src: `${frame}?as=${audience}`, width: widths[on], title: t('studio:previews.frame') },
    url,
    lifetime: {
      kind: 'select',
      name: 'days',
      label: t('studio:previews.days'),
      options: previewDays.map(days => ({
        value: days,
        text: t('studio:previews.lifetime', { count: days }),
      })),
      value: 7,
    },
    links: links.map(link => ({
      href: secretUrl(response.locals.baseUrl, secretRoutes.coursePreview, linkToken(link)),
      text: t('studio:previews.link', {
        name: nameOf(link.by),
        when: dateIn(link.expiresAt, timeZoneOf(person)),
      }),
      revocationUrl: `${url}/${link._id}/revocation`,
    })),
  })
}

const schema = z.object({
  days: z.coerce
    .number({ error: 'web:errors.chooseOne' })
    .refine(days => previewDays.some(each => each === days), { error: 'web:errors.chooseOne' }),
})

/** `POST …/previews`: creates a link that shows the draft to anyone who has it. */
export const create: MemberHandler = async (request, response, person) => {
  const { data } = readForm(schema, request, response)
  const { t } = textsOf(response)
  const course = courseOf(response)
  // The form has only choices.
  if (!data) throw notFound()
  const _id = recordIdOf(submissionOf(request, person))
  await createPreviewLink(course, { _id, by: person._id, lifetime: data.days })
  setDoneFlash(response, t('studio:previews.created'), t('studio:previews.createdText'))
  response.redirect(303, `${urlOf(course)}/previews#links`)
}

/** `POST …/previews/:id/revocation` */
export const revoke: MemberHandler = async (request, response, person) => {
  const { id } = request.params
  if (!Types.ObjectId.isValid(id)) throw notFound()
  await revokePreviewLink(courseOf(response), new Types.ObjectId(id), person._id)
  setDoneFlash(response, textsOf(response).t('studio:previews.revoked'))
  response.redirect(303, `${urlOf(courseOf(response))}/previews#links`)
}
