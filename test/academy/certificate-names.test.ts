import { columnShadesOf } from '../../src/brand/colour'
import { certificatePdf } from '../../src/academy/certificate-pdf'
import { certificateIdentity, Certificates, type Certificate } from '../../src/learning/certificate'
import { enrol } from '../../src/learning/enrol'
import type { Published } from '../../src/courses/published'
import { config } from '../../src/platform/config'
import { openAcademy, type Academy } from '../kit/academy'
import { amara, browser, emailTo } from '../account/browser'
import { anonymous, as } from '../kit/as'
import { setTime } from '../kit/clock'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'
import { linesIn, shownIn } from '../kit/pdf'

config.demo = false

let academy: Academy
let pumps: Published
beforeAll(async () => {
  academy = await openAcademy()
  pumps = await make.course({ lessons: 1, title: 'Pumps, plainly' })
})
afterAll(() => academy.close())
beforeEach(() => setTime('2026-11-23T09:00:00Z'))

const earned = new Map<string, Certificate>()

/** The certificate of a learner with this name. The first one of a course is earned, and the others are like it. */
async function certificateOf(name: string, course = pumps): Promise<Certificate> {
  const person = await make.person({ name })
  const first = earned.get(course.slug)
  if (first) {
    const { id, number } = certificateIdentity(person._id, course.course)
    return Certificates.create({ ...first, _id: id, number, person: person._id, name })
  }
  await enrol({ person: person._id, published: course, paid: false })
  await (await as(person)).post(`/courses/${course.slug}/lessons/lesson-1/completion`).expect(303)
  await happened(person)
  const certificate = await Certificates.findOne({ person: person._id }).orFail()
  earned.set(course.slug, certificate)
  return certificate
}

async function pdfOf(name: string, course = pumps): Promise<Buffer> {
  const { _id } = await certificateOf(name, course)
  const visitor = await anonymous()
  return (await visitor.get(`/certificates/${_id}/certificate.pdf`).buffer(true).expect(200)).body as Buffer
}

/** The lines between "This certifies that" and the sentence with the course: the name as it is seen. */
function nameIn(pdf: Buffer) {
  const lines = linesIn(pdf)
  const before = lines.findIndex(line => line.text.startsWith('This certifies'))
  const after = lines.findIndex(line => line.text.startsWith('completed'))
  return lines.slice(before + 1, after).filter(line => line.x < 500)
}

test.each([
  ['Łukasz Ďurič-Žižka', /^Brygada/],
  ['Nguyễn Thị Ánh Nguyệt', /^Brygada/],
  ['Adébáyọ̀ Ṣọlá', /^Brygada/],
  ['Ελένη Παπαδοπούλου', /^Brygada/],
  ['Владимир Щербаков', /^Brygada/],
  ['Қасым Ғалымжан Ӷ', /^(Brygada|NotoSerif-)/],
  ['Արամ Խաչատրյան', /^NotoSerifArmenian/],
  ['გიორგი მელიქიშვილი', /^NotoSerifGeorgian/],
  ['王小明', /^NotoSerifSC/],
  ['欧阳 丽华', /^NotoSerifSC/],
  ['髙橋 さくら', /^NotoSerifJP/],
  ['김민수', /^NotoSerifKR/],
])('%s is printed in a font that has all of it', async (name, font) => {
  const pdf = await pdfOf(name)
  expect(nameIn(pdf).map(line => line.text)).toEqual([name.normalize('NFC')])
  const { y, size } = nameIn(pdf)[0]!
  const shown = shownIn(pdf)
  expect(shown.some(run => run.hasBox)).toBe(false)
  for (const run of shown.filter(each => each.y === y && each.size === size && each.x < 500)) {
    expect(run.font).toMatch(font)
  }
})

