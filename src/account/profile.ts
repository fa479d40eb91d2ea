import type { RequestHandler, Response } from 'express'
import { z } from 'zod'
import { hashPassword, verifyPassword } from '../people/password'
import { People } from '../people/person'
import { setFlash } from '../web/flash'
import { lineField, optionalField, readForm, refuseForm } from '../web/form'
import type { Translate } from '../web/i18n'
import { countries, countryOptions } from './countries'
import { newPassword } from './sign-up'
import { signIn } from './passport'
import { endSessions } from './session'

const profile = z.object({
  name: lineField('account:errors.name', 100),
  title: optionalField(100),
  country: z
    .string({ error: 'account:errors.country' })
    .refine(code => code === '' || countries.includes(code), { error: 'account:errors.country' })
    .transform(code => code || null),
})
const passwords = z.object({ current: z.string().max(200).optional(), password: newPassword })

export const show: RequestHandler = (request, response) => {
  const { name, title, country } = request.user!
  response.render('account/profile', {
    ...shown(response),
    form: { values: { name, title, country }, errors: {} },
  })
}

export const update: RequestHandler = async (request, response) => {
  const read = readForm(profile, request, response)
  if (!read.data) return refuseForm(response, 'account/profile', read.form, shown(response))
  await People.updateOne({ _id: request.user!._id }, { $set: read.data })
  setFlash(response, { kind: 'done', bold: (response.locals.t as Translate)('account:profile.saved') })
  response.redirect(303, '/account')
}

/** Sets a password, or a new one for who knows the old one; every other session ends, and this one gets a new id. */
export const changePassword: RequestHandler = async (request, response) => {
  const t = response.locals.t as Translate
  const person = request.user!
  const values = { ...shown(response), form: { values: { ...person }, errors: {} } }
  const read = readForm(passwords, request, response)
  if (!read.data) {
    return refuseForm(response, 'account/profile', { ...values.form, errors: read.form.errors }, values)
  }
  if (person.passwordHash && !(await verifyPassword(read.data.current ?? '', person.passwordHash))) {
    const errors = { current: t('account:errors.currentPassword') }
    return refuseForm(response, 'account/profile', { ...values.form, errors }, values)
  }
  await People.updateOne(
    { _id: person._id },
    { $set: { passwordHash: await hashPassword(read.data.password) } },
  )
  await endSessions(person._id)
  await signIn(request, person)
  setFlash(response, { kind: 'done', bold: t('account:profile.passwordSaved') })
  response.redirect(303, '/account')
}

function shown(response: Response) {
  const title = (response.locals.t as Translate)('account:profile.title')
  return {
    head: { title, noindex: true },
    countries: countryOptions(response.locals.lang as string),
    scripts: ['password.js'],
  }
}
