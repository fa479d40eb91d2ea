import { hasLink } from '../../src/people/link-in-name'
import { normaliseLine, normaliseText } from '../../src/platform/text'
import { cpuTimeOf } from '../kit/cpu-time'

const realNames = [
  'Ada Lovelace',
  'J.R.R. Tolkien',
  'J.R.R.Tolkien',
  'J. K. Rowling',
  'Martin Luther King, Jr.',
  'Martin Luther King Jr.',
  'St. John',
  'Oliver St.John',
  'Dr. Li',
  'Dr.Li Wei',
  'A.Li',
  'Ravi Kumar, B.Com',
  'Ada Lovelace M.Sc.',
  'Jane Doe, Ph.D.',
  'Ing. Jan Novák, CSc.',
  "Sinéad O'Connor",
  'D’Angelo Russell',
  'Jean-Luc de la Tour',
  'Anne-Marie Trevelyan-Smith',
  'Nguyễn Thị Ánh Tuyết',
  'محمد بن عبد الله',
  'मृत्युंजय कुमार',
  'ශ්‍රී ලංකා',
  'രാജന്‍',
  'নির‍্যাতিতা',
  'می‌نا رضایی',
  '王小明',
  'Дмитрий Менделеев',
  'Ξενοφών Ζολώτας',
  'ძე ბერიძე',
  'สมชาย ใจดี',
  'יַעֲקֹב',
  'Gal·la Placídia',
  'X Æ A-12',
  'Ada 👩‍💻',
  'Ada ❤️‍🔥',
  'Ada 👍🏽',
  'Dot Cotton',
  'Ba. Com',
]
test.each(realNames)('%s can sign up under their name, as they write it', name => {
  expect(normaliseLine(name)).toBe(name)
  expect(hasLink(name)).toBe(false)
})

test.each([
  'Visit https://evil.example',
  'Visit http://evil.com/x',
  'HTTPS://EVIL.COM',
  'hxxps://evil[.]com',
  'hxxp evil[.]com',
  'evil.com',
  'Evil.Com',
  'Win at evil.com now',
  'www.evil',
  'WWW . evil . com',
  'evil[dot]com',
  'evil (dot) com',
  'evil dot com',
  'evil .com',
  'evil. com',
  'evil-dot-com',
  'evil．com',
  'evil%2Ecom',
  'evil&#46;com',
  'xn--e1afmkfd.xn--p1ai',
  'evil{dot}com',
  'evil[.]com',
  'EVIL[DOT]COM',
  'http:evil',
  'evil。com',
  'evil｡com',
  'evil․com',
  'ｅｖｉｌ．ｃｏｍ',
  '𝐞𝐯𝐢𝐥.𝐜𝐨𝐦',
  'пример.рф',
  'bit.ly/3xYz',
  't.me/evil',
  'evil.co.uk',
  'evil.com.Ada',
  'evil.example',
  'evil.onion',
  '93.184.216.34',
  'me@evil.com',
  'me＠evil.com',
  'me [at] evil [dot] com',
  '@evil',
  'mailto:me',
  'javascript:alert(1)',
  'tel:+420555123456',
  '//evil',
  '\\\\evil\\share',
])('“%s” is not accepted as the name of a person', name => {
  expect(hasLink(normaliseLine(name))).toBe(true)
})

test.each([
  'Booking.com',
  'Monday.com',
  'Yahoo!',
  'Amazon.com, Inc.',
  'Ben & Jerry’s',
  'A.P. Møller–Mærsk',
  'AT&T',
  '3M',
  'Web.de',
])('a company can be called %s', name => {
  expect(hasLink(name, 'organisation')).toBe(false)
})
test.each([
  'https://booking.com',
  'www.booking.com',
  'booking.com/win',
  'sales@booking.com',
  'hxxp://booking.com',
])('a company can’t be called %s', name => {
  expect(hasLink(name, 'organisation')).toBe(true)
})

test.each([
  ['a zero-width space', 'A\u200bda', 'Ada'],
  ['a joiner between Latin letters', 'A\u200dd\u200ca', 'Ada'],
  ['a bidirectional override', '\u202eAda\u202c', 'Ada'],
  ['isolates', '\u2066Ada\u2069', 'Ada'],
  ['direction marks', '\u200eAda\u200f\u061c', 'Ada'],
  ['a byte order mark', '\ufeffAda', 'Ada'],
  ['a soft hyphen', 'A\u00adda', 'Ada'],
  ['tags', 'Ada\u{e0041}\u{e007f}', 'Ada'],
  ['variation selectors', 'A\ufe0fd\ufe00a\u{e0100}', 'Ada'],
  ['fillers', 'Ada\u3164\u115f\u2800', 'Ada'],
  ['a word joiner', 'A\u2060da', 'Ada'],
  ['control characters', 'A\u0000d\u0007a\u009b', 'Ada'],
  ['line breaks', 'Ada\r\nLove\u2028lace\u0085x\vy', 'Ada Love lace x y'],
  ['other spaces', '  Ada\u00a0\u3000\t Lovelace ', 'Ada Lovelace'],
  ['half of a surrogate pair', 'Ada\ud83d', 'Ada'],
  ['a private character', 'Ada\ue000', 'Ada'],
  ['accents of their own', 'Jose\u0301', 'José'],
  ['an accent without a letter', '\u0301Ada', 'Ada'],
])('%s in a name is normalised', (_what, typed, stored) => {
  expect(normaliseLine(typed)).toBe(stored)
  expect(normaliseLine(stored)).toBe(stored)
})

test('a domain with a path is a link, however short it is', () => {
  for (const name of ['Prize T.ME/evil', 'Win at T.CO/AbC']) {
    expect([hasLink(name), hasLink(name, 'organisation')]).toEqual([true, true])
  }
})

test('a flood of accents is cut, quickly', async () => {
  let name = ''
  const flood = `Z${'\u0301\u0327\u0334\u0308'.repeat(50_000)}algo`
  expect(await cpuTimeOf(() => (name = normaliseLine(flood)))).toBeLessThan(1000)
  expect([...name].length).toBeLessThanOrEqual(8)
  expect(name).toMatch(/^.\p{M}{0,3}algo$/u)
})

test('a text of several lines keeps its lines', () => {
  expect(normaliseText('One\r\ntwo\rthree\u2028four\tfive\u202e')).toBe('One\ntwo\nthree\nfour\tfive')
})
