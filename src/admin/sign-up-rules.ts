import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Brand } from '../brand/brand'
import { shownDomain } from '../people/email-address'
import type { Person } from '../people/person'
import {
  changeSignUpRules,
  mailDomain,
  maxSignUpDomains,
  signUpLists,
  signUpRules,
  type SignUpRules,
} from '../people/sign-up-rules'
import { HttpError } from '../platform/errors'
import type { FormField } from '../web/field'
import { emptyForm, readForm, type Form } from '../web/form'
import { textsOf, type Texts } from '../web/texts'
import { done, frameOf } from './brand-parts'
import { brandPath, brandRecordOf } from './brands'

const view = 'admin/sign-up-rules'

/** `GET /admin/brands/:id/sign-up`: with which email addresses people can sign up at the brand. */
export async function edit(_request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const form = formOf(await signUpRules(brand._id))
  response.render(view, { ...rulesPage(brand, textsOf(response)), form })
}

const domains = z
  .string({ error: 'web:errors.unreadable' })
  .max(60_000, { error: 'web:errors.tooLong' })
  .default('')
  .transform((text, context) => {
    const typed = text.split(/[\s,;]+/).filter(Boolean)
    const invalid = typed.filter(each => !mailDomain(each))
    const refuse = (message: string, params: object) =>
      context.addIssue({ code: 'custom', message: `admin:errors.${message}`, params })
    if (invalid.length) refuse('notMailDomains', { lines: invalid.slice(0, 5).join(', ') })
    else if (typed.length > maxSignUpDomains) refuse('tooManyDomains', { max: maxSignUpDomains })
    return [...new Set(typed.flatMap(each => mailDomain(each) ?? []))].sort()
  })

const schema = z
  .object({
    changes: z.coerce.number({ error: 'web:errors.badRequest' }).int({ error: 'web:errors.badRequest' }),
    allowed: domains,
    refused: domains,
    notDisposable: domains,
  })
  .refine(({ allowed, refused }) => !allowed.some(each => refused.includes(each)), {
    error: 'admin:errors.allowedAndRefused',
    path: ['refused'],
  })

/** `POST /admin/brands/:id/sign-up` */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const brand = brandRecordOf(response)
  const texts = textsOf(response)
  const refuse = (status: number, form: Form) =>
    response.status(status).render(view, { ...rulesPage(brand, texts), form })
  const { data, form } = readForm(schema, request, response)
  if (form) return refuse(422, form)
  const { changes, ...lists } = data
  try {
    await changeSignUpRules(brand._id, lists, changes, person._id)
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 409)) throw error
    const values = { ...(request.body as object), changes: (await signUpRules(brand._id)).changes }
    return refuse(409, { values, errors: { allowed: texts.t(error.key) } })
  }
  done(response, `${brandPath(brand)}/sign-up`, 'signUpRules')
}

function formOf({ changes, ...rules }: SignUpRules): Form {
  const lists = signUpLists.map(name => [name, rules[name].map(shownDomain).join('\n')])
  return emptyForm({ ...Object.fromEntries(lists), changes })
}

function rulesPage(brand: Brand, texts: Texts) {
  const { t } = texts
  return {
    ...frameOf(brand, t('admin:signUpRules.title'), texts, 'sign-up'),
    fields: signUpLists.map((name): FormField => ({
      name,
      kind: 'textarea',
      label: t(`admin:signUpRules.${name}`),
      hint: t(`admin:signUpRules.${name}Hint`),
      rows: 5,
      spellcheck: 'false',
      optional: true,
    })),
  }
}