test.each([
  ['مريم الحسن', /^NotoNaskhArabic/],
  ['علی‌رضا گیلانی', /^NotoNaskhArabic/],
  ['श्रीमती लक्ष्मी कृष्णमूर्ति', /^NotoSerifDevanagari/],
  ['মোহাম্মদ ক্ষিতীশ', /^NotoSerifBengali/],
  ['கிருஷ்ணன் ஸ்ரீனிவாசன்', /^NotoSerifTamil/],
  ['శ్రీనివాస్ రెడ్డి', /^NotoSerifTelugu/],
  ['ಕೃಷ್ಣಮೂರ್ತಿ', /^NotoSansKannada/],
  ['ശ്രീധരൻ നായർ', /^NotoSerifMalayalam/],
  ['કૃષ્ણકાંત પટેલ', /^NotoSerifGujarati/],
  ['ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ', /^NotoSansGurmukhi/],
  ['ଶ୍ରୀକାନ୍ତ ମିଶ୍ର', /^NotoSansOriya/],
  ['ශ්‍රී නිමල්', /^NotoSerifSinhala/],
  ['สมชาย น้ำทิพย์', /^NotoSerifThai/],
  ['ສົມໄຊ ແກ້ວ', /^NotoSansLao/],
  ['សុខា ស្រីពៅ', /^NotoSerifKhmer/],
  ['အောင်ဆန်းစုကြည်', /^NotoSerifMyanmar/],
  ['አበበ ቢቂላ', /^NotoSansEthiopic/],
])('%s is printed in one font, and a screen reader reads it as it was typed', async (name, font) => {
  const pdf = await pdfOf(name)
  const lines = nameIn(pdf)
  expect(lines).toHaveLength(1)
  const shown = shownIn(pdf)
  expect(shown.some(run => run.hasBox)).toBe(false)
  const ofName = shown.filter(run => run.size === 36)
  expect(ofName.length).toBeGreaterThan(0)
  for (const run of ofName) expect(run.font).toMatch(font)
  expect(spokenIn(pdf)).toContain(name.normalize('NFC'))
})

test('a learner signs up with an Arabic name, finishes the course, and prints it', async () => {
  const here = browser()
  await here.open('/sign-up')
  const account = { ...amara, name: 'مريم الحسن', how: 'password', profiling: 'on' }
  expect((await here.send('/sign-up', account)).headers.location).toBe('/sign-up/email-sent')
  const { link } = await emailTo(amara.email)
  await here.open(link)
  await here.send(link)
  await here.open(`/courses/${pumps.slug}`)
  await here.send(`/courses/${pumps.slug}/enrolment`)
  await here.open(`/courses/${pumps.slug}/lessons/lesson-1`)
  await here.send(`/courses/${pumps.slug}/lessons/lesson-1/completion`)
  const { location } = (await here.open(`/courses/${pumps.slug}/certificate`)).headers
  expect((await here.open(location!)).text).toContain('<span dir="auto">مريم الحسن</span>')
  const pdf = await (await anonymous()).get(`${location}/certificate.pdf`).buffer(true).expect(200)
  expect(spokenIn(pdf.body as Buffer)).toContain('مريم الحسن')
})

test('what runs from right to left is in the order in which it is read', async () => {
  const [name] = nameIn(await pdfOf('נועה כהן (לוי) 42'))
  expect(name!.text).toBe('42 (יול) ןהכ העונ')
  const [mixed] = nameIn(await pdfOf('Noa נועה כהן Smith'))
  expect(mixed!.text).toBe('Noa ןהכ העונ Smith')
  // Arabic letters that join are glyphs of their own, but the ends of the lines show the order.
  const [arabic] = nameIn(await pdfOf('دار نور'))
  expect([...arabic!.text].filter(letter => /[ \u0600-\u06ff]/.test(letter)).join('')).toBe('رون راد')
})

test('a title in the script of its course keeps its order inside the English sentence, and its language', async () => {
  const course = await make.course({ lessons: 1, title: 'מבוא (חלק 2) PX-200', language: 'he' })
  const pdf = await pdfOf('Ada Lovelace', course)
  expect(linesIn(pdf).map(line => line.text)).toContainEqual(
    expect.stringMatching(/^completed “PX-200 \(2 קלח\) אובמ”, 1 lesson/),
  )
  expect(pdf.toString('latin1')).toContain('/Lang (he)')
  const { _id } = await certificateOf('Ada Lovelace', course)
  const { text } = await (await anonymous()).get(`/certificates/${_id}`).expect(200)
  expect(text).toContain('<b lang="he" dir="rtl">מבוא (חלק 2) PX-200</b>')
  expect(text).toContain('<span dir="auto">Ada Lovelace</span>')
})

test('an academy that speaks Arabic prints Latin names and titles inside its own sentence', async () => {
  const texts: Record<string, (values: Record<string, unknown>) => string> = {
    'academy:pdf.did.completed': ({ title }) => `نال ${String(title)} (دورة)`,
  }
  const certificate = await certificateOf('Ada Lovelace')
  const pdf = await certificatePdf({
    certificate: { ...certificate, title: 'Pumps (PX-200)' },
    t: (key, values = {}) => texts[key]?.(values) ?? 'شهادة',
    date: () => '23',
    achievement: ' 3',
    academy: 'Lyceum',
    shades: columnShadesOf(null).light,
    logo: null,
    columns: [],
    version: null,
    url: 'https://academy.example/certificates/1',
    language: 'ar',
    direction: 'rtl',
    courseLanguage: 'en',
  })
  const lines = linesIn(pdf)
  const sentence = lines.find(line => line.text.includes('Pumps'))!
  expect(sentence.text).toMatch(/^3 \(\S+\) Pumps \(PX-200\) لان$/)
  expect(sentence.right).toBeCloseTo(626, 0)
  expect(lines.map(line => line.text)).toContain('Ada Lovelace')
})

