import type { Post } from '../community/post'
import type { Writer } from '../community/writers'
import { renderMarkdown } from '../courses/render'
import { memoized } from '../platform/cached'
import { days, now } from '../platform/clock'
import type { Person } from '../people/person'
import { initialsOf } from '../web/initials'
import type { Texts } from '../web/texts'

/** The Markdown of what people write, as HTML, without pictures of other sites; links say that they are not ours. */
export const postHtml = memoized(
  (text: string) =>
    renderMarkdown(text, [], 'en', 4).replaceAll(
      'rel="noopener noreferrer"',
      'rel="noopener noreferrer nofollow ugc"',
    ),
  { max: 2000, sizeOf: text => text.length },
)

/** Who wrote something: a name, a company, a tag; someone who hid their name or was erased has neither. */
export function writerView({ t }: Texts, writer: Writer | undefined, isNameHidden: boolean, isOwn: boolean) {
  const name = isOwn
    ? t(`academy:community.${isNameHidden ? 'youHidden' : 'you'}`)
    : isNameHidden
      ? t('academy:community.nameHidden')
      : (writer?.name ?? t('academy:community.gone'))
  const isShown = writer && !(isNameHidden && !isOwn)
  return {
    name,
    initials: isShown ? initialsOf(writer.name) : '?',
    company: isShown && !isOwn ? writer.company : '',
    tag: isShown && writer.tag ? t(`academy:community.tags.${writer.tag}`) : null,
  }
}

/** A button that votes: pressed when the person has. Own words have none, and nor has what isn't shown any more. */
export function voteView(
  { t, number }: Texts,
  { voters, votes, person: writer }: Pick<Post, 'voters' | 'votes' | 'person'>,
  { _id }: Person,
  path: string,
  what: 'question' | 'answer',
) {
  const isVoted = voters.some(each => each.equals(_id))
  return {
    votes: number(votes),
    isVoted,
    canVote: !writer.equals(_id),
    action: `${path}/vote${isVoted ? '/removal' : ''}`,
    label: t(`academy:community.vote.${what}`, { count: votes }),
  }
}

/** Earlier versions, the latest first, for a fold-out below what stands now. */
export function versionViews({ date }: Texts, versions: Post['versions']) {
  return versions.toReversed().map(({ title, text, until }) => ({ title, text, until: date(until) }))
}

const ago = memoized((lang: string) => new Intl.RelativeTimeFormat(lang, { numeric: 'auto' }))

/** Says when something was written: today, yesterday, 3 days ago, and after a month the day. */
export function agoText({ lang, date }: Texts, moment: Date): string {
  const passed = Math.floor(now().getTime() / days(1)) - Math.floor(moment.getTime() / days(1))
  return passed > 30 ? date(moment) : ago(lang).format(-Math.max(0, passed), 'day')
}
