import { readCaptions, toWebVtt } from '../../src/courses/captions'
import { exportCourse, zipFiles } from '../../src/courses/export-course'
import { importCourse, readCourseZip } from '../../src/courses/import-course'
import { inspectMedia } from '../../src/courses/media'
import { openAcademy, type Academy } from '../kit/academy'
import { courseFiles } from './files'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())

/** What captions say, as `start-end text`, and their fault as `line rule`. */
function read(text: string): string[] {
  const { cues, fault } = readCaptions(text)
  const rule = fault && `${fault.line} ${fault.key.replace('studio:faults.captions.', '')}`
  return [...cues.map(cue => `${cue.start}-${cue.end} ${cue.text}`), ...(rule ? [rule] : [])]
}

const vtt = (...lines: string[]) => ['WEBVTT', '', ...lines, ''].join('\n')
const times = '00:01.000 --> 00:02.000'
/** A cue from second 1 to 2. */
const said = (text: string) => vtt(times, text)

test.each<[string, string, string[]]>([
  ['a cue', said('Hello'), ['1-2 Hello']],
  ['hours', vtt('01:00:01.000 --> 01:00:02.500', 'a'), ['3601-3602.5 a']],
  ['hours of one and of three digits', vtt('1:00:00.000 --> 001:00:01.000', 'a'), ['3600-3601 a']],
  ['a byte order mark', `\uFEFF${said('a')}`, ['1-2 a']],
  ['line ends of Windows', said('a\nb').replaceAll('\n', '\r\n'), ['1-2 a b']],
  ['line ends of old Macs', said('a\nb').replaceAll('\n', '\r'), ['1-2 a b']],
  ['no line end at the end', said('a').trimEnd(), ['1-2 a']],
  ['a title after the signature', said('a').replace('WEBVTT', 'WEBVTT - the tour'), ['1-2 a']],
  ['a title after a tab', said('a').replace('WEBVTT', 'WEBVTT\tthe tour'), ['1-2 a']],
  ['a header', said('a').replace('WEBVTT', 'WEBVTT\nKind: captions\nLanguage: en'), ['1-2 a']],
  ['no empty line after the signature', `WEBVTT\n${times}\na\n`, ['1-2 a']],
  [
    'several empty lines',
    vtt('', '', times, 'a', '', '', '', '00:03.000 --> 00:04.000', 'b'),
    ['1-2 a', '3-4 b'],
  ],
  [
    'a line of spaces between cues',
    vtt(times, 'a', '  ', '00:03.000 --> 00:04.000', 'b'),
    ['1-2 a', '3-4 b'],
  ],
  [
    'a line of tabs before an id',
    vtt(times, 'a', '\t', '2', '00:03.000 --> 00:04.000', 'b'),
    ['1-2 a', '3-4 b'],
  ],
  ['a line of spaces inside a cue', said('a\n \nb'), ['1-2 a b']],
  ['a line of spaces at the end', said('a\n \n'), ['1-2 a']],
  ['no empty line between cues', vtt(times, 'a', '00:03.000 --> 00:04.000', 'b'), ['1-2 a', '3-4 b']],
  ['a note', vtt('NOTE by hand', '', times, 'a'), ['1-2 a']],
  ['a note of several lines', vtt('NOTE', 'by', 'hand', '', times, 'a', '', 'NOTE the end'), ['1-2 a']],
  ['a note with an arrow', vtt('NOTE A --> B', 'x', '', times, 'a'), ['1-2 a']],
  ['a note with an arrow later', vtt('NOTE', 'x', 'A --> B', 'y', '', times, 'a'), ['1-2 a']],
  ['styles', vtt('STYLE', '::cue { color: red }', '', times, 'a'), ['1-2 a']],
  ['regions', vtt('REGION', 'id:fred', 'width:40%', '', times, 'a'), ['1-2 a']],
  ['ids', vtt('1', times, 'a', '', 'the end', '00:03.000 --> 00:04.000', 'b'), ['1-2 a', '3-4 b']],
  ['an id that starts like a note', vtt('NOTEBOOK', times, 'a'), ['1-2 a']],
  ['settings', vtt(`${times} line:0 position:20%,line-left align:start`, 'a'), ['1-2 a']],
  ['settings that nobody knows', vtt(`${times} colour:red`, 'a'), ['1-2 a']],
  ['no spaces around the arrow', vtt('00:01.000-->00:02.000', 'a'), ['1-2 a']],
  ['tabs around the arrow', vtt('\t00:01.000\t-->\t00:02.000\t', 'a'), ['1-2 a']],
  ['several lines', said('a\nb\nc'), ['1-2 a b c']],
  [
    'named references',
    said('&lt;Fish&gt; &amp; &quot;chips&quot; &copy; &eacute;'),
    ['1-2 <Fish> & "chips" © é'],
  ],
  ['spaces and marks by name', said('a&nbsp;b&lrm;c&rlm;d'), ['1-2 a\u00a0b\u200ec\u200fd']],
  ['numeric references', said('it&#39;s &#x2019; &#128512;'), ["1-2 it's ’ 😀"]],
  ['references that are decoded once', said('&amp;lt;b&amp;gt;'), ['1-2 &lt;b&gt;']],
  ['ampersands that are no references', said('R&D & &unknown; &'), ['1-2 R&D & &unknown; &']],
  ['a speaker', said('<v Ines>Hello</v>'), ['1-2 Ines: Hello']],
  [
    'a speaker with classes and references',
    said('<v.first.loud Ines  &amp; Bo>Hello'),
    ['1-2 Ines & Bo: Hello'],
  ],
  ['a speaker of two lines', said('<v Ines>Hello\n<v Ines>again'), ['1-2 Ines: Hello again']],
  ['two speakers', said('<v Ines>Hello\n<v Bo>Hi'), ['1-2 Ines: Hello Bo: Hi']],
  ['a speaker who says nothing', said('<v Ines></v>Music'), ['1-2 Music']],
  [
    'speakers with ends',
    said('<v Ines>Hello</v>\n<v Ines>again</v> (music) <v Ines>Bye</v>'),
    ['1-2 Ines: Hello again (music) Ines: Bye'],
  ],
  ['a voice without a name', said('<v>Hello'), ['1-2 Hello']],
  ['bold, italic and underlined text', said('<b>a</b> <i.x>b</i> <u>c</u>'), ['1-2 a b c']],
  ['classes and languages', said('<c.yellow>a</c> <lang de>b</lang>'), ['1-2 a b']],
  ['times inside a cue', said('a<00:01.500> b'), ['1-2 a b']],
  ['ruby text', said('<ruby>漢<rt>kan</rt>字<rt>ji</ruby>'), ['1-2 漢(kan)字(ji)']],
  ['tags that nobody knows', said('<font color="red">a</font>'), ['1-2 a']],
  ['a tag over two lines', said('<v\nInes>a'), ['1-2 Ines: a']],
  ['a tag that never ends', said('a <b'), ['1-2 a']],
  [
    'cues that overlap',
    vtt('00:01.000 --> 00:05.000', 'a', '', '00:02.000 --> 00:03.000', 'b'),
    ['1-5 a', '2-3 b'],
  ],
  ['cues out of order', vtt('00:03.000 --> 00:04.000', 'b', '', times, 'a'), ['1-2 a', '3-4 b']],
  ['a cue without text among others', vtt(times, '', '00:03.000 --> 00:04.000', 'b'), ['3-4 b']],
  [
    'captions that scroll',
    vtt(
      times,
      'a',
      '',
      '00:02.000 --> 00:02.010',
      'a',
      '',
      '00:02.010 --> 00:04.000',
      'a',
      'b',
      '',
      '00:04.000 --> 00:06.000',
      'b',
      'c',
    ),
    ['1-2.01 a', '2.01-4 b', '4-6 c'],
  ],
  [
    'captions that scroll as YouTube writes them',
    vtt(
      '00:01.000 --> 00:02.000 align:start position:0%',
      ' ',
      'we<00:01.500><c> move</c>',
      '',
      '00:02.000 --> 00:02.010',
      'we move',
      ' ',
      '',
      '00:02.010 --> 00:04.000',
      'we move',
      'water<00:03.000><c> up</c>',
    ),
    ['1-2.01 we move', '2.01-4 water up'],
  ],
  [
    'a word said again later',
    vtt(times, 'Yes.', '', '00:05.000 --> 00:06.000', 'Yes.'),
    ['1-2 Yes.', '5-6 Yes.'],
  ],
  ['nothing', '', ['1 none']],
  ['only a signature', 'WEBVTT', ['1 none']],
  ['only a note', vtt('NOTE nothing yet'), ['1 none']],
  ['a cue without a word', said('<i></i>'), ['1 none']],
  ['times with commas', vtt('00:00:01,000 --> 00:00:02,000', 'a'), ['3 commas']],
  ['a start without an end', vtt('00:01.000 -->', 'a', '', times, 'b'), ['1-2 b', '3 times']],
  ['two digits after the full stop', vtt('00:01.00 --> 00:02.00', 'a'), ['3 times']],
  ['61 seconds', vtt('00:61.000 --> 00:62.000', 'a'), ['3 times']],
  ['61 minutes', vtt('00:61:00.000 --> 00:62:00.000', 'a'), ['3 times']],
  ['one digit of minutes', vtt('1:01.000 --> 1:02.000', 'a'), ['3 times']],
  ['another arrow', vtt('00:01.000 -> 00:02.000', 'a'), ['3 noTimes']],
  ['an empty line inside a cue', vtt(times, 'a', '', 'b'), ['1-2 a', '6 noTimes']],
  [
    'an end before its start',
    vtt(times, 'a', '', '00:04.000 --> 00:03.000', 'b'),
    ['1-2 a', '4-3 b', '6 backwards'],
  ],
  [
    'a caption after a thousand hours',
    vtt('00:01.000 --> 1000:00:00.000', 'a'),
    ['1-3600000 a', '3 tooLate'],
  ],
])('a learner reads what captions say: %s', (_what, text, cues) => {
  expect(read(text)).toEqual(cues)
})

