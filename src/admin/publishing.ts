import type { Request, Response } from 'express'
import { z } from 'zod'
import { approvalRule, approvalRules, changeApprovalRule, allowsOwnEdits } from '../courses/publishing-rule'
import type { Person } from '../people/person'
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { checkbox, emptyForm, readForm, refuseForm } from '../web/form'

const view = 'admin/publishing'

/** `GET /admin/publishing`: when a course needs another person's approval before it is published. */
export async function edit(_request: Request, response: Response): Promise<void> {
  const form = emptyForm({
    approval: await approvalRule(),
    ownEdits: await allowsOwnEdits(),
  })
  response.render(view, { ...page(response), form })
}

/** `POST /admin/publishing` */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const { data, form } = readForm(schema, request, response)
  if (form) return refuseForm(response, view, form, page(response))
  await changeApprovalRule(data.approval, person._id, data.ownEdits)
  const { t } = response.locals
  setFlash(response, { kind: 'done', bold: t('admin:flash.publishing') })
  response.redirect(303, '/admin/publishing')
}

const schema = z.object({
  approval: z.enum(approvalRules, { error: 'web:errors.chooseOne' }),
  ownEdits: checkbox,
})

function page(response: Response) {
  const { t } = response.locals
  const approval: FormField = {
    kind: 'radios',
    name: 'approval',
    label: t('admin:publishing.approval'),
    options: approvalRules.map(rule => ({
      value: rule,
      text: t(`admin:publishing.rules.${rule}`),
      hint: t(`admin:publishing.hints.${rule}`),
    })),
  }
  const ownEdits: FormField = {
    kind: 'checkbox',
    name: 'ownEdits',
    label: t('admin:publishing.ownEdits'),
    hint: t('admin:publishing.ownEditsHint'),
  }
  return {
    layout: 'workspace',
    nav: 'publishing',
    head: { title: t('admin:publishing.title') },
    approval,
    ownEdits,
  }
}
