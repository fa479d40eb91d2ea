import { eventually, type Answer, type Walker } from './http-walker'

/** What the academy has acknowledged to somebody: from then on it may not be lost. */
export type Action =
  | { action: 'enrolled' | 'paid'; email: string; course: string }
  | { action: 'completed'; email: string; course: string; lesson: string }
  | { action: 'attempted'; email: string; course: string; number: number; right: boolean }
  | { action: 'certified'; email: string; course: string; certificate: string }
  | { action: 'joined'; email: string }
  | { action: 'requested contact'; email: string }

/** From the form to join to the certificate, the raised hand and the paid course, by the pages' own forms. */
export async function walkThrough(
  { email, get, send, press }: Walker,
  courses: { free: string; paid: string },
  remember: (deed: Action) => void,
): Promise<void> {
  const free = `/courses/${courses.free}`
  const paid = `/courses/${courses.paid}`

  expectGoing(
    await send('/sign-up', '/sign-up', {
      name: 'Ada L.',
      email,
      how: 'link',
      profiling: 'on',
      share_with_sales: 'on',
    }),
    '/sign-up/email-sent',
  )
  await enter()
  remember({ action: 'joined', email })

  expectGoing(await send(`${free}/enrolment`, free), `${free}/lessons/lesson-1`)
  remember({ action: 'enrolled', email, course: courses.free })
  for (const lesson of ['lesson-1', 'lesson-2']) {
    expectGoing(await send(`${free}/lessons/${lesson}/completion`, `${free}/lessons/${lesson}`), free)
    remember({ action: 'completed', email, course: courses.free, lesson })
  }
  const check = `${free}/lessons/final-check`
  for (const [number, right] of [
    [1, false],
    [2, true],
  ] as const) {
    const choice = right ? '0' : '1'
    const answers = { number: String(number), 'q-q1': choice, 'q-q2': choice }
    expectGoing(await send(`${check}/attempts`, check, answers), `${check}/attempts/${number}`)
    remember({ action: 'attempted', email, course: courses.free, number, right })
  }
  const { to: certificate } = expectGoing(await get(`${free}/certificate`), '/certificates/')
  remember({ action: 'certified', email, course: courses.free, certificate: certificate.split('/').pop()! })

  expectGoing(
    await send(`${free}/contact-request`, `${free}/contact-request`, {
      kind: 'demo',
      text: 'For 200 people.',
    }),
    '/contact-request/sent',
  )
  remember({ action: 'requested contact', email })

  await buy()
  remember({ action: 'paid', email, course: courses.paid })

  /** Looks into the mail box for a link until one lets them in: one that was used may have been, its answer lost. */
  async function enter(): Promise<void> {
    for (const used: string[] = []; ;) {
      if (used.length) expectGoing(await send('/sign-in/link', '/sign-in', { email }), '/sign-up/email-sent')
      const link = await eventually(() => newestLink(used), `a letter to ${email}`)
      const { status, to } = await send(link, link)
      if (status === 303 && to === '/learning') return
      used.push(link)
    }
  }

  async function newestLink(used: string[]): Promise<string | undefined> {
    const box = await get('/demo/mail')
    for (const row of box.text.split('<tr>').filter(row => row.includes(`>${email}<`))) {
      const letter = await get(/href="(\/demo\/mail\/[^"]+)"/.exec(row)![1]!)
      const link = /(\/links\/[\w-]+)/.exec(letter.text)?.[1]
      if (link && !used.includes(link)) return link
    }
    return undefined
  }

  /** Pays on Stripe's page. Each try begins at the academy: the stand-in dies with it and comes back under another address. */
  async function buy(): Promise<void> {
    await eventually(async () => {
      const isPaid = (await get(`${paid}/checkout`)).to === paid
      if (isPaid) return true
      const { to } = await send(`${paid}/orders`, `${paid}/checkout`)
      if (to.startsWith('/orders/')) await get(to)
      const back = to.includes('/pay/') ? await press(to) : undefined
      return back?.status === 303 || undefined
    }, `${email} pays`)
  }
}

/** The answer, if it leads where it should. */
function expectGoing(answer: Answer, where: string): Answer {
  if (answer.status === 303 && answer.to.includes(where)) return answer
  throw new Error(`instead of going to ${where}: ${answer.status} ${answer.to} ${answer.text.slice(0, 2000)}`)
}
