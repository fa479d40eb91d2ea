import type { ShownBrand } from '../brand/brand'
import { languagesOf, textsOfBrand } from '../web/shown-brand'
import type { Digest } from './digest'

/** Slack refuses longer sections, and messages with more than 50 blocks. */
const maxSection = 3000

/**
 * Returns a digest as the body of an incoming webhook of Slack, with a plain text for notifications. Without anything
 * that waits, it says so.
 *
 * Source: Slack's documentation of incoming webhooks, of `mrkdwn` and of the block `section`.
 */
export function slackMessage(digest: Digest | null, brand: ShownBrand) {
  const { t } = textsOfBrand(brand, languagesOf(brand)[0]!)
  const text = digest?.subject ?? t('mail:digest.nothing')
  const sections = (digest?.sections ?? []).map(({ title, lines, more }) => [
    `*${escaped(title)}*`,
    ...lines.map(({ name, company, what, when, href }) => {
      const who = `<${href}|${escaped(name)}>${company ? `, ${escaped(company)}` : ''}`
      return `• ${[who, escaped(what), escaped(when)].filter(Boolean).join(' · ')}`
    }),
    ...(more ? [escaped(more)] : []),
  ])
  return {
    text,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: text.slice(0, 150) } },
      ...sections.map(lines => section(whole(lines))),
      ...(digest ? [section(`<${digest.queueHref}|${escaped(t('mail:digest.button'))}>`)] : []),
    ],
  }
}

/** `verbatim`: what a learner has typed as their name becomes no link and calls nobody, such as `@channel`. */
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } })

/** Leaves out the last lines of a section that would be too long. */
function whole(lines: string[]): string {
  let text = ''
  for (const line of lines) {
    if (text.length + line.length + 1 > maxSection) break
    text += `${text ? '\n' : ''}${line}`
  }
  return text
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', ' ')
}
