import { readCaptions } from '../../src/courses/captions'
import {
  cueProblems,
  openCaptions,
  withMergedCue,
  withNewCue,
  withoutCue,
  withShiftedCues,
  withSplitCue,
  writeCaptions,
  type EditedCue,
} from '../../src/courses/edit-captions'

const written = [
  'WEBVTT - The tour',
  'Kind: captions',
  '',
  'STYLE',
  '::cue { color: gold }',
  '',
  'REGION',
  'id:left',
  '',
  'NOTE Before the first',
  '',
  'intro',
  '00:01.000 --> 00:03.500 line:10% align:start',
  'Hello &amp; welcome',
  'to <i>pumps</i>',
  '',
  '',
  'NOTE',
  'About the second',
  '',
  '00:00:04.000   -->   00:00:06.000',
  '<v Ines>Look at this',
  '',
  '3',
  '00:00:07.000 --> 00:00:09.000',
  '5 &lt; 6',
  '',
  'NOTE The end',
].join('\n')

const edited = (text: string, change: (cues: EditedCue[]) => EditedCue[]) => {
  const file = openCaptions(text)
  return writeCaptions(file, change(file.cues))
}

test.each([
  ['with notes, styles, regions, ids and settings', written],
  ['with line ends of Windows', written.replaceAll('\n', '\r\n')],
  ['without an empty line at the end', 'WEBVTT\n\n00:01.000 --> 00:02.000\nOne'],
  [
    'with an empty line after the times',
    'WEBVTT\n\n00:01.000 --> 00:02.000\n\n00:03.000 --> 00:04.000\nTwo\n',
  ],
  ['with times right after the header', 'WEBVTT\n00:01.000 --> 00:02.000\nOne\n'],
])('captions %s keep every byte when nothing is edited', (_, text) => {
  expect(edited(text, cues => cues)).toBe(text)
})

test('an edited caption keeps its id and settings, and the others keep their bytes', () => {
  const changed = edited(written, cues =>
    cues.map((cue, n) => (n === 0 ? { ...cue, end: 3.75, text: 'Hi & <you>' } : cue)),
  )
  expect(changed).toBe(
    written
      .replace('00:01.000 --> 00:03.500', '00:00:01.000 --> 00:00:03.750')
      .replace('Hello &amp; welcome\nto <i>pumps</i>\n\n\n', 'Hi &amp; &lt;you&gt;\n\n'),
  )
})

test('a text with a speaker is edited as it is written, any other with the signs that it shows', () => {
  expect(openCaptions(written).cues.map(({ text }) => text)).toEqual([
    'Hello &amp; welcome\nto <i>pumps</i>',
    '<v Ines>Look at this',
    '5 < 6',
  ])
})

test('the notes of a caption that is removed go to the next one', () => {
  const changed = edited(written, cues => withoutCue(cues, 1))
  expect(changed).toBe(written.replace('00:00:04.000   -->   00:00:06.000\n<v Ines>Look at this\n\n', ''))
  expect(edited(written, cues => cues.slice(0, 1))).toContain('NOTE\nAbout the second\n\nNOTE The end')
})

test('a new caption stands between those before and after it', () => {
  const changed = edited(written, cues =>
    withNewCue(cues, 0, 3.6).map(cue => (cue.origin === null ? { ...cue, text: 'New' } : cue)),
  )
  expect(changed).toContain('00:00:03.600 --> 00:00:04.000\nNew\n\nNOTE\nAbout the second')
  expect(readCaptions(changed).cues.map(({ text }) => text)).toEqual([
    'Hello & welcome to pumps',
    'New',
    'Ines: Look at this',
    '5 < 6',
  ])
})

test('captions are split at the playhead or in the middle, and their words by time', () => {
  const cue = { start: 10, end: 14, text: 'one two three four', origin: 0 }
  expect(withSplitCue([cue], 0, 11)).toEqual([
    { start: 10, end: 11, text: 'one', origin: 0 },
    { start: 11, end: 14, text: 'two three four', origin: null },
  ])
  expect(withSplitCue([cue], 0, 99).map(({ end }) => end)).toEqual([12, 14])
  expect(withSplitCue([{ ...cue, text: 'word' }], 0, null).map(({ text }) => text)).toEqual(['word', ''])
})

test('two captions become one, and times shift from a caption on, but not before the recording', () => {
  const [one, two] = [
    { start: 1, end: 2, text: 'One', origin: 0 },
    { start: 2, end: 3, text: 'Two', origin: 1 },
  ]
  expect(withMergedCue([one, two], 0)).toEqual([{ start: 1, end: 3, text: 'One\nTwo', origin: 0 }])
  expect(withMergedCue([one, two], 1)).toEqual([one, two])
  expect(withShiftedCues([one, two], 1, 0.25)).toEqual([one, { ...two, start: 2.25, end: 3.25 }])
  expect(withShiftedCues([one, two], 0, -1.5).map(({ start, end }) => [start, end])).toEqual([
    [0, 0.5],
    [0.5, 1.5],
  ])
})

test('SubRip becomes WebVTT, and an empty file a new one', () => {
  const srt = '1\n00:00:01,000 --> 00:00:02,000\nOne\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo\n'
  expect(edited(srt, cues => cues)).toBe(
    'WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nOne\n\n00:00:03.000 --> 00:00:04.000\nTwo\n',
  )
  expect(edited('', () => [{ start: 0, end: 2, text: 'First --> here', origin: null }])).toBe(
    'WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nFirst --&gt; here\n\n',
  )
})

test('an empty caption, one that overlaps, ends before it starts or comes too late is said', () => {
  const cue = (start: number, end: number, text = 'x') => ({ start, end, text, origin: null })
  const rules = cueProblems([cue(0, 2.5), cue(2, 3, ' '), cue(5, 4), cue(6, 7), cue(60, 61)], 30)
  expect(rules).toEqual([
    { rule: 'overlap', seconds: 0.5 },
    { rule: 'empty', seconds: 0 },
    { rule: 'backwards', seconds: 1 },
    null,
    { rule: 'pastEnd', seconds: 30 },
  ])
})
