import { readBrand } from '../../src/brand/brand'
import { askedAgainSince } from '../../src/brand/consent-request'
import { blankBrand, brandTexts, legalPageNames } from '../../src/brand/content'
import { saveBrandDraft } from '../../src/brand/change-brand'
import { Consents } from '../../src/people/consent'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { shownConsents } from '../kit/consents'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let admin: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  admin = await as(await make.person({ role: 'admin', name: 'Aisha Demir' }))
})
afterAll(() => academy.close())

const basisIn = (page: string, key?: string) => {
  const part = key ? page.slice(page.indexOf(`value="${key}"`)) : page
  return /name="basis" value="([^"]+)"/.exec(part)![1]!
}

async function saveText(key: string, text: string) {
  const { text: page } = await admin.get(`/admin/brands/academy/texts?group=consents`)
  const found = page.includes(`value="${key}"`)
    ? page
    : (await admin.get(`/admin/brands/academy/texts?q=${encodeURIComponent(seenOf[key] ?? '')}`)).text
  return admin.post('/admin/brands/academy/texts', {
    key,
    text,
    q: '',
    group: 'own',
    basis: basisIn(found, key),
  })
}
const seenOf: Record<string, string> = {
  'academy:home.learners_other': '33 people are learning here this month',
  'account:signUp.terms': 'By signing up, you agree to the terms and the privacy notice',
}

async function publish(answers: Record<string, string> = {}) {
  const { draftNumber } = await readBrand()
  return admin.post('/admin/brands/academy/publications', { draftNumber: String(draftNumber), ...answers })
}

describe('legal pages', () => {
  test.each(legalPageNames)(
    '%s starts from a text that names the brand, and can be the company’s own',
    async name => {
      const { text: before } = await (await anonymous()).get(`/${name}`)
      expect(before).not.toContain('{{')
      const { text: editor } = await admin.get(`/admin/brands/academy/legal-pages/${name}`)
      const page = {
        title: 'Ours',
        lede: 'In short.',
        body: '## Who\n\n{{legalName}} & **you**, at <b>{{privacyEmail}}</b>.',
      }
      const saved = await admin.post(`/admin/brands/academy/legal-pages/${name}`, {
        ...page,
        basis: basisIn(editor),
      })
      expect(saved.status).toBe(303)
      expect((await (await anonymous()).get(`/${name}`)).text).toBe(before)
      await publish().then(({ status }) => expect(status).toBe(303))
      const { text: after } = await (await anonymous()).get(`/${name}`)
      expect(after).toContain('<h1>Ours</h1>')
      expect(after).toContain(
        'Lyceum Software s.r.o. &amp; <strong>you</strong>, at <b>privacy@lyceum.example</b>',
      )

      // The starter of the terms has a blank, which nobody may publish.
      if (name === 'terms') return
      await admin
        .post(`/admin/brands/academy/legal-pages/${name}/removal`)
        .then(({ status }) => expect(status).toBe(303))
      expect((await admin.get(`/admin/brands/academy/legal-pages/${name}`)).text).toContain('The starter.')
    },
  )

  test('a look at the text saves nothing, and an empty one is refused with what was typed', async () => {
    const { draftNumber } = await readBrand()
    const { text: editor } = await admin.get('/admin/brands/academy/legal-pages/terms')
    const typed = { title: 'Terms', lede: '', body: 'Be kind.', basis: basisIn(editor) }
    const looked = await admin.post('/admin/brands/academy/legal-pages/terms', { ...typed, look: '1' })
    expect([looked.status, looked.text.includes('<p>Be kind.</p>')]).toEqual([200, true])
    const refused = await admin.post('/admin/brands/academy/legal-pages/terms', { ...typed, body: ' ' })
    expect([refused.status, refused.text.includes('Write the text of the page')]).toEqual([422, true])
    expect((await readBrand()).draftNumber).toBe(draftNumber)
  })

  test('two administrators who change the same page are told, those who change two pages are not', async () => {
    const terms = basisIn((await admin.get('/admin/brands/academy/legal-pages/terms')).text)
    const privacy = basisIn((await admin.get('/admin/brands/academy/legal-pages/privacy')).text)
    const post = (name: string, body: string, basis: string) =>
      admin.post(`/admin/brands/academy/legal-pages/${name}`, { title: 'T', lede: '', body, basis })
    expect((await post('terms', 'First.', terms)).status).toBe(303)
    expect((await post('privacy', 'Own.', privacy)).status).toBe(303)
    const second = await post('terms', 'Second.', terms)
    expect([second.status, second.text.includes('Second.')]).toEqual([409, true])
    expect((await post('terms', 'Second.', basisIn(second.text))).status).toBe(303)
    expect((await readBrand()).draft.legalPages).toMatchObject({
      terms: { body: 'Second.' },
      privacy: { body: 'Own.' },
    })
  })

  test('nothing is published while there are blanks, and each is named with where to fill it in', async () => {
    const { draft, draftNumber } = await readBrand()
    await saveBrandDraft('academy', { ...draft, legalName: '', legalPages: {} }, draftNumber)
    const { text: page } = await admin.get('/admin/brands/academy/publications/new')
    expect(page).toContain('2 blanks are left')
    expect(page).toContain('<a href="/admin/brands/academy#legalName">Names</a>: Legal name')
    expect(page).toMatch(
      /<a href="\/admin\/brands\/academy\/legal-pages\/terms">Terms<\/a>: Which law applies/,
    )
    const refused = await publish()
    expect(refused.status).toBe(422)
    await saveBrandDraft('academy', draft, draftNumber + 1)
    await publish().then(({ status }) => expect(status).toBe(303))
  })

  test('a name with marks of Markdown, quotation marks or brackets is printed as it is', async () => {
    const { draft, draftNumber } = await readBrand()
    const legalName = 'A*B* [x](https://evil.example) <i>& "Sons" #1'
    await saveBrandDraft(
      'academy',
      {
        ...draft,
        legalName,
        legalPages: { ...draft.legalPages, terms: { title: 'T', lede: '', body: '{{legalName}}' } },
      },
      draftNumber,
    )
    await publish().then(({ status }) => expect(status).toBe(303))
    const { text } = await (await anonymous()).get('/terms')
    expect(text).toContain('<p>A*B* [x](https://evil.example) &lt;i&gt;&amp; “Sons” #1</p>')
    await saveBrandDraft('academy', draft, draftNumber + 1)
    await publish()
  })
})

