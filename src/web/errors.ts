import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { defaultBrandId } from '../brand/brand'
import { notFound, HttpError } from '../platform/errors'
import { log } from '../platform/log'
import { languages, translatorsFor, type Translate } from './i18n'
import { signInPath } from './local-path'

export const noSuchPage: RequestHandler = (_request, _response, next) => next(notFound())

/**
 * Turns every error into a response: a page for people, JSON for API clients. Stack traces go to the log only.
 */
export const showError: ErrorRequestHandler = (error, request, response, next) => {
  // Only what follows the response has failed, such as storing the session: express would cut the connection.
  if (response.writableEnded)
    return log.error({ err: error, request: request.id }, 'failed after the response')
  if (response.headersSent) return next(error)
  const { status, key, values } = asHttpError(error)
  // Undefined for a request that was refused before it had a page.
  const { t: pageText } = response.locals as { t?: Translate }
  const t = pageText ?? translatorsFor(languages[0]).t
  if (status >= 500) log.error({ err: error, request: request.id }, 'request failed')
  response.status(status)
  const message = t(key, values)
  if (!pageText || request.path.startsWith('/api/') || request.accepts(['html', 'json']) !== 'html') {
    return void response.json({ error: { status, code: key.split('.').pop(), message, request: request.id } })
  }
  response.render('web/error', {
    layout: 'academy',
    className: 'page text-page',
    head: { title: message, noindex: true },
    text: message,
    requestId: status >= 500 ? request.id : null,
    retry: status === 503 ? retryOf(request) : null,
    ...(key === 'web:errors.notOpen'
      ? notOpen(response)
      : key === 'web:errors.brandClosed'
        ? hasClosed(response)
        : nextSteps(status, t, request)),
  })
}

/** A form that sends what was typed again; null for a request without one, and never for a password or a file. */
function retryOf({ method, originalUrl, body }: Request) {
  if (method !== 'POST' || typeof body !== 'object' || body === null) return null
  const typed = Object.entries(body as Record<string, unknown>)
  const fields = typed.flatMap(([name, value]) => [value].flat().map(each => ({ name, value: each })))
  const isRepeatable = fields.every(({ name, value }) => typeof value === 'string' && !/password/i.test(name))
  return fields.length && isRepeatable ? { action: originalUrl, fields } : null
}

/** A page without a menu: every link of an academy that isn't open leads back to it. The team signs in at the first. */
function notOpen({ locals: { t, brand } }: Response) {
  const signIn = { href: '/sign-in', text: t('web:error.signInLink'), className: 'button' }
  const links = brand.id === defaultBrandId ? [signIn] : []
  return { layout: 'plain', className: '', advice: t('web:error.notOpen'), links }
}

/** The same, with the way to the brand that has the people of a closed one. */
function hasClosed({ locals: { t, brand } }: Response) {
  const { content, baseUrl } = brand.closed!.into
  const link = {
    href: baseUrl,
    text: t('web:error.goTo', { academy: content.academyName || new URL(baseUrl).host }),
    className: 'button button-main',
  }
  return { layout: 'plain', className: '', advice: t('web:error.brandClosed'), links: [link] }
}

/** What the reader can do about an error, and the links for it. */
function nextSteps(status: number, t: Translate, { user, originalUrl, method }: Request) {
  const courses = { href: '/courses', text: t('web:error.courses'), className: 'button' }
  if (status === 404) {
    const search = { href: '/search', text: t('web:error.searchLink'), className: 'button' }
    // Some courses are only there for people who are signed in: the same for a page that nobody has.
    const back = method === 'GET' ? originalUrl : ''
    const signIn = { href: signInPath(back), text: t('web:error.signInLink'), className: 'button' }
    return user
      ? { advice: t('web:error.search'), links: [courses, search] }
      : { advice: t('web:error.searchOrSignIn'), links: [courses, search, signIn] }
  }
  if (status === 401) {
    const signIn = { href: '/sign-in', text: t('web:error.signInLink'), className: 'button button-main' }
    return { advice: t('web:error.signIn'), links: [signIn, courses] }
  }
  if (status === 410) {
    const signIn = { href: '/sign-in', text: t('web:error.signInLink'), className: 'button' }
    return { advice: t('web:error.archived'), links: [courses, signIn] }
  }
  return { advice: t(status >= 500 ? 'web:error.again' : 'web:error.home'), links: [courses] }
}

/** Multer's codes mean too many parts, parts that are too large, or an unknown field. */
function uploadFault({ code }: { code: string }): HttpError {
  const isTooMuch = code.startsWith('LIMIT_') && code !== 'LIMIT_UNEXPECTED_FILE'
  return isTooMuch ? new HttpError(413, 'web:errors.tooLarge') : new HttpError(400, 'web:errors.badRequest')
}

/** MongoDB's OutOfDiskSpace: reads go on, and writes are refused. */
const outOfDiskSpace = 14031

function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  if ((error as { code?: unknown } | undefined)?.code === outOfDiskSpace)
    return new HttpError(503, 'web:errors.diskFull')
  const status = (error as { status?: unknown; statusCode?: unknown } | undefined)?.status
  // body-parser, express and multer report a bad request as an error with a 4xx status.
  if (status === 413) return new HttpError(413, 'web:errors.tooLarge')
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new HttpError(status, 'web:errors.badRequest')
  if ((error as Error | undefined)?.name === 'MulterError') return uploadFault(error as { code: string })
  if ((error as Error | undefined)?.name === 'CastError') return notFound()
  return new HttpError(500, 'web:errors.serverError')
}
