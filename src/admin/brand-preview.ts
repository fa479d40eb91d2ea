import { baseUrlOf, shownDraft, type Brand } from '../brand/brand'
import { inCatalogueOrder } from '../courses/catalogue-order'
import { coursesOf } from '../courses/shown-courses'
import { previewUrl } from '../web/shown-brand'
import type { Texts } from '../web/texts'
import { draftFramePath, draftFramesPath, exampleEmail } from './draft-frame'

/** A page of the academy with the name of its tab; `width` in pixels, where it isn't that of a desktop. */
export type PreviewPage = { text: string; path: string; width?: number }

/** As mail programs show an email. */
const emailWidth = 720

/**
 * Returns the pages of a draft that are shown beside its form: the page that the form is about, if it has one of its
 * own, then the home page, the newest course, an email and a certificate.
 *
 * @param first the path of the page that is shown first.
 */
export async function previewOf(brand: Brand, { t }: Texts, own?: PreviewPage, first = own?.path ?? '/') {
  const courses = await inCatalogueOrder(await coursesOf(shownDraft(brand), null))
  const [newest] = courses
  const hasCertificate = courses.some(({ content }) => content.certificate)
  const pages: PreviewPage[] = [
    ...(own ? [own] : []),
    { text: t('admin:preview.home'), path: '/' },
    ...(newest ? [{ text: t('admin:preview.course'), path: `/courses/${newest.slug}` }] : []),
    { text: t('admin:preview.email'), path: exampleEmail, width: emailWidth },
    ...(hasCertificate ? [{ text: t('admin:preview.certificate'), path: '/certificates/example' }] : []),
  ]
  return {
    base: draftFramesPath(brand),
    pages: pages.map(({ text, path, width }) => ({
      ...{ text, path, width: width ? ` data-width="${width}"` : '' },
      href: draftFramePath(brand, path),
      current: path === first ? ' aria-current="true"' : '',
    })),
    shareHref: previewUrl({ id: brand._id, baseUrl: baseUrlOf(brand._id, brand.hosts) }, own?.path),
  }
}