test('Han characters are drawn as the course writes them, unless the name has kana or Hangul', async () => {
  const fonts = async (name: string, language: string) => {
    const course = await make.course({ lessons: 1, title: 'Pumps', language })
    return new Set(
      shownIn(await pdfOf(name, course))
        .filter(run => run.size === 36)
        .map(run => run.font),
    )
  }
  expect(await fonts('王小明', 'ja')).toEqual(new Set(['NotoSerifJP-Medium']))
  expect(await fonts('王小明', 'ko')).toEqual(new Set(['NotoSerifKR-Medium']))
  expect(await fonts('歐陽明', 'zh-TW')).toEqual(new Set(['NotoSerifTC-Medium']))
  expect(await fonts('林さくら', 'zh-CN')).toEqual(new Set(['NotoSerifJP-Medium']))
  expect(await fonts('金 민수', 'ja')).toEqual(new Set(['NotoSerifKR-Medium']))
})

test.each([
  ['🦊 Ada 👩🏽‍🚀 Lovelace (🎉) ❤️ 1️⃣ 🇨🇿', 'Ada Lovelace'],
  ['Zoë\u200f 🧑🏿‍🤝‍🧑🏻', 'Zoë'],
  ['Ada \u{1e900}\u{1e922} Lovelace', 'Ada Lovelace'],
  ['🦊🦊', 'The learner named at the address below'],
])('of %s, what the fonts have is printed: %s', async (name, printed) => {
  const pdf = await pdfOf(name)
  expect(nameIn(pdf).map(line => line.text)).toEqual([printed])
  expect(shownIn(pdf).some(run => run.hasBox)).toBe(false)
})

const words = 'María de los Remedios Cipriano de la Santísima Trinidad '
test.each([
  ['a name of many words', words.repeat(2).slice(0, 100), 'Pumps, plainly', 'en'],
  ['a name without spaces', 'Wolfeschlegelsteinhausen'.repeat(5).slice(0, 100), 'x'.repeat(200), 'en'],
  ['a Chinese name without spaces', '王'.repeat(100), '操作画面设计与安全'.repeat(23).slice(0, 200), 'zh-CN'],
  ['an Arabic name', 'محمد عبد الله '.repeat(7), 'مقدمة في تشغيل المضخات '.repeat(8), 'ar'],
  ['a Thai name', 'ศรีวัฒนานุกูล'.repeat(8).slice(0, 100), 'การบำรุงรักษาปั๊มน้ำ'.repeat(10).slice(0, 200), 'th'],
])('%s that is too long shrinks and wraps, and touches nothing', async (_what, name, title, language) => {
  const course = await make.course({ lessons: 1, title: title.trim(), language })
  const pdf = await pdfOf(name.trim(), course)
  const lines = linesIn(pdf).filter(line => line.x < 500)
  const [first, foot] = ['This certifies', 'Certificate no'].map(start =>
    lines.findIndex(line => line.text.includes(start)),
  )
  for (const [n, line] of lines.entries()) {
    if (n <= first! || n > foot!) continue
    expect(line.y - lines[n - 1]!.y).toBeGreaterThan(line.size)
    expect(line.size).toBeGreaterThanOrEqual(9)
    expect(line.right).toBeLessThanOrEqual(627)
  }
  expect(nameIn(pdf).length).toBeGreaterThan(0)
  // Everything but the place where a line was broken is there.
  if (language === 'zh-CN')
    expect(
      nameIn(pdf)
        .map(line => line.text)
        .join(''),
    ).toBe(name)
})

/** The texts that a tagged PDF has for screen readers, decoded. */
function spokenIn(pdf: Buffer): string[] {
  const utf16 = (escaped: string) => {
    const bytes = escaped.replace(/\\(r|n|t|b|f|\(|\)|\\)/g, (_all, code: string) => escapes[code] ?? code)
    return Buffer.from(bytes.slice(2), 'latin1').swap16().toString('utf16le')
  }
  const texts = pdf.toString('latin1').matchAll(/\/ActualText \(((?:[^\\)]|\\[^])*)\)/g)
  return Array.from(texts, ([, text]) => utf16(text!))
}
const escapes: Record<string, string> = { r: '\r', n: '\n', t: '\t', b: '\b', f: '\f' }
