import type { Response } from 'express'
import { z } from 'zod'
import { defaultBrandId, readBrand } from '../brand/brand'
import { saveBrandDraft } from '../brand/change-brand'
import { audit } from '../events/audit'
import { changeRole, hasAdministrator } from '../people/change-role'
import { consumeSetupLink, usableLink, type Link } from '../people/link'
import { hashPassword } from '../people/password'
import { People } from '../people/person'
import { signUp } from '../people/sign-up'
import { HttpError } from '../platform/errors'
import { secretPath, secretRoutes } from '../platform/secret-routes'
import { setFlash } from '../web/flash'
import type { Handler } from '../web/handler'
import { emptyForm, lineField, nameField, readForm } from '../web/form'
import { textsOf } from '../web/texts'
import { newPassword, refuseWeakPassword } from './new-password'
import { signIn } from './passport'
import { emailField } from './sign-up'
import { newPasswordField } from './sign-up-page'

const view = 'account/setup'

const setupForm = z
  .object({
    academyName: lineField('account:errors.academyName', 60),
    name: nameField('account:errors.name', 100),
    email: emailField,
    password: newPassword,
  })
  .check(context => {
    const { email, name, academyName } = context.value
    refuseWeakPassword(context, email, name, academyName)
  })

/**
 * Loads the link that the server printed; responds with 410 when it is used or expired, and as soon as the academy has
 * an administrator.
 */
export const loadSetup: Handler = async (request, response) => {
  const link = await usableLink(request.params.token)
  if (link?.purpose !== 'setup' || (await hasAdministrator())) throw closed()
  response.locals.link = link
}

/** `GET /setup/:token`: a new academy asks for its name and its first administrator. */
export const showSetup: Handler = (request, response) => {
  response.render(view, { ...setupPage(request.params.token, response), form: emptyForm() })
}

/** `POST /setup/:token`: creates the administrator, signs them in, and shows what is left to do. */
export const setUp: Handler = async (request, response) => {
  const { data, form } = readForm(setupForm, request, response)
  if (form) return response.status(422).render(view, { ...setupPage(request.params.token, response), form })
  const { academyName, name, email, password } = data
  const passwordHash = await hashPassword(password)
  // Of two requests, one creates an administrator. If the process dies here, the next start prints another link.
  if (!(await consumeSetupLink(response.locals.link as Link))) throw closed()
  const { person, isNew } = await signUp({ email, name, role: 'admin', how: 'password', passwordHash })
  if (!isNew) {
    await changeRole(person._id, 'admin')
    // A suspended administrator couldn't sign in, and no one else could reactivate the account.
    await People.updateOne({ _id: person._id }, { $set: { passwordHash, suspendedAt: null } })
  }
  await audit({ actor: person._id, action: 'academy.set_up', subject: String(person._id) })
  const { draft, draftNumber } = await readBrand(defaultBrandId)
  if (!draft.academyName) await saveBrandDraft(defaultBrandId, { ...draft, academyName }, draftNumber)
  await signIn(request, response, person)
  const { t } = textsOf(response)
  setFlash(response, { kind: 'done', bold: t('account:setup.done', { name: academyName }) })
  response.redirect(303, '/admin')
}

const closed = () => new HttpError(410, 'account:errors.setupClosed')

function setupPage(token: string, response: Response) {
  const { t } = textsOf(response)
  const title = t('account:setup.title')
  return {
    layout: 'plain',
    head: { title, noindex: true },
    title,
    scripts: ['password.js'],
    action: secretPath(secretRoutes.setup, token),
    fields: [
      {
        name: 'academyName',
        label: t('account:setup.academyName'),
        hint: t('account:setup.academyNameHint'),
      },
      { name: 'name', label: t('account:signUp.name'), autocomplete: 'name' },
      { name: 'email', label: t('account:signUp.email'), type: 'email', autocomplete: 'email' },
    ].map(field => ({ ...field, required: true })),
    password: newPasswordField(t),
  }
}
