import { decimalsOf } from '../platform/currency'
import { memoized } from '../platform/cached'
import { isLanguageTag } from '../platform/language-tag'
import { now } from '../platform/clock'
import { roundedPoints } from '../scoring/rules'
import type { Language } from './i18n'

/** European English: day before month, 24-hour clock. */
const locales: Record<Language, string> = { en: 'en-GB' }

/**
 * Formats numbers, money, durations, dates and language names for a reader of this language. Dates and times are in
 * UTC; a page says so once.
 */
export const formattersFor = memoized((language: Language) => {
  const locale = locales[language]
  const number = new Intl.NumberFormat(locale)
  const oneDecimal = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const formats = {
    day: new Intl.DateTimeFormat(locale, {
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      timeZone: 'UTC',
    }),
    short: new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' }),
    weekday: new Intl.DateTimeFormat(locale, {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      timeZone: 'UTC',
    }),
    time: new Intl.DateTimeFormat(locale, {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: 'UTC',
    }),
    full: new Intl.DateTimeFormat(locale, {
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: 'UTC',
    }),
  }
  const moneyFormats = moneyFormatsFor(language)
  const names = new Intl.DisplayNames(locale, { type: 'language' })
  const countries = new Intl.DisplayNames(locale, { type: 'region' })
  const lists = new Intl.ListFormat(locale)
  return {
    number: (value: number) => number.format(value),
    /** Points with one decimal and a true minus sign. */
    points: (value: number) => oneDecimal.format(roundedPoints(value)).replace('-', '−'),
    /** An amount in minor units: 24000 EUR is €240, 24000 JPY is ¥24,000. */
    money: (minor: number, currency: string) => {
      const { exact, round } = moneyFormats(currency)
      const amount = minor / 10 ** decimalsOf(currency)
      return (Number.isInteger(amount) ? round : exact).format(amount)
    },
    /** A duration in minutes: 40 becomes `40 min`, 70 `1 h 10 min`. */
    minutes: (value: number) => {
      const [hours, rest] = [Math.floor(Math.round(value) / 60), Math.round(value) % 60]
      return [...(hours ? [`${hours} h`] : []), ...(rest || !hours ? [`${rest} min`] : [])].join(' ')
    },
    date: (value: Date, format: keyof typeof formats = 'day') => formats[format].format(value),
    /** A moment in a time zone, with the zone's name: `Monday 23 November at 14:00 CET`. */
    dateIn: (value: Date, timeZone: string) => zonedFormatFor(locale, timeZone, zonedMoment).format(value),
    /** A day on the calendar of a time zone: `Tue 1 Dec`. */
    dayIn: (value: Date, timeZone: string) =>
      zonedFormatFor(locale, timeZone, zonedDay).format(value).replace(',', ''),
    /** The same without the weekday, for a column: `1 Dec`. */
    dateOnlyIn: (value: Date, timeZone: string) => zonedFormatFor(locale, timeZone, zonedDate).format(value),
    /** A time on the clock of a time zone: `14:00`. */
    timeIn: (value: Date, timeZone: string) => zonedFormatFor(locale, timeZone, zonedTime).format(value),
    /** The parts of a day on the calendar of a time zone, for a leaf of it: `Thu`, `3`, `Dec`. */
    leafIn: (value: Date, timeZone: string) => {
      const parts = zonedFormatFor(locale, timeZone, zonedDay).formatToParts(value)
      const part = (type: string) => parts.find(each => each.type === type)?.value ?? ''
      return { weekday: part('weekday'), day: part('day'), month: part('month') }
    },
    /** A time zone by its city: `London (GMT)`, as its clocks are at a moment, by default now. */
    zoneName: (timeZone: string, at = now()) => {
      const city = cityOf(timeZone)
      const parts = zonedFormatFor(locale, timeZone, zoneOnly).formatToParts(at)
      const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? city
      return name === city ? city : `${city} (${name})`
    },
    iso: (value: Date) => value.toISOString(),
    /** A label inside a sentence: Sales becomes `sales`, L&D stays as it is. */
    within: (label: string) =>
      /^\p{Lu}\p{Ll}/u.test(label) ? label.charAt(0).toLocaleLowerCase(locale) + label.slice(1) : label,
    /** `de` becomes `German`; what isn't a language, from an address or an old record, stays as it is. */
    languageName: (code: string) => (isLanguageTag(code) && names.of(code)) || code,
    /** Names in a sentence: `Rafael, Ingrid and Samuel`. */
    listed: (names: readonly string[]) => lists.format(names),
    /** `CZ` becomes `Czechia`. */
    countryName: (code: string) => countries.of(code) ?? code,
  }
})

/** The city that a time zone is named after: `New York`. */
export const cityOf = (timeZone: string) => timeZone.split('/').pop()!.replaceAll('_', ' ')

const zonedTime = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
const zonedDay = { weekday: 'short', day: 'numeric', month: 'short' } as const
const zonedDate = { day: 'numeric', month: 'short' } as const
const zoneOnly = { timeZoneName: 'short' } as const
const zonedMoment = {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  ...zonedTime,
  timeZoneName: 'short',
} as const

const zonedFormats = new Map<string, Intl.DateTimeFormat>()

function zonedFormatFor(
  locale: string,
  timeZone: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone} ${Object.keys(options).join()}`
  const known = zonedFormats.get(key)
  if (known) return known
  const format = new Intl.DateTimeFormat(locale, { ...options, timeZone })
  zonedFormats.set(key, format)
  return format
}

/** Creating a format takes longer than using it a hundred times, so each currency's formats are cached. */
function moneyFormatsFor(language: Language) {
  return memoized((currency: string) => {
    const decimals = decimalsOf(currency)
    const options = { style: 'currency', currency } as const
    const exact = new Intl.NumberFormat(language, {
      ...options,
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    })
    const round = new Intl.NumberFormat(language, {
      ...options,
      minimumFractionDigits: 0,
      maximumFractionDigits: 0,
    })
    return { exact, round }
  })
}
