import { createHash } from 'node:crypto'
import { now } from '../platform/clock'
import { cached } from '../platform/cached'
import { date, defineRecord, number, oneOf, string } from '../platform/record'
import { Consents, purposes, type ConsentInput } from './consent'

/** A consent text that someone has agreed to. Versions are numbered in the order of their first consent. */
const ConsentTexts = defineRecord(
  'ConsentText',
  'consent_texts',
  {
    /** `purpose:language:hash`. */
    _id: string(),
    purpose: oneOf(purposes),
    locale: string(),
    version: number(),
    text: string(),
    firstAt: date(),
  },
  { indexes: [[{ purpose: 1, locale: 1, version: 1 }, { unique: true }]] },
)

type Shown = Pick<ConsentInput, 'purpose' | 'locale' | 'text'>

/** Returns the SHA-256 of a text as it was shown, hex. */
export const consentHashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** Returns the version of a consent text: the same for the same words in the same language. */
export const versionOfText = cached<Shown, number>(Infinity, findOrAdd, { nameOf: idOf, max: 100 })

function idOf({ purpose, locale, text }: Shown): string {
  return `${purpose}:${locale}:${consentHashOf(text)}`
}

async function findOrAdd(shown: Shown): Promise<number> {
  const { purpose, locale, text } = shown
  const _id = idOf(shown)
  const known = await ConsentTexts.findById(_id)
  if (known) return known.version
  const [newest] = await ConsentTexts.find({ purpose, locale }).sort({ version: -1 }).limit(1)
  const version = newest ? newest.version + 1 : await firstVersion(shown)
  const isNew = await ConsentTexts.insertOnce({ _id, purpose, locale, version, text, firstAt: now() })
  // Another person has just agreed to this text, or to another new one.
  return isNew ? version : findOrAdd(shown)
}

/** Texts weren't stored on their own at first, only with each consent: then all had version 1. */
async function firstVersion({ purpose, locale, text }: Shown): Promise<number> {
  const earlier = await Consents.findOne(
    { purpose, locale, textHash: { $ne: consentHashOf(text) } },
    { textVersion: 1 },
  ).sort({ _id: 1 })
  return earlier ? earlier.textVersion + 1 : 1
}
