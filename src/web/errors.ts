import type { ErrorRequestHandler, RequestHandler } from 'express'
import { notFound, HttpError } from '../platform/errors'
import { log } from '../platform/log'

export const noSuchPage: RequestHandler = (_request, _response, next) => next(notFound())

/** The one place where a refusal becomes an answer: a page for people, JSON for machines, a stack for the log only. */
export const showError: ErrorRequestHandler = (error, request, response, next) => {
  if (response.headersSent) return next(error)
  const refusal = asHttpError(error)
  if (refusal.status >= 500) log.error({ err: error, request: request.id }, 'a request failed')
  response.status(refusal.status)
  const t = response.locals.t as ((key: string, values?: object) => string) | undefined
  const text = t ? t(refusal.key, refusal.values) : refusal.key
  if (!t || request.path.startsWith('/api/') || request.accepts(['html', 'json']) !== 'html') {
    return void response.json({
      error: {
        status: refusal.status,
        code: refusal.key.split('.').pop(),
        message: text,
        request: request.id,
      },
    })
  }
  response.render('web/error', {
    layout: 'academy',
    head: { title: text, noindex: true },
    status: refusal.status,
    text,
    requestId: request.id,
  })
}

/** Multer's codes: too many or too large, or a field that no form of ours has. */
function uploadFault({ code }: { code: string }): HttpError {
  const isTooMuch = code.startsWith('LIMIT_') && code !== 'LIMIT_UNEXPECTED_FILE'
  return isTooMuch ? new HttpError(413, 'web:errors.tooLarge') : new HttpError(400, 'web:errors.badRequest')
}

function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  const status = (error as { status?: unknown; statusCode?: unknown } | undefined)?.status
  // body-parser, express and multer say with a 4xx what was wrong with the request.
  if (status === 413) return new HttpError(413, 'web:errors.tooLarge')
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new HttpError(status, 'web:errors.badRequest')
  if ((error as Error | undefined)?.name === 'MulterError') return uploadFault(error as { code: string })
  if ((error as Error | undefined)?.name === 'CastError') return notFound()
  return new HttpError(500, 'web:errors.serverError')
}