describe('texts', () => {
  test('a text is found by the words on the page, with its numbers, and changed for everybody', async () => {
    const { text: found } = await admin.get(
      `/admin/brands/academy/texts?q=${encodeURIComponent(seenOf['academy:home.learners_other']!)}`,
    )
    expect(found.indexOf('value="academy:home.learners_other"')).toBeGreaterThan(0)
    const saved = await saveText(
      'academy:home.learners_other',
      '<b>{{people}}</b> of us learn & <script>x</script>',
    )
    expect(saved.status).toBe(422)
    await saveText('academy:home.learners_other', '<b>{{people}}</b> of us learn & "more"').then(
      ({ status }) => expect(status).toBe(303),
    )
    await publish().then(({ status }) => expect(status).toBe(303))
    expect((await admin.get('/admin/brands/academy/texts')).text).toContain('of us learn')
  })

  test.each([
    ['account:signUp.terms', 'Terms apply', 'Keep &lt;a href=&#34;/terms&#34;&gt;'],
    [
      'academy:home.learners_other',
      '<b>{{people}}</b> {{secret}}',
      'Nothing is filled in for {{secret}} here',
    ],
    [
      'academy:home.learners_other',
      '<b>$t(academy:home.learners_other)</b>',
      'Nothing is filled in for $t( here',
    ],
  ])('a text that could not be filled in is refused: %s', async (key, text, sentence) => {
    const refused = await saveText(key, text)
    expect([refused.status, refused.text.includes(sentence)]).toEqual([422, true])
  })

  test('names of the brand can stand in any text, and the general text comes back by saving it', async () => {
    await saveText('account:boxes.profiling.hint', 'Ask {{companyName}}.').then(({ status }) =>
      expect(status).toBe(303),
    )
    await publish().then(({ status }) => expect(status).toBe(303))
    expect((await (await anonymous()).get('/sign-up')).text).toContain('Ask Lyceum.')
    await saveText('account:boxes.profiling.hint', '').then(({ status }) => expect(status).toBe(303))
    await publish()
    expect((await (await anonymous()).get('/sign-up')).text).not.toContain('Ask Lyceum.')
  })

  test('names of the brand have their own fields', async () => {
    for (const name of brandTexts)
      expect(
        (await admin.post('/admin/brands/academy/texts', { key: `brand:${name}`, text: 'x', basis: 'x' }))
          .status,
      ).toBe(404)
  })
})

