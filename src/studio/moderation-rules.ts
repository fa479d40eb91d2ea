import type { Request, Response } from 'express'
import { z } from 'zod'
import { changeCommunityRules, communityRules, ruleCaps } from '../community/rules'
import { setFlash } from '../web/flash'
import { checkbox, emptyForm, readForm, refuseForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'

const view = 'studio/moderation-rules'

/** `GET /studio/moderation/rules`: what a moderator reads before others do. */
export async function edit(_request: Request, response: Response): Promise<void> {
  const { words, ...rules } = await communityRules()
  response.render(view, { ...page(response), form: emptyForm({ ...rules, words: words.join('\n') }) })
}

const whole = (least: number, most: number) =>
  z.coerce
    .number({ error: 'studio:moderation.rules.wholeNumber' })
    .int({ error: 'studio:moderation.rules.wholeNumber' })
    .min(least, { error: 'studio:moderation.rules.wholeNumber' })
    .max(most, { error: 'studio:moderation.rules.wholeNumber' })

const schema = z.object({
  words: z
    .string()
    .max(ruleCaps.words * (ruleCaps.word + 1), { error: 'web:errors.tooLong' })
    .transform(text =>
      text
        .split(/[\n,]/)
        .map(word => word.trim())
        .filter(Boolean),
    )
    .refine(words => words.length <= ruleCaps.words && words.every(word => word.length <= ruleCaps.word), {
      error: 'studio:moderation.rules.tooManyWords',
    }),
  newDays: whole(0, ruleCaps.days),
  newPosts: whole(0, ruleCaps.posts),
  holdsLinks: checkbox,
  holdsAll: checkbox,
})

/** `POST /studio/moderation/rules` */
export const update: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(schema, request, response)
  if (form) return refuseForm(response, view, form, page(response))
  await changeCommunityRules(data, person._id)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('studio:moderation.rules.saved') })
  response.redirect(303, '/studio/moderation/rules')
}

function page(response: Response) {
  const { t } = textsOf(response)
  const text = (key: string) => t(`studio:moderation.rules.${key}`)
  return {
    layout: 'studio',
    nav: 'questions',
    head: { title: text('title'), noindex: true },
    fields: [
      {
        name: 'words',
        kind: 'textarea',
        rows: 6,
        label: text('words'),
        hint: text('wordsHint'),
        optional: true,
      },
      { name: 'newDays', label: text('newDays'), inputmode: 'numeric', maxlength: 3 },
      {
        name: 'newPosts',
        label: text('newPosts'),
        hint: text('newPostsHint'),
        inputmode: 'numeric',
        maxlength: 3,
      },
      { name: 'holdsLinks', kind: 'checkbox', label: text('holdsLinks') },
      { name: 'holdsAll', kind: 'checkbox', label: text('holdsAll') },
    ],
  }
}
