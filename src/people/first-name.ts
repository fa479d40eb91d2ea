/**
 * The name to greet someone by: the first word of their name. The whole name when it is a single word, or when it
 * starts with something that is not a given name: an initial ("A. Lovelace"), a title ("Dr Ada Lovelace") or a family
 * name followed by a comma.
 */
export function firstNameOf(name: string): string {
  const whole = name.trim()
  const [first = whole] = whole.split(/\s+/)
  return /^\p{L}[\p{L}\p{M}'’-]+$/u.test(first) && !title.test(first) ? first : whole
}

const title = /^(dr|prof|mr|mrs|ms|mx|sir|dame|ing|mgr)$/i