const srt = (text: string) => `1\n00:00:01,000 --> 00:00:02,500\n${text}\n`

test.each<[string, string, string[], string]>([
  ['a caption', srt('Hello'), ['1-2.5 Hello'], 'Hello'],
  [
    'a byte order mark and line ends of Windows',
    `\uFEFF${srt('a\nb')}`.replaceAll('\n', '\r\n'),
    ['1-2.5 a b'],
    'a\nb',
  ],
  ['no numbers', srt('a').slice(2), ['1-2.5 a'], 'a'],
  ['full stops in times', srt('a').replaceAll(',', '.'), ['1-2.5 a'], 'a'],
  ['positions', srt('{\\an8}a').replace('500\n', '500 X1:10 X2:20\n'), ['1-2.5 a'], 'a'],
  ['an empty line inside a caption', srt('a\n\nb'), ['1-2.5 a b'], 'a\nb'],
  ['bold text and fonts', srt('<b>a</b> <font color="#fff">b</font>'), ['1-2.5 a b'], '<b>a</b> b'],
  ['signs that WebVTT reads as tags', srt('5 < 6 <3 R&D'), ['1-2.5 5 < 6 <3 R&D'], '5 &lt; 6 &lt;3 R&D'],
])('SubRip captions are read and played: %s', (_what, text, cues, played) => {
  expect(read(text)).toEqual(cues)
  expect(toWebVtt(text)).toBe(`WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n${played}\n`)
  expect(read(toWebVtt(text))).toEqual(cues)
})

