import type { Response } from 'express'
import { z } from 'zod'
import { randomUUID } from 'node:crypto'
import { audit } from '../events/audit'
import { timeZoneOf, type Person } from '../people/person'
import { setFlash } from '../web/flash'
import { readForm, refuseForm, type Form } from '../web/form'
import { permissionsOf } from '../web/guard'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'
import { digestRhythmOf, digestRhythms } from '../leads/digest-choice'
import { digestOf } from './digest'
import {
  answerOf,
  channelDigest,
  emailDigest,
  removeChannelDigest,
  saveChannelDigest,
  saveDigestRhythm,
} from './digest-queue'

/** `GET /sales/digest`: what today's digest says, who gets it how, and for sales leads, the channel of the team. */
export const index: MemberHandler = async (_request, response, person) => {
  response.render('sales/digest', await digestPage(response, person))
}

const rhythmForm = z.object({ every: z.enum(['never', ...digestRhythms], { error: 'web:errors.chooseOne' }) })

/** `POST /sales/digest`: how often a teammate gets a digest by email. */
export const update: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(rhythmForm, request, response)
  if (!data) return refuseForm(response, 'sales/digest', form, await digestPage(response, person))
  await saveDigestRhythm(person, data.every === 'never' ? null : data.every)
  setFlash(response, { kind: 'done', bold: textsOf(response).t(`sales:digest.saved.${data.every}`) })
  response.redirect(303, '/sales/digest')
}

/** `POST /sales/digest/email`: sends the reader today's digest now. */
export const emailNow: MemberHandler = async (_request, response, person) => {
  const { t } = textsOf(response)
  const isSent = await emailDigest(person, randomUUID())
  setFlash(response, {
    kind: 'done',
    bold: t(isSent ? 'sales:digest.sent' : 'sales:digest.nothing', { email: person.email }),
  })
  response.redirect(303, '/sales/digest')
}

const channelForm = z.object({
  address: z.string().trim().max(2000, { error: 'web:errors.tooLong' }),
  every: z.enum(digestRhythms, { error: 'web:errors.chooseOne' }),
})

/** `POST /sales/digest/channel`: sends the team's digest to a channel, and keeps its address when that works. */
export const updateChannel: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(channelForm, request, response)
  const { t } = textsOf(response)
  const refuse = async (errors: Form['errors']) => {
    const channelErrors = { values: request.body as Form['values'], errors }
    response.status(422).render('sales/digest', await digestPage(response, person, channelErrors))
  }
  if (!data) return refuse(form!.errors)
  const result = await saveChannelDigest(data.address, data.every)
  if (!result.ok) {
    return refuse({ address: t('sales:digest.channelRefused', { answer: answerOf(result) }) })
  }
  await audit({
    actor: person._id,
    action: 'digest.channel_changed',
    subject: new URL(data.address).hostname,
  })
  setFlash(response, { kind: 'done', bold: t('sales:digest.channelSaved') })
  response.redirect(303, '/sales/digest')
}

/** `POST /sales/digest/channel/removal`: stops the digest in the team's channel. */
export const removeChannel: MemberHandler = async (_request, response, person) => {
  await removeChannelDigest()
  await audit({ actor: person._id, action: 'digest.channel_removed', subject: '' })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('sales:digest.channelRemoved') })
  response.redirect(303, '/sales/digest')
}

async function digestPage(
  response: Response,
  person: Person,
  channelForm: Form = { values: {}, errors: {} },
) {
  const texts = textsOf(response)
  const { t, zoneName, date } = texts
  const mayConnect = permissionsOf(person).endpoints
  const [digest, every, channel] = await Promise.all([
    digestOf(person, timeZoneOf(person), response.locals.brand),
    digestRhythmOf(person._id),
    mayConnect ? channelDigest() : null,
  ])
  const rhythms = (names: readonly string[]) =>
    names.map(value => ({ value, text: t(`sales:digest.every.${value}`) }))
  return {
    layout: 'workspace',
    nav: 'digest',
    head: { title: t('sales:digest.title') },
    digest,
    zone: t('sales:digest.zone', { zone: zoneName(timeZoneOf(person)) }),
    field: {
      name: 'every',
      kind: 'radios',
      label: t('sales:digest.email'),
      value: every ?? 'never',
      options: rhythms(['never', ...digestRhythms]),
    },
    channel: mayConnect
      ? {
          form: channelForm,
          kept:
            channel &&
            t(channel.failure ? 'sales:digest.channelFailing' : 'sales:digest.channelKept', {
              host: channel.host,
              answer: channel.failure,
              when: channel.dueAt ? date(channel.dueAt, 'full') : '',
            }),
          fields: [
            {
              name: 'address',
              type: 'url',
              label: t('sales:digest.channelAddress'),
              hint: t('sales:digest.channelHint'),
              maxlength: 2000,
              autocomplete: 'off',
              spellcheck: 'false',
              required: true,
            },
            {
              name: 'every',
              id: 'channel-every',
              kind: 'radios',
              label: t('sales:digest.channelEvery'),
              value: channel?.every ?? 'day',
              options: rhythms(digestRhythms),
            },
          ],
        }
      : null,
  }
}
