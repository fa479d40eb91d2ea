import { hash, verify } from '@node-rs/argon2'

/** Characters. */
export const minPasswordLength = 10
export const maxPasswordLength = 200

/** Hashes a password with argon2id and the library's defaults: 19 MiB, 2 passes, as OWASP recommends. */
export function hashPassword(password: string): Promise<string> {
  return hash(password)
}

/** Checks a password. Takes the same time without a hash to compare with, so that timing does not reveal accounts. */
export async function verifyPassword(
  password: string,
  passwordHash: string | null | undefined,
): Promise<boolean> {
  decoy ??= hash('nobody has this password')
  const isCorrect = await verify(passwordHash ?? (await decoy), password)
  return isCorrect && Boolean(passwordHash)
}
let decoy: Promise<string> | undefined

/**
 * True for one of the passwords that attackers try first, ignoring case, digits and symbols: `Password123!` counts as
 * `password`.
 */
export function isTooCommon(password: string): boolean {
  const plain = password.toLowerCase()
  const letters = plain.replace(/[^a-z]/g, '')
  return (
    common.has(plain) ||
    (common.has(letters) && letters.length >= plain.length - 6) ||
    new Set(plain).size < 4 ||
    runs.some(run => run.includes(plain))
  )
}

const runs = [
  '01234567890123456789',
  '98765432109876543210',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
]

const common = new Set(
  `password passwort heslo motdepasse contrasena passw passwd letmein letmeinnow welcome welcomeback iloveyou
  iloveyouso sunshine princess football baseball basketball superman batman trustno dragon monkey shadow master michael
  jennifer jordan charlie qwerty qwertyuiop qwertyqwerty qwertz qwertzuiop azerty azertyuiop asdfgh asdfghjkl zxcvbn
  zxcvbnm administrator admin adminadmin changeme changemenow secret topsecret whatever computer internet lyceum
  passwordpassword mypassword newpassword testtest testing testpassword default starwars liverpool chelsea arsenal
  barcelona pokemon naruto cheese summer winter spring autumn monday friday january qazwsx qazwsxedc unknown hello
  helloworld freedom loveme lovely mustang access flower ashley jessica daniel thomas hunter killer george pepper
  1q2w3e4r5t 1qaz2wsx3edc 1q2w3e4r5t6y q1w2e3r4t5 zaq12wsxcde a1b2c3d4e5 password1234 1234567890a 1234qwerasdf`.split(
    /\s+/,
  ),
)