describe('the search for texts', () => {
  const find = async (q: string) =>
    (await admin.get(`/admin/brands/academy/texts?q=${encodeURIComponent(q)}`).expect(200)).text

  test.each([
    ['12 lessons, 1 h 10 min', 'academy:course.lessons_other'],
    ['Lesson 3 · Video · 6 min', 'academy:lesson.meta_other'],
    ['Version 4, on 23 November 2026, when you signed up.', 'account:agreed.when'],
    ['Northwind and Harbour: 3 people', 'insights:people.title_other'],
  ])('finds “%s”, of which most is filled in', async (seen, key) => {
    expect(await find(seen)).toContain(`name="key" value="${key}"`)
  })

  test('tells texts apart that read the same, by where each is shown', async () => {
    const page = await find('Sign in')
    for (const where of [
      'Account · Sign in › Title',
      'Account · Sign in › Button',
      'Emails · Invited › Button',
    ]) {
      expect(page).toContain(where)
    }
    expect(await find('30 min left for 1 lesson')).toMatch(/› for one/)
    const places = [...page.matchAll(/<p class="meta">\s*([^<]*?)\s*</g)].map(([, place]) => place)
    expect(new Set(places).size).toBe(places.length)
  })
})

describe('the text of a consent', () => {
  const key = 'account:boxes.profiling.text'

  test('publishing asks whether to ask again; who agreed reads both texts, agrees, and keeps both proofs', async () => {
    const person = await make.person({ name: 'Noor Haddad' })
    const member = await as(person)
    await member.post('/account/consents/profiling', await shownConsents()).expect(303)
    const { text: agreed } = (await Consents.findOne({ person: person._id, purpose: 'profiling' }))!
    await saveText(key, '{{companyName}} may count what I do.').then(({ status }) => expect(status).toBe(303))

    const { text: page } = await admin.get('/admin/brands/academy/publications/new')
    expect(page).toContain(`<del>${agreed}</del>`)
    expect(page).toContain('<ins>Lyceum may count what I do.</ins>')
    expect(page).toContain('1 person agreed to the earlier text. Ask again?')
    expect(page).toContain('Noor Haddad')
    const open = await publish()
    expect([open.status, open.text.includes('Choose whether to ask again')]).toEqual([422, true])
    await publish({ draftNumber: '1', ask_profiling: 'ask' }).then(({ status }) => expect(status).toBe(409))
    expect(await askedAgainSince('academy', 'profiling')).toBeUndefined()
    await publish({ ask_profiling: 'ask' }).then(({ status }) => expect(status).toBe(303))

    expect((await member.get('/learning')).text).toContain('We changed a text that you agreed to.')
    const sharing = (await member.get('/account/sharing')).text
    expect(sharing).toContain('We changed this text. Do you agree to the new one?')
    expect(sharing).toContain('“Lyceum may count what I do.”')
    const shown = await shownConsents()
    await Promise.all([
      member.post('/account/consents/profiling/renewal', shown).expect(303),
      member.post('/account/consents/profiling/renewal', shown).expect(303),
    ])
    await runAllDue()
    const consent = (await Consents.findOne({ person: person._id, purpose: 'profiling' }))!
    expect(consent).toMatchObject({ text: agreed, withdrawnAt: null })
    expect(consent.renewals).toMatchObject([
      { text: 'Lyceum may count what I do.', page: '/account/sharing', textVersion: consent.textVersion + 1 },
    ])
    expect((await member.get('/learning')).text).not.toContain('We changed a text')
    expect((await member.get('/account/sharing')).text).toContain(`Version ${consent.textVersion + 1}, on `)
  })

  test('without asking again, nobody is asked, and what they agreed to stays', async () => {
    const person = await make.person()
    const member = await as(person)
    await member.post('/account/consents/profiling', await shownConsents()).expect(303)
    await saveText(key, '{{companyName}} may count what I do here.')
    await publish({ ask_profiling: 'keep' }).then(({ status }) => expect(status).toBe(303))
    expect((await member.get('/learning')).text).not.toContain('We changed a text')
    expect((await member.get('/account/sharing')).text).toContain('“Lyceum may count what I do.”')
  })
})

