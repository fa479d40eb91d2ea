import type { Response } from 'express'
import { z } from 'zod'
import { brandOf } from '../brand/brand'
import { config, isTimeZone } from '../platform/config'
import { countries, countryOptions } from '../people/countries'
import { hashPassword, verifyPassword } from '../people/password'
import { People, type Person } from '../people/person'
import { updateProfile } from '../people/update-profile'
import type { MemberHandler } from '../web/handler'
import { setFlash } from '../web/flash'
import { jobTitleField, nameField, readForm, refuseForm } from '../web/form'
import { textsOf } from '../web/texts'
import { newPassword, refuseWeakPassword } from './new-password'
import { signIn } from './passport'
import { endSessions } from '../web/end-sessions'

const profileForm = z.object({
  name: nameField('account:errors.name', 100),
  title: jobTitleField(100),
  country: z
    .string({ error: 'account:errors.country' })
    .refine(code => code === '' || countries.includes(code), { error: 'account:errors.country' })
    .transform(code => code || null),
  /** Only teammates have this field. */
  timeZone: z
    .string({ error: 'account:errors.timeZone' })
    .refine(zone => zone === '' || isTimeZone(zone), { error: 'account:errors.timeZone' })
    .transform(zone => zone || null)
    .optional(),
})
const passwordForm = (person: Person, academy: string) =>
  z
    .object({ current: z.string().optional(), password: newPassword })
    .check(context => refuseWeakPassword(context, person.email, person.name, academy))

export const show: MemberHandler = async (_request, response, person) => {
  const { name, title, country, timeZone } = person
  response.render('account/profile', {
    ...(await profilePage(person, response)),
    form: { values: { name, title, country, timeZone }, errors: {} },
  })
}

export const update: MemberHandler = async (request, response, person) => {
  const texts = textsOf(response)
  const { data, form } = readForm(profileForm, request, response)
  if (!data) return refuseForm(response, 'account/profile', form, await profilePage(person, response))
  const { timeZone = null, ...profile } = data
  const changes = { ...profile, timeZone: person.role === 'prospect' ? null : timeZone }
  await updateProfile(person, changes)
  setFlash(response, { kind: 'done', bold: texts.t('account:profile.saved') })
  response.redirect(303, '/account')
}

/**
 * Sets a password, or changes it for a person who knows the current one. Every other session ends, and this one gets
 * a new id.
 */
export const changePassword: MemberHandler = async (request, response, person) => {
  const texts = textsOf(response)
  const refuse = async (errors: Record<string, string>) => {
    const page = await profilePage(person, response)
    refuseForm(response, 'account/profile', { values: { ...person }, errors }, page)
  }
  const { data, form } = readForm(passwordForm(person, texts.t('brand:academyName')), request, response)
  if (!data) return refuse(form.errors)
  if (person.passwordHash && !(await verifyPassword(data.current ?? '', person.passwordHash))) {
    return refuse({ current: texts.t('account:errors.currentPassword') })
  }
  await People.updateOne({ _id: person._id }, { $set: { passwordHash: await hashPassword(data.password) } })
  await endSessions(person._id)
  await signIn(request, response, person)
  setFlash(response, { kind: 'done', bold: texts.t('account:profile.passwordSaved') })
  response.redirect(303, '/account')
}

async function profilePage(person: Person, response: Response) {
  const { t, lang } = textsOf(response)
  const { email, role, company, passwordHash } = person
  const joined = await brandOf(person.brand)
  const isElsewhere = joined.id !== response.locals.brand.id
  const hasPassword = passwordHash !== null
  return {
    head: { title: t('account:profile.title'), noindex: true },
    email,
    /** For someone who signed in at another brand than their own. */
    joined: isElsewhere
      ? t('account:profile.joinedText', { academy: joined.content.academyName || joined.id })
      : null,
    company: company && t('account:profile.companyFrom', { name: company.name, domain: company.domain }),
    passwordTitle: t(hasPassword ? 'account:profile.changePassword' : 'account:profile.choosePassword'),
    passwordText: t(hasPassword ? 'account:profile.changeText' : 'account:profile.chooseText'),
    fields: {
      name: {
        name: 'name',
        label: t('account:signUp.name'),
        hint: t('account:profile.nameHint'),
        autocomplete: 'name',
        required: true,
        maxlength: 100,
      },
      title: {
        name: 'title',
        label: t('account:profile.job'),
        optional: true,
        autocomplete: 'organization-title',
        maxlength: 100,
      },
      country: {
        kind: 'select',
        name: 'country',
        label: t('account:profile.country'),
        optional: true,
        autocomplete: 'country',
        options: [{ value: '', text: t('account:profile.noCountry') }, ...countryOptions(lang)],
      },
      timeZone: role !== 'prospect' && {
        kind: 'select',
        name: 'timeZone',
        label: t('account:profile.timeZone'),
        hint: t('account:profile.timeZoneHint'),
        optional: true,
        options: [
          { value: '', text: t('account:profile.academyTimeZone', { zone: config.timeZone }) },
          ...Intl.supportedValuesOf('timeZone').map(zone => ({
            value: zone,
            text: zone.replaceAll('_', ' '),
          })),
        ],
      },
      current: hasPassword && {
        name: 'current',
        label: t('account:profile.current'),
        type: 'password',
        autocomplete: 'current-password',
      },
      password: {
        name: 'password',
        label: t('account:profile.new'),
        hint: t('account:password.hint'),
        type: 'password',
        autocomplete: 'new-password',
      },
    },
    scripts: ['password.js'],
  }
}
