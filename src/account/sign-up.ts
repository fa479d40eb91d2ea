import type { Request, RequestHandler, Response } from 'express'
import { z } from 'zod'
import { invalidEmailReason } from '../people/email-address'
import { isTooCommon, maxPasswordLength, minPasswordLength } from '../people/password'
import { checkbox, field, lineField, readForm, refuseForm, type Form } from '../web/form'
import { coursePalettes } from '../web/course-palette'
import type { Translate } from '../web/i18n'
import { visitorOf } from '../web/visits'
import { requestSignUp } from './request-sign-up'
import { destinationOf } from './after-sign-in'
import { localPath } from '../web/local-path'
import { consentsGiven } from './consent-boxes'

/** An e-mail address, with a sentence for what is wrong with it. */
export const emailField = field('account:errors.email', 254).check(context => {
  const fault = invalidEmailReason(context.value)
  if (fault)
    context.issues.push({
      code: 'custom',
      input: context.value,
      message: `account:errors.emailFault.${fault}`,
    })
})

/** A new password. */
export const newPassword = z
  .string({ error: 'account:errors.password' })
  .min(1, { error: 'account:errors.password', abort: true })
  .min(minPasswordLength, { error: 'account:errors.passwordShort', abort: true })
  .max(maxPasswordLength, { error: 'web:errors.tooLong', abort: true })
  .refine(password => !isTooCommon(password), { error: 'account:errors.passwordCommon' })

const withLink = z.object({
  name: lineField('account:errors.name', 100),
  email: emailField,
  profiling: checkbox,
  share_with_sales: checkbox,
  marketing_email: checkbox,
})
const withPassword = withLink.extend({ password: newPassword })

export const show: RequestHandler = async (request, response) => {
  if (request.user) return response.redirect(303, localPath(request.query.next) ?? '/learning')
  response.render('account/sign-up', await shown(response, request.query.next))
}

export const create: RequestHandler = async (request, response) => {
  const read = readForm(request.body?.how === 'link' ? withLink : withPassword, request, response)
  if (!read.data) return refuse(request, response, read.form)
  const { email, name } = read.data
  const ticked = (['profiling', 'share_with_sales', 'marketing_email'] as const).filter(box => read.data[box])
  request.session.applied = await requestSignUp({
    email,
    name,
    password: 'password' in read.data ? (read.data.password as string) : null,
    consents: consentsGiven('/sign-up', response, ticked),
    visitor: visitorOf(request),
    next: localPath(request.body.next),
  })
  request.session.wroteTo = email
  response.redirect(303, '/sign-up/email-sent')
}

/** "Look into your mail": the same page for whoever asked for whatever letter. */
export const emailSent: RequestHandler = (request, response) => {
  const t = response.locals.t as Translate
  const wroteTo = request.session.wroteTo ?? null
  // Shown once: a session lives for two weeks, and the address may be erased by then.
  delete request.session.wroteTo
  response.render('account/email-sent', {
    head: { title: t('account:emailSent.title'), noindex: true },
    wroteTo,
  })
}

async function refuse(request: Request, response: Response, form: Form): Promise<void> {
  refuseForm(response, 'account/sign-up', form, await shown(response, request.body.next))
}

async function shown(response: Response, typed: unknown) {
  const t = response.locals.t as Translate
  const next = localPath(typed)
  const destination = await destinationOf(next)
  return {
    head: {
      title: t('account:signUp.title'),
      description: t('account:signUp.lede'),
      canonical: `${response.locals.baseUrl}/sign-up`,
    },
    next,
    destination,
    floor: destination ? (await coursePalettes()).get(destination.published.slug) : 'sky',
    scripts: ['password.js'],
  }
}
