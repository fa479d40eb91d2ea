import type { Request, Response } from 'express'
import { shownDraft, type Brand, type ShownBrand } from '../brand/brand'
import { notFound } from '../platform/errors'
import { preparePage } from '../web/page'
import { renderEmail } from '../web/render-email'
import { passOn } from '../web/route'
import { allowInlineStyles } from '../web/security'
import { baseStylesheetOf } from '../web/stylesheets'
import { renderView } from '../web/views'
import { textsOf } from '../web/texts'
import { brandPath, brandRecordOf } from './brands'

/** Below a draft: the appearance and the direction of its pages, and the path of one. */
const framed = /^\/admin\/brands\/[^/]+\/draft\/(light|dark)(-rtl)?(\/.*)?$/

/** The paths of the stylesheet and of an example of an email; every other path is that of the academy's own page. */
const stylesheet = '/css/base.css'
export const exampleEmail = '/welcome-email'

/** Returns the path below which an administrator sees the pages of a brand's draft, by their look. */
export const draftFramesPath = (brand: Pick<Brand, '_id'>): string => `${brandPath(brand)}/draft`

/** Returns where an administrator sees a page of a brand's draft, such as `/courses/pumps`. */
export const draftFramePath = (brand: Pick<Brand, '_id'>, page: string): string =>
  `${draftFramesPath(brand)}/light${page}`

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Locals {
      /** For a page of a draft in the editor: the way back to it; null in its frame. */
      draftFrame?: { back: string | null }
    }
  }
}

/**
 * `GET /admin/brands/:id/draft/:look/…`: a page of the academy as an anonymous visitor would see the draft, on the
 * administrator's own host: the brand's may be another site, whose cookies no frame sends, or not answer yet. The
 * academy's route answers it; its links stay in the draft, its forms and scripts do nothing, and nothing is recorded.
 */
export async function show(request: Request, response: Response): Promise<unknown> {
  const { path, url } = request
  const [, theme, mirrored, page = '/'] = framed.exec(path) ?? []
  if (!theme) throw notFound()
  const record = brandRecordOf(response)
  const brand = shownDraft(record)
  const isFrame = request.get('sec-fetch-dest') === 'iframe'
  const look = `${draftFramesPath(record)}/${theme}${mirrored ?? ''}`
  keepInDraft(response, look, brand)

  // An anonymous visitor: without the administrator's session, theme and messages.
  request.user = undefined
  delete request.headers.cookie
  request.url = page + (url.includes('?') ? url.slice(url.indexOf('?')) : '')
  request.originalUrl = request.url
  response.locals.brand = brand
  await preparePage(request, response, () => {})
  const { dir } = response.locals
  const draftFrame = { back: isFrame ? null : brandPath(record) }
  Object.assign(response.locals, { theme, dir: mirrored ? 'rtl' : dir, draftFrame })

  if (page === stylesheet) return response.type('css').send(baseStylesheetOf(brand))
  if (page === exampleEmail) {
    allowInlineStyles(response)
    return response.send(emailOf(brand, response))
  }
  return passOn
}

/** Sends pages with links that stay in the draft, and nothing that a browser would keep. */
function keepInDraft(response: Response, look: string, { baseUrl }: ShownBrand): void {
  const [send, location] = [response.send.bind(response), response.location.bind(response)]
  response.send = body => {
    response.send = send
    response.set('cache-control', 'no-store')
    const type = response.get('content-type') ?? 'text/html'
    const isPage = typeof body === 'string' && type.startsWith('text/html')
    return send(isPage ? inDraft(body, look, baseUrl) : body)
  }
  response.location = url => {
    const path = url.startsWith(`${baseUrl}/`) ? url.slice(baseUrl.length) : url
    return location(/^\/(?!\/)/.test(path) ? look + path : path)
  }
  response.cookie = () => response
}

/** Links to other sites open in a tab of their own, since no site may be in the frame. */
function inDraft(html: string, look: string, baseUrl: string): string {
  return html
    .replaceAll(`"${baseUrl}/`, '"/')
    .replace(/<script\b[^>]*>[\s\S]*?<\/script>\s*/g, '')
    .replace(/(<a\b[^>]*?\shref=")(?=\/(?!\/|admin\/))/g, `$1${look}`)
    .replace(/(<a\b[^>]*?\s)(?=href="https?:)/g, '$1target="_blank" ')
    .replace(/(<link\b[^>]*?\shref=")(?=\/css\/base\.css)/, `$1${look}`)
    .replace(/(\s(?:src|poster)=")(?=\/courses\/)/g, `$1${look}`)
}

/** The welcome email of the draft, with the lines that a mail program shows above it. */
function emailOf(brand: ShownBrand, response: Response): string {
  const { t, dir, lang } = textsOf(response)
  const values = { name: t('admin:preview.reader'), dir }
  const { subject, html, sender } = renderEmail('welcome', values, brand, lang)
  const { address, replyTo } = sender
  const lines = [
    t('admin:preview.from', { sender: address ? `${sender.name} <${address}>` : sender.name }),
    ...(replyTo ? [t('admin:preview.replies', { address: replyTo })] : []),
  ]
  const envelope = renderView('mail/envelope', { subject, lines })
  return html.replace(/<body[^>]*>/, body => body + envelope)
}
