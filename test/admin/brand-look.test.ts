import { readFileSync } from 'node:fs'
import request from 'supertest'
import sharp from 'sharp'
import { brandOf, readBrand } from '../../src/brand/brand'
import { publishBrand, saveBrandDraft } from '../../src/brand/change-brand'
import { Certificates } from '../../src/learning/certificate'
import { enrol } from '../../src/learning/enrol'
import { renderEmail } from '../../src/web/render-email'
import { Emails } from '../../src/mail/email'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let admin: Visitor
let visitor: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  admin = await as(await make.person({ role: 'admin', name: 'Aisha Demir' }))
  visitor = await anonymous()
})
afterAll(() => academy.close())

const base = '/admin/brands/academy'

const png = (width: number, height: number, background = '#00596b') =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer()

/** Sends the form of a page as it is shown, with some fields changed. */
async function send(page: string, change: Record<string, string>) {
  const { text } = await admin.get(`${base}/${page}`).expect(200)
  return admin.post(`${base}/${page}`, { basis: basisIn(text), ...change })
}

/** The basis of the form whose slot it is, or of the page's main form. */
function basisIn(html: string, slot?: string): string {
  const at = slot ? html.indexOf(`name="slot" value="${slot}"`) : html.indexOf('id="form"')
  return /name="basis" value="([^"]*)"/.exec(html.slice(at))![1]!
}

async function upload(page: string, slot: string, bytes: Buffer, name: string) {
  const { text } = await admin.get(`${base}/${page}`).expect(200)
  return request(academy.app)
    .post(`${base}/files`)
    .set('cookie', admin.cookie)
    .set('accept', 'text/html')
    .field('_csrf', admin.csrf)
    .field('slot', slot)
    .field('basis', basisIn(text, slot))
    .attach('file', bytes, name)
}

async function publish() {
  const fields = {
    ...{ academyName: 'Northwind Freight Academy', companyName: 'Northwind', legalName: 'Northwind Ltd' },
    ...{ postalAddress: '1 Quay Street, Bristol', privacyEmail: 'a@northwind.example', tagline: '' },
    ...{ accessibilityEmail: 'b@northwind.example', senderName: '', senderAddress: '', replyTo: '' },
  }
  const draftNumber = async () => String((await readBrand()).draftNumber)
  const names = basisIn((await admin.get(base)).text)
  await admin.post(base, { ...fields, basis: names }).expect(303)
  const { text } = await admin.get(`${base}/legal-pages/terms`)
  const body = /<textarea[^>]*name="body"[^>]*>\n?([\s\S]*?)<\/textarea>/.exec(text)![1]!
  await admin
    .post(`${base}/legal-pages/terms`, {
      ...{ title: 'Terms', lede: '', body: body.replace(/\[[^\]]*\]/g, 'English law applies.') },
      basis: basisIn(text),
    })
    .expect(303)
  await admin.post(`${base}/publications`, { draftNumber: await draftNumber() }).expect(303)
}

const home = async () => (await visitor.get('/').expect(200)).text
const imagesIn = (html: string) =>
  [...html.matchAll(/(?:src|href|content)="([^"]*\/assets\/[^"]+)"/g)].map(match => match[1]!)

