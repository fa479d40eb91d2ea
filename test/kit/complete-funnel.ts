import { eventually, type Answer, type RetryingClient } from './retrying-client'

/** What the academy has acknowledged to a learner. From then on, it must not be lost. */
export type Acknowledgement =
  | { action: 'signed up'; email: string }
  | { action: 'enrolled' | 'paid'; email: string; course: string }
  | { action: 'completed lesson'; email: string; course: string; lesson: string }
  | { action: 'attempted quiz'; email: string; course: string; number: number; passed: boolean }
  | { action: 'certified'; email: string; course: string; certificate: string }
  | { action: 'requested contact'; email: string }

/** Goes through the whole funnel with the pages' own forms: sign-up, certificate, contact request, paid course. */
export async function completeFunnel(
  { email, get, submit, press }: RetryingClient,
  courses: { free: string; paid: string },
  acknowledge: (acknowledgement: Acknowledgement) => void,
): Promise<void> {
  const free = `/courses/${courses.free}`
  const paid = `/courses/${courses.paid}`

  const account = { name: 'Ada L.', email, how: 'link', profiling: 'on', share_with_sales: 'on' }
  expectLocation(await submit('/sign-up', '/sign-up', account), '/sign-up/email-sent')
  await signInByEmail()
  acknowledge({ action: 'signed up', email })

  expectLocation(await submit(`${free}/enrolment`, free), `${free}/lessons/lesson-1`)
  acknowledge({ action: 'enrolled', email, course: courses.free })
  for (const lesson of ['lesson-1', 'lesson-2']) {
    expectLocation(await submit(`${free}/lessons/${lesson}/completion`, `${free}/lessons/${lesson}`), free)
    acknowledge({ action: 'completed lesson', email, course: courses.free, lesson })
  }
  const quiz = `${free}/lessons/final-quiz`
  for (const [number, passed] of [
    [1, false],
    [2, true],
  ] as const) {
    const choice = passed ? '0' : '1'
    const answers = { number: String(number), 'q-q1': choice, 'q-q2': choice }
    expectLocation(await submit(`${quiz}/attempts`, quiz, answers), `${quiz}/attempts/${number}`)
    acknowledge({ action: 'attempted quiz', email, course: courses.free, number, passed })
  }
  const { location } = expectLocation(await get(`${free}/certificate`), '/certificates/')
  acknowledge({ action: 'certified', email, course: courses.free, certificate: location.split('/').pop()! })

  const message = { kind: 'demo', text: 'For 200 people.' }
  expectLocation(
    await submit(`${free}/contact-request`, `${free}/contact-request`, message),
    '/contact-request/sent',
  )
  acknowledge({ action: 'requested contact', email })

  await buyCourse()
  acknowledge({ action: 'paid', email, course: courses.paid })

  /** Tries the links in the inbox until one signs in. A used link may have worked without its response arriving. */
  async function signInByEmail(): Promise<void> {
    for (const usedLinks: string[] = []; ;) {
      if (usedLinks.length)
        expectLocation(await submit('/sign-in/link', '/sign-in', { email }), '/sign-up/email-sent')
      const link = await eventually(() => newestLink(usedLinks), `${email} receives an email`)
      const { status, location } = await submit(link, link)
      if (status === 303 && location === '/learning') return
      usedLinks.push(link)
    }
  }

  async function newestLink(usedLinks: string[]): Promise<string | undefined> {
    const inbox = await get('/demo/mail')
    for (const row of inbox.text.split('<tr>').filter(row => row.includes(`>${email}<`))) {
      const page = await get(/href="(\/demo\/mail\/[^"]+)"/.exec(row)![1]!)
      const link = /(\/links\/[\w-]+)/.exec(page.text)?.[1]
      if (link && !usedLinks.includes(link)) return link
    }
    return undefined
  }

  /**
   * Pays at Stripe. Each attempt starts at the academy, because the stand-in dies with it and comes back at another
   * URL.
   */
  async function buyCourse(): Promise<void> {
    await eventually(async () => {
      const isPaid = (await get(`${paid}/checkout`)).location === paid
      if (isPaid) return true
      const { location } = await submit(`${paid}/orders`, `${paid}/checkout`)
      if (location.startsWith('/orders/')) await get(location)
      const payment = location.includes('/pay/') ? await press(location) : undefined
      return payment?.status === 303 || undefined
    }, `${email} pays`)
  }
}

/** Returns the response if it redirects to a location that contains `part`, and throws otherwise. */
function expectLocation(answer: Answer, part: string): Answer {
  if (answer.status === 303 && answer.location.includes(part)) return answer
  const { status, location, text } = answer
  throw new Error(`Expected a redirect to ${part}, got ${status} ${location} ${text.slice(0, 2000)}`)
}
