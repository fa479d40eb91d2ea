import type { Request, Response } from 'express'
import { Deliveries } from '../webhooks/delivery'
import type { Endpoint } from '../webhooks/endpoint'
import { makeListenToken } from '../webhooks/listener'
import { InvalidData } from '../webhooks/message'
import { messageDefinitionOf, messageTypes, type MessageType } from '../webhooks/message-types'
import { sendTestOnce } from '../webhooks/send-test'
import type { Person } from '../people/person'
import type { Form } from '../web/form'
import { messageTypeDocs } from '../web/message-type-docs'
import { pressOf } from '../web/occasion'
import { textsOf, type Texts } from '../web/texts'
import { queryOf } from './attempt-filter'
import { auditEndpoint } from './endpoint-actions'
import { loaded, renderTab } from './endpoint-page'
import { attemptView, hrefOf } from './texts'
import { timesOf } from './times'
import { hasPassedTest, whyOfTest } from './why-view'

const maxResponse = 2000
/** The most that is read of the JSON of a test. */
const maxTyped = 64 * 1024

const typeNamed = (typed: unknown): MessageType => messageTypes.find(type => type === typed) ?? 'webhook.test'

/** `GET …/test`: a message of any type to edit and send, and the last test's result. */
export async function show(request: Request, response: Response): Promise<void> {
  await showTest(request, response, typeNamed(queryOf(request).type))
}

/** `POST …/test`: sends a message of the body's `type` with its `data`, or with the example without any. */
export async function send(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const { t } = textsOf(response)
  const body = request.body as Record<string, unknown>
  const type = typeNamed(body.type)
  const typed = typeof body.data === 'string' ? body.data.slice(0, maxTyped) : null
  const refuse = (errors: string[]) =>
    showTest(request, response.status(422), type, {
      values: { data: typed ?? '' },
      errors: { data: errors.join('\n') },
    })
  let data: unknown
  try {
    data = typed === null ? exampleOf(type, person) : JSON.parse(typed)
  } catch (error) {
    return refuse([t('integrations:errors.notJson', { where: (error as Error).message })])
  }
  try {
    const result = await sendTestOnce(endpoint, { type, data }, pressOf(request, person))
    if (result) {
      const { status, error } = result
      await auditEndpoint(person, endpoint, 'endpoint.tested', { type, status, error })
    }
  } catch (error) {
    if (!(error instanceof InvalidData)) throw error
    return refuse(error.fields.slice(0, 10).map(field => t('integrations:errors.testField', field)))
  }
  response.redirect(303, `${hrefOf(endpoint)}/test?type=${type}#result`)
}

/** `POST …/listen-tokens`: a new token for a developer's command, shown once. */
export async function makeToken(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const token = await makeListenToken(endpoint._id, person._id)
  await auditEndpoint(person, endpoint, 'listen_token.created')
  response.set('cache-control', 'no-store')
  const command = [
    `LISTEN_TOKEN=${token}`,
    `npm run webhooks -- listen --server ${response.locals.baseUrl} --forward http://localhost:3000/hooks`,
  ].join(' ')
  await showTest(request, response, 'webhook.test', undefined, command)
}

function exampleOf(type: MessageType, person: Person): unknown {
  const { example } = messageDefinitionOf(type)
  return type === 'webhook.test' ? { ...(example as object), sent_by: person.name } : example
}

async function showTest(
  request: Request,
  response: Response,
  type: MessageType,
  form?: Form,
  command: string | null = null,
): Promise<void> {
  const endpoint = loaded(response)
  const texts = textsOf(response)
  const { t } = texts
  const open = {
    endpoint: endpoint._id,
    state: { $in: ['pending' as const, 'held' as const, 'failed' as const] },
  }
  const count = hasPassedTest(endpoint) && endpoint.state === 'active' ? await Deliveries.count(open) : 0
  await renderTab(request, response, 'test', {
    scripts: ['/js/copy.js'],
    type,
    types: messageTypes.map(each => ({
      value: each,
      text: `${each} · ${messageTypeDocs(each, t).title}`,
      isSelected: each === type,
    })),
    schemaHref: `/webhooks/message-types#${type}`,
    data: {
      name: 'data',
      kind: 'textarea',
      label: t('integrations:test.data'),
      hint: t('integrations:test.dataHint'),
      value: JSON.stringify(exampleOf(type, request.user!), null, 2),
      rows: type === 'webhook.test' ? 6 : 18,
      spellcheck: 'false',
      maxlength: maxTyped,
    },
    result: resultView(endpoint, request, texts),
    replay:
      count > 0
        ? { action: `${hrefOf(endpoint)}/replays`, text: t('integrations:why.replayButton', { count }) }
        : null,
    canListen: endpoint.state !== 'listening',
    command,
    ...(form && { form }),
  })
}

function resultView(endpoint: Endpoint, request: Request, texts: Texts) {
  const { lastTest } = endpoint
  if (!lastTest) return null
  const times = timesOf(request, texts)
  return {
    ...attemptView(lastTest, maxResponse, texts),
    title: texts.t('integrations:test.title', {
      // A test of before others could be sent was of this type.
      type: lastTest.type ?? 'webhook.test',
      when: times.full(lastTest.at),
    }),
    why: whyOfTest(endpoint, texts, times),
  }
}
