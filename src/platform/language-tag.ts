import { memoized } from './cached'

const form = /^[a-z]{2,3}(?:-[A-Za-z\d]{2,8})*$/
const maxLength = 35
const names = new Intl.DisplayNames('en', { type: 'language' })

/**
 * Whether a text is a well-formed tag of a language (BCP 47), such as `de`, `pt-BR` or `zh-Hans`, that `Intl` takes:
 * `en-a1` isn't, although it looks like one. Extensions and private tags (`en-u-ca-buddhist`) aren't languages here.
 */
export function isLanguageTag(text: string): boolean {
  return text.length <= maxLength && form.test(text) && isTaken(text)
}

const isTaken = memoized((text: string) => {
  try {
    return Boolean(new Intl.Locale(text) && names.of(text))
  } catch {
    return false
  }
})
