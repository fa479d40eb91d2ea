import type { ParsedMail } from 'mailparser'
import { replyText, textOfHtml } from './reply-text'

/** An email that someone has sent to us. */
export type ReadEmail = {
  /**
   * Written by a person; by a program, which is never answered; or a report that a mailbox doesn't exist.
   */
  kind: 'reply' | 'automatic' | 'bounce'
  /** The only address of its `From`, as it is written there; null when it has none or several. */
  from: string | null
  /** What was written, without quotes and signature; empty unless it is a reply. */
  text: string
  /** How many files come with it; pictures within a text don't count. */
  attachments: number
  /** The mailbox that doesn't exist, of a bounce. */
  bounced: string | null
}

/**
 * Reads an email of any charset, encoding and structure (RFC 5322, RFC 2045).
 *
 * @param raw as it came; rubbish reads as empty, or as written by a program.
 */
export async function readEmail(raw: Buffer): Promise<ReadEmail> {
  const { simpleParser } = await import('mailparser')
  // Headers without end, or parts within parts, exceed limits of the parser.
  const parsed = await simpleParser(raw, options).catch(() => null)
  if (!parsed) return { kind: 'automatic', from: null, text: '', attachments: 0, bounced: null }
  const senders = (parsed.from?.value ?? []).flatMap(each => each.group ?? [each])
  const from = (senders.length === 1 && senders[0]?.address) || null
  const bounced = failedRecipient(parsed)
  const nothing = { from, text: '', attachments: 0, bounced: null }
  if (bounced) return { ...nothing, kind: 'bounce', bounced }
  if (isAutomatic(parsed, from)) return { ...nothing, kind: 'automatic' }
  return {
    ...nothing,
    kind: 'reply',
    text: replyText(parsed.text?.trim() ? parsed.text : textOfHtml((parsed.html || '').slice(0, maxHtml))),
    attachments: parsed.attachments.filter(({ related }) => !related).length,
  }
}

/** The most characters of HTML that are read: time grows with their square, and a reply comes first. */
const maxHtml = 200_000

const options = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipImageLinks: true,
  maxHtmlLengthToParse: 2_000_000,
}

/** The value of a header in one line, without its parameters, in lower case. */
function headerOf({ headerLines }: ParsedMail, name: string): string | undefined {
  const line = headerLines.find(({ key }) => key === name)?.line
  return line
    ?.slice(line.indexOf(':') + 1)
    .replace(/\s+/g, ' ')
    .split(';')[0]!
    .trim()
    .toLowerCase()
}

/** Subjects of programs that say in no header that they answer. */
const automaticSubject =
  /^(automatic reply|auto(matic)?[ -]?(reply|response)|out of (the )?office|abwesenheitsnotiz|automatische antwort|réponse automatique|respuesta automática|resposta automática|risposta automatica|自动回复|自動返信|رد تلقائي)/i

/**
 * Whether a program wrote it: by RFC 3834, by what was usual before it, and by who the sender is. Answers to these
 * would be answered again.
 */
function isAutomatic(parsed: ParsedMail, from: string | null): boolean {
  const submitted = headerOf(parsed, 'auto-submitted')
  return (
    (submitted !== undefined && submitted !== 'no') ||
    ['x-autoreply', 'x-autorespond', 'x-autoresponse', 'list-id'].some(
      name => headerOf(parsed, name) !== undefined,
    ) ||
    /^(bulk|junk|list|auto_reply)$/.test(headerOf(parsed, 'precedence') ?? '') ||
    headerOf(parsed, 'return-path') === '<>' ||
    headerOf(parsed, 'content-type') === 'multipart/report' ||
    /^(mailer-daemon|postmaster|no-?reply)(@|$)/i.test(from ?? '') ||
    automaticSubject.test(parsed.subject ?? '')
  )
}

/** Returns the mailbox that doesn't exist, by a report (RFC 3464); null for any other email, or a delay. */
function failedRecipient(parsed: ParsedMail): string | null {
  if (headerOf(parsed, 'content-type') !== 'multipart/report') return null
  const report = parsed.text ?? ''
  const isFailed = /^action:\s*failed/im.test(report) && /^status:\s*5\.1\./im.test(report)
  return (isFailed && /^final-recipient:\s*rfc822;\s*(\S{3,254})/im.exec(report)?.[1]) || null
}
