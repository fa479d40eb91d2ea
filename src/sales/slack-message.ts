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
  const sections = (digest?.sections ?? []).map(({ title, lines, more }) => {
    const rows = [
      `*${escaped(title)}*`,
      ...lines.map(({ name, company, what, when, href }) => {
        const who = `<${href}|${escaped(name)}>${company ? `, ${escaped(company)}` : ''}`
        return `• ${[who, escaped(what), escaped(when)].filter(Boolean).join(' · ')}`
      }),
    ]
    return whole(rows, more)
  })
  return {
    text,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: text.slice(0, 150) } },
      ...sections.map(section),
      ...(digest ? [section(`<${digest.queueHref}|${escaped(t('mail:digest.button'))}>`)] : []),
    ],
  }
}

/** `verbatim`: what a learner has typed as their name becomes no link and calls nobody, such as `@channel`. */
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } })

/** Leaves out the last leads of a section that would be too long; how many more there are stays. */
function whole(lines: string[], more: string | null): string {
  const end = more ? `\n${escaped(more)}` : ''
  let text = ''
  for (const line of lines) {
    if (text.length + line.length + 1 + end.length > maxSection) break
    text += `${text ? '\n' : ''}${line}`
  }
  return text + end
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', ' ')
}