test('a logo, an icon and a social image are on every page once they are published, open to everyone', async () => {
  const photo = await sharp(await png(900, 300))
    .withExif({ IFD0: { Artist: 'Somebody' } })
    .jpeg()
    .toBuffer()
  await upload('look', 'logoLight', photo, 'logo.jpg').then(({ status }) => expect(status).toBe(303))
  await upload('look', 'logoDark', await png(900, 300, '#7fd3e3'), 'dark.png')
  await upload('look', 'icon', await png(180, 180), 'icon.png')
  await upload('look', 'socialImage', await png(1200, 630), 'social.png')
  expect(await home()).not.toContain('/assets/')
  await publish()

  const page = await home()
  expect(page).toMatch(/<img\s+src="\/assets\/\w{64}\/logo\.jpg"\s+alt="Northwind Freight Academy"/)
  expect(page).toMatch(/media="\(prefers-color-scheme: dark\)"\s+srcset="\/assets\/\w{64}\/dark\.png/)
  expect(page).toMatch(/<link rel="icon" href="\/assets\/\w{64}\/icon\.png" type="image\/png">/)
  expect(page).toMatch(/og:image" content="http[^"]+\/assets\/\w{64}\/social\.png"/)
  for (const url of new Set(imagesIn(page))) {
    const { headers, body } = await visitor.get(new URL(url, 'http://x').pathname).expect(200)
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((body as Buffer).includes('Somebody')).toBe(false)
  }
  await visitor.post('/sign-in/link', { email: 'nobody@northwind.example' })
  const email = (await Emails.findOne({ to: 'nobody@northwind.example' }))!
  expect(email.html).toMatch(/src="http[^"]+\/assets\/\w{64}\/logo\.jpg"\s+alt="Northwind Freight Academy"/)
})

test('a certificate has the logo of an academy that still has the name it certified under', async () => {
  const ada = await make.person({ name: 'Ada Lovelace' })
  const course = await make.course({ lessons: 1 })
  await enrol({ person: ada._id, published: course, paid: false })
  const learner = await as(ada)
  await learner.post(`/courses/${course.slug}/lessons/lesson-1/completion`).expect(303)
  const { headers } = await learner.get(`/courses/${course.slug}/certificate`)
  const pdf = async () =>
    ((await visitor.get(`${headers.location}/certificate.pdf`).buffer().expect(200)).body as Buffer).toString(
      'latin1',
    )
  const sheet = async () =>
    /class="certificate"[\s\S]*<\/div>/.exec((await visitor.get(headers.location!)).text)![0]
  const logoOnSheet = /<div class="certificate-logo[^"]*">\s*<picture>[\s\S]*?\/assets\/\w{64}\/logo\.jpg/
  expect(await pdf()).toContain('/Subtype /Image')
  expect(await sheet()).toMatch(logoOnSheet)
  await Certificates.updateOne({ person: ada._id }, { $set: { 'brand.name': 'Former Academy' } })
  await send('navigation', { contactEmail: 'new@northwind.example', supportEmail: '', poweredBy: '' })
  await publish()
  expect(await pdf()).not.toContain('/Subtype /Image')
  expect(await sheet()).not.toMatch(logoOnSheet)
})

test('an email has no colour but the brand’s', async () => {
  const { draftNumber, draft } = await readBrand()
  const number = await saveBrandDraft('academy', { ...draft, accent: '#00596B' }, draftNumber)
  await publishBrand('academy', number, null)
  const { html } = renderEmail('welcome', { name: 'Ada' }, await brandOf('academy'))
  expect(html.match(/<a\s[^>]*#\w{6}/g)!.every(link => link.includes('#00596B'))).toBe(true)
  expect(readFileSync('views/locales/en/mail.json', 'utf8')).not.toMatch(/#[0-9a-f]{6}/i)
})

test.each([
  ['𝓁ogo-'.repeat(40) + '.gif', Buffer.from('GIF89a'), 'png, jpg, jpeg, webp'],
  ['mark.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'png, jpg, jpeg, webp'],
  ['logo.png', Buffer.from('not a picture'), 'png'],
  ['logo.png', Buffer.alloc(6 * 1024 * 1024), 'at most 5 MB'],
])('%s is refused on its page, which says why', async (name, bytes, reason) => {
  const before = (await readBrand()).draft.logoLight
  const refused = await upload('look', 'logoLight', bytes, name)
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('aria-invalid="true"')
  expect(refused.text).toContain(reason)
  expect((await readBrand()).draft.logoLight).toEqual(before)
})

test.each([
  [179, 179],
  [900, 300],
])('an icon of %i by %i pixels is refused on its page, which says why', async (width, height) => {
  const refused = await upload('look', 'icon', await png(width, height), 'icon.png')
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('aria-invalid="true"')
  expect(refused.text).toContain(`This one is ${width} by ${height}`)
})

test('the typefaces that an administrator chooses are those of every page', async () => {
  await send('look', { typePairing: 'hanken', covers: 'drawn' }).then(({ status }) =>
    expect(status).toBe(303),
  )
  await publish()
  const page = await home()
  expect(page).not.toContain('brygada-1918')
  const [, sheet] = /href="(\/css\/base\.css[^"]*)"/.exec(page)!
  const { text: css } = await visitor.get(sheet!)
  expect(css).toMatch(/:root(:not\(:lang\(\w+\)\)){3} \{\s+--serif: 'Hanken/)
  // Chromium drops a rule with a list of languages.
  expect(css).not.toMatch(/:lang\([^)]*,/)
  await send('look', { typePairing: 'comic', covers: 'drawn' }).then(({ status }) => expect(status).toBe(422))
})

describe('the home page', () => {
  test('is arranged, written and previewed before anybody else sees it', async () => {
    await send('home', { add: 'start' }).then(({ headers }) =>
      expect(headers.location).toBe(`${base}/home/start`),
    )
    await send('home', { change: 'up:start' })
    expect((await readBrand()).draft.home.map(({ id }) => id)).toEqual([
      'hero',
      'facts',
      'paths',
      'sessions',
      'start',
      'catalogue',
    ])
    const rows = {
      ...{ 'rows.0.title': 'I ship', 'rows.0.text': '', 'rows.0.path': '/courses/pumps' },
      'rows.0.symbol': 'wrench',
      ...{ 'rows.1.title': 'I receive', 'rows.1.text': 'On time', 'rows.1.path': 'https://example.com/x' },
    }
    await send('home/start', { title: 'Where to?', text: '', ...rows }).then(({ status }) =>
      expect(status).toBe(303),
    )
    await send('home/start', { title: 'Where to?', text: '', ...rows, change: 'down:rows:0' })
    const { text } = await admin.get(`${base}/home`)
    const [, link] = /href="[^"]*(\/brand-previews\/[^"]+)"/.exec(text)!
    const reader = request.agent(academy.app).set('accept', 'text/html')
    await reader.get(link!).expect(303)
    expect((await reader.get('/').expect(200)).text).toContain('Where to?')
    await send('home/hero', {
      title: 'Ship <it>',
      text: '',
      note: 'No card',
      pictureAlt: '',
      videoLabel: '',
      videoNote: '',
      tour: 'panels/lesson-1',
    })
    expect(await home()).not.toContain('Where to?')
    await publish()
    const page = await home()
    expect(page).toContain('Ship &lt;it&gt;</h1>')
    expect(page).not.toContain('data-tour')
    expect(page.indexOf('I receive')).toBeLessThan(page.indexOf('I ship'))
    expect(page.slice(page.indexOf('I receive'))).toMatch(/start-icon[^]*I ship</)
    expect(page.indexOf('Where to?')).toBeLessThan(page.indexOf('id="all-courses"'))
  })

  test('keeps what was typed when a link leads nowhere', async () => {
    for (const path of ['javascript:alert(1)', '//evil.example', '/\\evil.example', 'courses']) {
      const refused = await send('home/start', {
        ...{ title: 'Typed title', text: '', 'rows.0.title': 'Typed row', 'rows.0.path': path },
      })
      expect(refused.status).toBe(422)
      expect(refused.text).toContain('Enter a page such as /courses')
      expect(refused.text).toContain('value="Typed title"')
      expect(refused.text).toContain('value="Typed row"')
      expect(refused.text).toContain('href="#rows-0-path"')
    }
  })

  test('shows a video only with its captions', async () => {
    const film = readFileSync('scripts/demo/tarnwell/courses/find-the-failing-pump/assets/mill-lane.webm')
    await upload('home/hero', 'home.hero.video', film, 'tour.webm').then(({ status }) =>
      expect(status).toBe(303),
    )
    const publication = await admin.get(`${base}/publications/new`).expect(200)
    expect(publication.text).toContain(`href="${base}/home/hero#home-hero-captions"`)
    const vtt = Buffer.from('WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n')
    await upload('home/hero', 'home.hero.captions', vtt, 'tour.vtt').then(({ status }) =>
      expect(status).toBe(303),
    )
    await publish()
    const page = await home()
    expect(page).toMatch(/<track\s+kind="captions"\s+src="\/assets\/\w{64}\/tour\.vtt"/)
    const [, src] = /<source src="([^"]+)" type="video\/webm">/.exec(page)!
    await visitor.get(src!).set('range', 'bytes=0-3').expect(206)
  })

  test('lets visitors click through a product tour while its lesson is free, and not otherwise', async () => {
    const step = (id: string) =>
      `\`\`\`tour\nid: ${id}\ntitle: The ${id}\nimage: assets/a.png\nalt: ${id} screen\n\`\`\`\n`
    const asset = { path: 'assets/a.png', type: 'image/png', size: 1, hash: 'a'.repeat(64) }
    const tour = {
      kind: 'tour',
      completion: 'explore',
      software: '',
      body: step('start') + step('end'),
    } as const
    for (const [slug, preview] of [
      ['locked', false],
      ['panels', true],
    ] as const) {
      await make.course({ slug, assets: [asset], lesson: n => (n === 1 ? { ...tour, preview } : {}) })
    }
    const form = (await admin.get(`${base}/home/hero`).expect(200)).text
    expect(form).toMatch(/<option value="panels\/lesson-1" selected>/)
    expect(form).not.toContain('locked/lesson-1')
    const page = await home()
    expect(page).toMatch(
      /<a href="\/courses\/panels\/lessons\/lesson-1" data-tour-open>[^]*2 steps, no account/,
    )
    expect(page).toMatch(/<dialog class="home-tour"[^]*alt="start screen"\s+loading="lazy"/)
    expect(page).toContain('src="/js/home-tour.js')
    await send('home/hero', { title: '', tour: 'locked/lesson-1' }).then(({ status }) =>
      expect(status).toBe(303),
    )
    await publish()
    expect(await home()).not.toContain('data-tour')
    expect((await admin.get(`${base}/home/hero`)).text).toContain('locked/lesson-1 (isn’t free or published)')
  })

  test('has one heading of the first level without an introduction', async () => {
    await send('home', { change: 'remove:hero' })
    await publish()
    expect((await home()).match(/<h1/g)).toHaveLength(1)
  })
})

test('the header and the footer have the links of the brand, in its order', async () => {
  await send('navigation', {
    ...{ 'navigation.0.label': '', 'navigation.0.path': '/paths' },
    ...{ 'navigation.1.label': 'Shop', 'navigation.1.path': 'https://northwind.example/shop' },
    ...{ 'footer.0.title': 'Help', 'footer.0.links.0.label': '', 'footer.0.links.0.path': '/terms' },
    ...{ contactEmail: 'hello@northwind.example', supportEmail: '', poweredBy: '' },
  }).then(({ status }) => expect(status).toBe(303))
  await publish()
  const page = await home()
  const header = page.slice(page.indexOf('<nav class="header-nav"'), page.indexOf('</nav>'))
  expect(
    [...header.matchAll(/href="([^"]+)"[^>]*>([^<]+)</g)].map(([, href, text]) => [href, text!.trim()]),
  ).toEqual([
    ['/paths', 'Learning paths'],
    ['https://northwind.example/shop', 'Shop'],
  ])
  const footer = page.slice(page.indexOf('<footer'))
  expect(footer).toContain('Help</h2>')
  expect(footer).toContain('href="/terms">Terms<')
  expect(footer).toContain('href="mailto:hello@northwind.example"')
  expect(footer).toContain('© Northwind Ltd')
  expect(footer).not.toContain('Lyceum')
  const refused = await send('navigation', {
    'navigation.0.label': '',
    'navigation.0.path': '/pumps',
    contactEmail: '',
    supportEmail: '',
  })
  expect([refused.status, refused.text.includes('value="/pumps"')]).toEqual([422, true])
})

test('an exported brand brings its files along, and a file without them is refused', async () => {
  const file = (await admin.get(`${base}/export.json`).expect(200)).text
  const before = (await readBrand()).draft
  expect(before.logoLight).not.toBeNull()
  const importFile = async (text: string) =>
    request(academy.app)
      .post(`${base}/imports`)
      .set('cookie', admin.cookie)
      .set('accept', 'text/html')
      .field('_csrf', admin.csrf)
      .field('draftNumber', String((await readBrand()).draftNumber))
      .attach('file', Buffer.from(text), 'brand.json')
  const imported = async (text: string) => {
    const { headers } = await importFile(text)
    const { text: page } = await admin.get(headers.location!).expect(200)
    const [, drafts] = /name="drafts" value="([^"]+)"/.exec(page)!
    await admin.post(`${headers.location!}/confirmation`, { drafts }).expect(303)
  }
  await saveBrandDraft('academy', { ...before, logoLight: null }, (await readBrand()).draftNumber)
  await imported(file)
  expect((await readBrand()).draft).toEqual(before)
  const { files: _files, ...without } = JSON.parse(file) as { files: unknown }
  const refused = await importFile(JSON.stringify(without))
  expect([refused.status, refused.text.includes('the file is missing')]).toEqual([422, true])
  const lying = file.replace(`"width": ${before.logoLight!.width!}`, '"width": 7')
  await saveBrandDraft('academy', { ...before, logoLight: null }, (await readBrand()).draftNumber)
  await imported(lying)
  expect((await readBrand()).draft.logoLight).toEqual(before.logoLight)
})

test('a version that used another logo still has it', async () => {
  const first = (await readBrand()).draft.logoLight!
  await upload('look', 'logoLight', await png(400, 100, '#ff0000'), 'red.png')
  await publish()
  expect(await home()).not.toContain(first.hash)
  await visitor.get(`/assets/${first.hash}/${first.name}`).expect(200)
})
