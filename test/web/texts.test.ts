import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../src/platform/root'
import { translatorsFor } from '../../src/web/i18n'

const folder = join(root, 'views/locales')

/** Limits that the code fixes, all far above one. */
const fixedLimits = [
  'api:delivery.retry',
  'sales:leads.matchingMany',
  'studio:flash.publishedText',
  'studio:flash.publishedMovedText',
  'studio:faults.captions.tooLate',
]

function* textsOf(tree: Record<string, unknown>, path: string): Generator<[key: string, text: string]> {
  for (const [key, value] of Object.entries(tree)) {
    const at = path.endsWith(':') ? `${path}${key}` : `${path}.${key}`
    if (typeof value === 'string') yield [at, value]
    else yield* textsOf(value as Record<string, unknown>, at)
  }
}

const all = readdirSync(join(folder, 'en')).flatMap(file => [
  ...textsOf(
    JSON.parse(readFileSync(join(folder, 'en', file), 'utf8')) as Record<string, unknown>,
    `${file.replace('.json', '')}:`,
  ),
])

test('a number before a noun in the plural has a form for one', () => {
  const nouns =
    'visits|hours|courses|lessons|minutes|days|people|questions|attempts|seconds|orders|leads|messages|points|files|words|findings|modules|learners'
  const counted = new RegExp(`\\{\\{\\w+\\}\\} (?:${nouns})\\b`)
  const unequal = all.filter(([key, text]) => counted.test(text) && !/_(?:zero|other)$/.test(key))
  expect(
    unequal.filter(([, text]) => !/\{\{(?:maximum|megabytes|ending)\}\}/.test(text)).map(([key]) => key),
  ).toEqual(fixedLimits)
})

test('every text with a form for many has one for a single thing', () => {
  const keys = new Set(all.map(([key]) => key))
  const lonely = [...keys].filter(key => key.endsWith('_other') && !keys.has(key.replace(/other$/, 'one')))
  expect(lonely).toEqual([])
})

test('a name that runs from right to left is set apart from the English sentence around it', () => {
  const { t, html } = translatorsFor('en')
  expect(t('mail:greeting', { name: 'مريم الحسن' })).toContain('\u2068مريم الحسن\u2069')
  expect(t('mail:greeting', { name: 'Ada Lovelace' })).not.toMatch(/[\u2068\u2069]/)
  expect(html('mail:greeting', { name: 'משה & <b>' })).toContain('\u2068משה &amp; &lt;b&gt;\u2069')
})
