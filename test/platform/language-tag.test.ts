import { isLanguageTag } from '../../src/platform/language-tag'

test.each(['en', 'de', 'pt-BR', 'zh-Hans', 'es-419', 'de-1901', 'sr-Latn-RS', 'haw'])(
  '%s is a language',
  tag => {
    expect(isLanguageTag(tag)).toBe(true)
  },
)

test.each([
  ...['', 'e', 'EN', 'english', 'English', 'en_GB', 'en-', 'en-a1', 'en-aa-bb', 'zh-cmn', 'de-1901-1901'],
  ...['en-u-ca-buddhist', 'en-x-pump', 'i-klingon', 'en\n', `en${'-abcdefgh'.repeat(4)}`, '__proto__'],
])('%j is no language', tag => {
  expect(isLanguageTag(tag)).toBe(false)
})
