import { decodeHTML } from 'entities'
import request, { type Response, type Test } from 'supertest'
import { carriedIn, followed } from '../account/browser'
import { theApp } from './academy'

type Fields = Record<string, string | string[]>

/** What the app has answered: to whom, its status, its headers and its body. */
export type Answer = {
  who: string
  status: number
  location: string
  headers: string
  body: Buffer
  text: string
}

export type Walker = {
  open: (path: string) => Promise<Answer>
  /** Fills in a form of a page and sends it. What isn't given stays as the page shows it. */
  fill: (page: string, action: string, fields?: Fields) => Promise<Answer>
}

/**
 * Returns someone who uses the pages of a host and nothing else: every form is one that a page showed, with its hidden
 * fields.
 *
 * @param heard gets every answer.
 */
export function walker(name: string, host: string, heard: (answer: Answer) => void, cookie?: string): Walker {
  const agent = request.agent(theApp())
  let carried: string | undefined
  const send = async (what: string, test: Test): Promise<Answer> => {
    const response: Response = await test
      .set({ host, accept: 'text/html', 'accept-language': 'en', ...(cookie && { cookie }) })
      .buffer()
      .parse(bytesOf)
    const body = Buffer.isBuffer(response.body) ? response.body : Buffer.from(response.text ?? '')
    const answer = {
      who: `${name}: ${what}`,
      status: response.status,
      location: response.headers.location ?? '',
      headers: JSON.stringify(response.headers),
      body,
      text: body.toString('utf8'),
    }
    carried = carriedIn(answer.text) ?? carried
    heard(answer)
    return answer
  }
  const open = (path: string) => send(`GET ${path}`, agent.get(followed(path, carried)))
  return {
    open,
    fill: async (page, action, fields = {}) => {
      const { status, text } = await open(page)
      const form = formIn(text, action)
      if (!form) throw new Error(`${name} finds no form to ${action} on ${page} (${status})`)
      const sent = agent
        .post(action)
        .type('form')
        .send({ ...form, ...fields })
      return send(`POST ${action}`, sent)
    },
  }
}

function bytesOf(response: NodeJS.EventEmitter, done: (error: Error | null, body: Buffer) => void): void {
  const chunks: Buffer[] = []
  response.on('data', (chunk: Buffer | string) => chunks.push(Buffer.from(chunk)))
  response.on('end', () => done(null, Buffer.concat(chunks)))
}

/** Returns what a browser would send for a form: the values of its fields, without its buttons. */
function formIn(html: string, action: string): Fields | undefined {
  const forms = [...html.matchAll(/<form\b([^>]*)>([^]*?)<\/form>/g)]
  const form = forms.find(([, tag, content]) => {
    const attributes = attributesOf(tag!)
    const own = buttonsIn(content!)
    // A button outside a form names the form that it sends.
    const others = buttonsIn(html).filter(button => button.form && button.form === attributes.id)
    const buttons = [...own, ...others]
    const actions = [attributes.action, ...buttons.map(({ formaction }) => formaction)]
    return actions.includes(action) && attributes.method === 'post'
  })?.[2]
  if (form === undefined) return undefined
  const fields: Fields = {}
  const add = (name: string | undefined, value: string) => {
    if (name) fields[name] = name in fields ? [fields[name]!, value].flat() : value
  }
  const controls = /<input\b([^>]*)>|<(textarea|select)\b([^>]*)>([^]*?)<\/\2>/g
  for (const [, input, tag, others, content = ''] of form.matchAll(controls)) {
    const { name, type, value, checked } = attributesOf(input ?? others!)
    if (tag === 'textarea') add(name, decodeHTML(content.replace(/^\n/, '')))
    else if (tag === 'select') add(name, chosenIn(content))
    else if (type !== 'checkbox' && type !== 'radio') add(name, value ?? '')
    else if (checked !== undefined) add(name, value ?? 'on')
  }
  return fields
}

function buttonsIn(html: string) {
  return [...html.matchAll(/<button\b([^>]*)>/g)].map(([, button]) => attributesOf(button!))
}

function chosenIn(options: string): string {
  const all = [...options.matchAll(/<option\b([^>]*)>([^<]*)/g)].map(([, attributes, text]) => ({
    ...attributesOf(attributes!),
    text: text!.trim(),
  }))
  const chosen: Record<string, string | undefined> = all.find(each => 'selected' in each) ?? all[0] ?? {}
  return chosen.value ?? chosen.text ?? ''
}

function attributesOf(tag: string): Record<string, string | undefined> {
  return Object.fromEntries(
    [...tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, name, value]) => [name!, decodeHTML(value ?? '')]),
  )
}