test('SubRip captions keep their order, times and numbers that are said', () => {
  const text = `${srt('a')}\n2\n00:00:03,000 --> 00:00:04,000\n42\n\n3\n01:02:03,004 --> 01:02:05,999\nc\n`
  expect(read(text)).toEqual(['1-2.5 a', '3-4 42', '3723.004-3725.999 c'])
  expect(read(toWebVtt(text))).toEqual(read(text))
})

test.each<[string, string, string | Buffer, string]>([
  ['an empty file of captions', 'a.vtt', 'WEBVTT\n', '1 captions.none'],
  ['SubRip named as WebVTT', 'a.vtt', srt('a'), '1 captions.not.vtt'],
  ['WebVTT named as SubRip', 'a.srt', said('a'), '1 captions.not.srt'],
  ['commas in WebVTT', 'a.vtt', vtt('00:00:01,000 --> 00:00:02,000', 'a'), '3 captions.commas'],
  ['SubRip without times', 'a.srt', 'Hello\n', '1 captions.neither'],
  ['SubRip with times that are not', 'a.srt', `${srt('a')}\n2\nsoon --> later\nb\n`, '6 captions.times'],
  ['SubRip that runs backwards', 'a.srt', srt('a').replace('02,', '00,'), '2 captions.backwards'],
  ['SubRip without a caption', 'a.srt', '\n1\n', '1 captions.none'],
  ['captions in Latin-1', 'a.srt', Buffer.from(srt('Käse'), 'latin1'), 'null notUtf8'],
  ['more captions than are read', 'a.vtt', vtt(`${times}\na\n\n`.repeat(20_001)), '60003 captions.tooMany'],
])(
  'an author sees what is wrong with captions and in which line: %s',
  async (_what, name, text, expected) => {
    const { fault } = await inspectMedia(`assets/${name}`, Buffer.from(text))
    expect(`${fault?.line} ${fault?.key.replace('studio:faults.', '')}`).toBe(expected)
    expect(fault?.file).toBe(`assets/${name}`)
  },
)

test('SubRip captions are exported with the bytes they were imported with', async () => {
  const text = `\uFEFF${srt('Tea')}`.replaceAll('\n', '\r\n')
  const files = courseFiles({ 'assets/a.srt': text })
  const { course } = await importCourse({ files, by: null })
  expect(course.draft.assets).toMatchObject([{ path: 'assets/a.srt', type: 'text/vtt', seconds: 2.5 }])
  const out = await exportCourse('seals', course.draft)
  expect(out.find(file => file.path === 'seals/assets/a.srt')!.bytes.toString()).toBe(text)
  const again = await importCourse({ files: await readCourseZip(await zipFiles(out)), by: null })
  expect(again).toMatchObject({ isNew: false, course: { draftNumber: course.draftNumber } })
})
