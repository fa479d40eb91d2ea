import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

type Body = Record<string, unknown>
type Answer = { status: number; body?: unknown; headers?: Record<string, string>; cut?: 'before' | 'after' }
type Meeting = Body & { id: string; createdAt: number }

export type MeetingStandIn = {
  base: string
  /** The meetings that exist, the first one first. */
  meetings: Meeting[]
  /** What was asked for, such as `POST /v2/users/host/meetings`. */
  requests: string[]
  /** Each answers one request instead of the stand-in, in order; `cut` ends the connection before or after the work. */
  instead: Answer[]
  /** Makes every token that was given so far an expired one. */
  expireTokens: () => void
  /** Who was in a meeting, by its id: reports of one run of the meeting each. */
  runs: Map<string, Body[][]>
  close: () => Promise<void>
}

const credentials = `Basic ${Buffer.from('client:secret').toString('base64')}`

/**
 * Speaks as much of Zoom's and Microsoft Graph's HTTP as live sessions need, on a socket. Lists have two entries on a
 * page.
 */
export async function openMeetingStandIn(): Promise<MeetingStandIn> {
  const state = {
    base: '',
    meetings: [] as Meeting[],
    requests: [] as string[],
    instead: [] as Answer[],
    runs: new Map<string, Body[][]>(),
  }
  let [tokens, next] = [new Set<string>(), 1]
  const server: Server = createServer((request, response) => {
    void (async () => {
      const body = await textOf(request)
      const url = new URL(request.url!, state.base)
      state.requests.push(`${request.method} ${url.pathname}`)
      const other = isTokenPath(url.pathname) ? undefined : state.instead.shift()
      if (other?.cut === 'before') return void request.socket.destroy()
      const isKnown = tokens.has(request.headers.authorization ?? '')
      const answer =
        (other && !other.cut ? other : undefined) ??
        tokenAnswer(request, url.pathname, body) ??
        (isKnown ? answerTo(request.method!, url, body) : { status: 401, body: { message: 'Expired' } })
      if (other?.cut === 'after') return void request.socket.destroy()
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body))
    })()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  state.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function tokenAnswer(request: IncomingMessage, path: string, body: string): Answer | undefined {
    if (!isTokenPath(path)) return undefined
    const form = new URLSearchParams(body)
    const isZoom =
      form.get('grant_type') === 'account_credentials' &&
      form.get('account_id') === 'account' &&
      request.headers.authorization === credentials
    const isGraph =
      path === '/tenant/oauth2/v2.0/token' &&
      form.get('client_secret') === 'secret' &&
      form.get('scope') === 'https://graph.microsoft.com/.default'
    if (!isZoom && !isGraph) return { status: 400, body: { reason: 'Invalid client_id or client_secret' } }
    const token = `token-${next++}`
    tokens.add(`Bearer ${token}`)
    return { status: 200, body: { access_token: token, token_type: 'bearer', expires_in: 3600 } }
  }

  function answerTo(method: string, url: URL, text: string): Answer {
    const body = text ? (JSON.parse(text) as Body) : {}
    return url.pathname.startsWith('/v2/') ? zoom(method, url, body) : graph(method, url, body)
  }

  function create(fields: Body): Meeting {
    const id = String(80_000_000_000 + next++)
    const meeting = { ...fields, id, createdAt: next }
    state.meetings.push(meeting)
    return meeting
  }

  function change(method: string, id: string, fields: Body): Meeting | undefined {
    const index = state.meetings.findIndex(each => each.id === id)
    const found = state.meetings[index]
    if (found && method === 'DELETE') state.meetings.splice(index, 1)
    if (found && method === 'PATCH') Object.assign(found, fields)
    return found
  }

  function zoom(method: string, url: URL, body: Body): Answer {
    const page = (field: string, all: unknown[]): Answer => {
      const from = Number(url.searchParams.get('next_page_token') ?? 0)
      const token = from + 2 < all.length ? String(from + 2) : ''
      return { status: 200, body: { [field]: all.slice(from, from + 2), next_page_token: token } }
    }
    const shown = (meeting: Meeting) => ({
      ...meeting,
      id: Number(meeting.id),
      created_at: new Date(meeting.createdAt * 1000).toISOString(),
      join_url: `https://zoom.example/j/${meeting.id}?pwd=open`,
      start_url: `https://zoom.example/s/${meeting.id}?zak=a-token`,
    })
    if (url.pathname === '/v2/users/host%40tarnwell.example/meetings') {
      if (method === 'POST') return { status: 201, body: shown(create(body)) }
      const listed = state.meetings.map(meeting => {
        const { start_url: _, ...rest } = shown(meeting)
        return { ...rest, agenda: String(meeting.agenda).slice(0, 250) }
      })
      return page('meetings', listed)
    }
    const [, id = ''] = /^\/v2\/meetings\/(\d+)$/.exec(url.pathname) ?? []
    if (id) {
      const found = change(method, id, body)
      if (!found) return { status: 404, body: { code: 3001, message: 'Meeting does not exist' } }
      return method === 'GET' ? { status: 200, body: shown(found) } : { status: 204 }
    }
    const [, past = '', list] = /^\/v2\/past_meetings\/([^/]+)\/(\w+)$/.exec(url.pathname) ?? []
    if (list === 'instances' && state.runs.has(past)) {
      return {
        status: 200,
        body: { meetings: state.runs.get(past)!.map((_, n) => ({ uuid: uuidOf(past, n) })) },
      }
    }
    for (const [meeting, runs] of state.runs) {
      for (const [n, run] of runs.entries()) {
        const uuid = uuidOf(meeting, n)
        const times = uuid.startsWith('/') || uuid.includes('//') ? 2 : 1
        if (list === 'participants' && past === encoded(uuid, times)) return page('participants', run)
      }
    }
    return { status: 404, body: { code: 3001, message: 'Meeting does not exist' } }
  }

  function graph(method: string, url: URL, body: Body): Answer {
    const shown = (meeting: Meeting) => ({ ...meeting, joinWebUrl: `https://teams.example/l/${meeting.id}` })
    const page = (all: unknown[]): Answer => {
      const from = Number(url.searchParams.get('$skip') ?? 0)
      const link = `${state.base}${url.pathname}?$skip=${from + 2}`
      const more = from + 2 < all.length ? { '@odata.nextLink': link } : {}
      return { status: 200, body: { value: all.slice(from, from + 2), ...more } }
    }
    const prefix = '/v1.0/users/organiser/onlineMeetings/'
    const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : ''
    if (path === 'createOrGet' && method === 'POST') {
      const existing = state.meetings.find(({ externalId }) => externalId === body.externalId)
      return { status: existing ? 200 : 201, body: shown(existing ?? create(body)) }
    }
    const [id = '', reports, report, records] = path.split('/')
    if (reports === 'attendanceReports' && state.runs.has(id)) {
      const runs = state.runs.get(id)!
      if (!report) return page(runs.map((_, n) => ({ id: `run-${n}` })))
      if (records === 'attendanceRecords') return page(runs[Number(report.slice(4))] ?? [])
    }
    const found = reports ? undefined : change(method, id, body)
    if (!found) return { status: 404, body: { error: { code: 'NotFound', message: 'No such meeting' } } }
    return method === 'DELETE' ? { status: 204 } : { status: 200, body: shown(found) }
  }

  return Object.assign(state, {
    expireTokens: () => (tokens = new Set()),
    close: () => {
      server.closeAllConnections()
      return new Promise<void>(resolve => server.close(() => resolve()))
    },
  })
}

const isTokenPath = (path: string) => path.endsWith('/token')
/** The identifier of a run, with the slashes that Zoom wants encoded twice. */
const uuidOf = (meeting: string, run: number) => (run ? `/ab+${meeting}//==` : `ab/${meeting}==`)
const encoded = (text: string, times: number): string =>
  times ? encoded(encodeURIComponent(text), times - 1) : text

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString('utf8')
  return text
}
