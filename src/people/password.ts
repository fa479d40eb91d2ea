import { hash, verify } from '@node-rs/argon2'
import { commonPasswords } from './common-passwords'

/** Characters (code points), as NIST SP 800-63B counts them, which asks for at least 8. */
export const minPasswordLength = 10
export const maxPasswordLength = 200
/** What is read of a password at all, before any work on it: `maxPasswordLength` characters in their longest form. */
const maxBytes = 4096

/**
 * Returns a password in the form that is hashed, so that it doesn't matter on which keyboard it was typed: spaces of
 * any kind are spaces, and accents are composed (RFC 8265, "OpaqueString"). Case and everything else count. Null for
 * one that is too long to be hashed.
 */
export function preparePassword(typed: string): string | null {
  if (Buffer.byteLength(typed) > maxBytes) return null
  const prepared = typed.replace(/\p{Zs}/gu, ' ').normalize('NFC')
  return lengthOfPassword(prepared) > maxPasswordLength ? null : prepared
}

/** Returns the length of a password in characters: an emoji or a rare Chinese character is one, not two. */
export function lengthOfPassword(password: string): number {
  return [...password].length
}

/**
 * Hashes a password with argon2id and the library's defaults: 19 MiB, 2 passes, as OWASP recommends.
 *
 * @throws Error for a password that is too long
 */
export async function hashPassword(password: string): Promise<string> {
  const prepared = preparePassword(password)
  if (prepared === null) throw new Error('The password is too long')
  return hash(prepared)
}

/**
 * Checks a password. Takes the same time without a hash to compare with, so that timing does not reveal accounts. One
 * that is too long to be anyone's is wrong, without any work.
 */
export async function verifyPassword(
  password: string,
  passwordHash: string | null | undefined,
): Promise<boolean> {
  const prepared = preparePassword(password)
  if (prepared === null) return false
  decoy ??= hash('nobody has this password')
  const isCorrect = await verify(passwordHash ?? (await decoy), prepared)
  return isCorrect && Boolean(passwordHash)
}
let decoy: Promise<string> | undefined

/** Whose password it will be, and where: what someone who knows them would try first. */
export type PasswordOwner = { email: string; name: string; company: string | null; academy: string }

/**
 * Returns why a password would be guessed, or null: `common` for one that attackers try first, `personal` for one that
 * is made of the owner's name, email address or company, `academy` for one that is made of the academy's name.
 */
export function weakness(password: string, owner: PasswordOwner): 'common' | 'personal' | 'academy' | null {
  if (isTooCommon(password)) return 'common'
  if (isMadeOf(password, personalWords(owner))) return 'personal'
  return isMadeOf(password, wordsOf(owner.academy)) ? 'academy' : null
}

/**
 * True for one of the passwords that attackers try first, ignoring case, letters that are written as digits, and digits
 * and symbols around: `P@ssword123!` counts as `password`. So does one that only repeats a few characters.
 */
export function isTooCommon(password: string): boolean {
  const plain = password.normalize('NFKC').toLowerCase()
  return (
    new Set(plain).size < 4 ||
    runs.some(run => run.includes(plain)) ||
    /^(.{1,4})\1+.{0,3}$/su.test(plain) ||
    [plain, /^(.{4,})\1+$/su.exec(plain)?.[1] ?? ''].flatMap(formsOf).some(isListed)
  )
}

const isListed = (text: string) => text.length > 0 && (commonPasswords.has(text) || moreCommon.has(text))

/** The password itself, and the word that is left when the digits and symbols are taken off it, or read as letters. */
function formsOf(plain: string): string[] {
  const letters = plain.replace(/[^a-z]/g, '')
  const trimmed = plain.replace(/^[^a-z]+|[^a-z]+$/g, '')
  const read = [plain, trimmed].map(text => text.replace(/[@4310$57!|8]/g, sign => letterOf[sign]!))
  return [plain, ...[letters, trimmed, ...read].filter(each => each.length >= plain.length - 6)]
}

const letterOf: Record<string, string> = {
  ...{ '@': 'a', '4': 'a', '3': 'e', '1': 'i', '!': 'i', '|': 'l' },
  ...{ '0': 'o', $: 's', '5': 's', '7': 't', '8': 'b' },
}

const runs = [
  '01234567890123456789',
  '98765432109876543210',
  'abcdefghijklmnopqrstuvwxyz',
  'zyxwvutsrqponmlkjihgfedcba',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
]

/** Words that English lists leave out, and combinations of those on it. */
const moreCommon = new Set(
  `passwort heslo motdepasse contrasena passw passwd letmeinnow welcomeback iloveyouso basketball qwertyqwerty qwertz
  qwertzuiop azerty azertyuiop asdfghjkl administrator adminadmin changeme changemenow topsecret passwordpassword
  mypassword newpassword testtest testing testpassword barcelona qazwsxedc helloworld lovely 1qaz2wsx3edc
  1q2w3e4r5t6y zaq12wsxcde a1b2c3d4e5 password1234 1234567890a 1234qwerasdf winter spring autumn friday`.split(
    /\s+/,
  ),
)

/** The words that a password is compared with, in one form of their letters. */
function personalWords({ email, name, company }: PasswordOwner): string[] {
  const [local = '', domain = ''] = email.split('@')
  const labels = domain.split('.').slice(0, -1)
  return [email, local, domain, ...labels, name, company ?? ''].flatMap(wordsOf)
}

/** A text without spaces and symbols, and each of its words. */
function wordsOf(text: string): string[] {
  const words = text.split(/[^\p{L}\p{M}\p{N}]+/u)
  return [text, ...words].map(lettersOf).filter(word => [...word].length > 2)
}

const lettersOf = (text: string) =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

/**
 * True when hardly anything is left of a password without these words, or only a common one: `amara-2026`, `aramA!!`
 * and `amarapassword` for `amara`, but not `amara grows tulips`.
 */
function isMadeOf(password: string, words: string[]): boolean {
  const whole = lettersOf(password)
  const both = words.flatMap(word => [word, [...word].reverse().join('')])
  const rest = both
    .sort((a, b) => b.length - a.length)
    .reduce((left, word) => left.replaceAll(word, ' '), whole)
    .replaceAll(' ', '')
  if (rest === whole) return false
  return rest.replace(/\p{N}/gu, '').length < 4 || formsOf(rest).some(isListed)
}