describe('a consent text that changes while its page is open', () => {
  const key = 'account:boxes.profiling.text'
  const change = async (text: string) => {
    await saveText(key, text)
    await publish({ ask_profiling: 'keep' }).then(({ status }) => expect(status).toBe(303))
  }
  /** Returns the hidden fields of a page that name the texts it showed. */
  const shownOn = ({ text }: { text: string }) =>
    Object.fromEntries(
      [...text.matchAll(/name="(\w+_text)" value="(\w+)"/g)].map(([, name, hash]) => [name, hash]),
    )
  const input = (text: string, name: string) => new RegExp(`<input[^>]* name="${name}"[^>]*>`).exec(text)![0]
  beforeEach(() => change('May we count what you do?'))

  test('signing up shows the new text, with an empty box and what was typed', async () => {
    const visitor = await anonymous()
    const typed = {
      how: 'link',
      name: 'Amara Okonkwo',
      email: 'amara@okonkwo.example',
      profiling: 'on',
      marketing_email: 'on',
    }
    const open = shownOn(await visitor.get('/sign-up'))
    expect(Object.keys(open)).toHaveLength(3)
    await change('May we count what you do, and when?')

    for (const email of [typed.email, 'not an address']) {
      const refused = await visitor.post('/sign-up', { ...typed, ...open, email })
      expect(refused.status).toBe(422)
      expect(refused.text).toContain(
        'We changed this text. Read it again, and tick the box if you agree to the score',
      )
      expect(refused.text).toContain('May we count what you do, and when?')
      expect(input(refused.text, 'profiling')).not.toContain('checked')
      expect(input(refused.text, 'marketing_email')).toContain('checked')
      expect(input(refused.text, 'name')).toContain('Amara Okonkwo')
      expect(input(refused.text, 'email')).toContain(email)
      expect(shownOn(refused)).not.toEqual(open)
    }
    const now = shownOn(await visitor.get('/sign-up'))
    await visitor.post('/sign-up', { ...typed, ...now }).expect(303)
    await visitor.post('/sign-up', { ...typed, ...open, profiling: '' }).expect(303)
  })

  test('a member who presses the button agrees to nothing, and reads why', async () => {
    const person = await make.person()
    const member = await as(person)
    const open = shownOn(await member.get('/account/sharing'))
    await change('May we count what you do, and where?')
    const press = (path: string, shown: object) => member.post(path, { ...shown })
    const why = 'We changed this text while you had the page open. Read the new one before you agree.'
    const page = await press('/account/consents/profiling', open).expect(409)
    expect(page.text).toContain(why)
    // A form that doesn't say what it showed is no proof of anything.
    const bare = await press('/account/consents/marketing_email', { back: '/account/email-preferences' })
    expect([bare.status, bare.text.includes(why)]).toEqual([409, true])
    expect(bare.text).toContain('action="/account/consents/marketing_email"')
    expect(await Consents.count({ person: person._id })).toBe(0)
    await press('/account/consents/profiling', shownOn(page)).expect(303)
    const consent = await Consents.findOne({ person: person._id })
    expect(consent!.text).toBe('May we count what you do, and where?')

    await change('May we count what you do, and why?')
    const again = await press('/account/consents/profiling/renewal', shownOn(page)).expect(409)
    expect(again.text).toContain(why)
    expect((await Consents.findOne({ person: person._id }))!.renewals ?? []).toEqual([])
  })

  test('a request for contact asks again, and keeps the message', async () => {
    const { slug } = await make.course({ slug: 'changing-texts' })
    const person = await make.person({ consents: [] })
    const member = await as(person)
    const path = `/courses/${slug}/contact-request`
    const typed = { kind: 'demo', text: 'On a Monday', profiling: 'on', share_with_sales: 'on' }
    const open = shownOn(await member.get(path))
    await change('May we count what you do, and how?')
    const refused = await member.post(path, { ...typed, ...open }).expect(422)
    expect(refused.text).toContain('We changed this text. Read it again')
    expect(refused.text).toContain('On a Monday')
    expect(await Consents.count({ person: person._id })).toBe(0)
    await member.post(path, { ...typed, ...shownOn(refused) }).expect(303)
    expect(await Consents.count({ person: person._id })).toBe(2)
  })
})

test('a footer of the company ends every email', async () => {
  const { draft, draftNumber } = await readBrand()
  await saveBrandDraft('academy', { ...draft, emailFooter: 'Call us: **+44 20 7946 0018**' }, draftNumber)
  await publish().then(({ status }) => expect(status).toBe(303))
  const visitor = await anonymous()
  await visitor.post('/sign-in/link', { email: 'someone@northwind.example' })
  const { Emails } = await import('../../src/mail/email')
  const email = (await Emails.findOne({ to: 'someone@northwind.example' }))!
  expect(email.html).toContain('Call us: <strong>+44 20 7946 0018</strong>')
})

test('every field of the brand has a name, for the list of changes', async () => {
  const { text: page } = await admin.get('/admin/brands/academy/versions')
  expect(page).not.toContain('admin:brand.fields')
  expect(Object.keys(blankBrand).length).toBeGreaterThan(10)
})
