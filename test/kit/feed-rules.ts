/** What the published rules of feeds ask for, and how a feed breaks them. */

type Element = { name: string; attributes: Record<string, string>; children: Element[]; text: string }

const name = String.raw`[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?`
const token = new RegExp(
  String.raw`<(/?)(${name})((?:\s+${name}="[^"<]*")*)\s*(/?)>|<\?xml [^?]*\?>|([^<>]+)|[^]`,
  'g',
)

/** Reads XML as strictly as a reader of feeds does. Throws for what isn't well-formed. */
function readXml(text: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  for (const [whole, isEnd, tag, attributes, isEmpty, words] of text.matchAll(token)) {
    const inside = open.at(-1)!
    if (words !== undefined) {
      if (/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.test(words))
        throw new Error(`not escaped: ${words}`)
      inside.text += words
    } else if (isEnd) {
      if (inside.name !== tag) throw new Error(`</${tag}> in <${inside.name}>`)
      open.pop()
    } else if (tag) {
      const read = [...attributes!.matchAll(/([\w:.-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!])
      const element = { name: tag, attributes: Object.fromEntries(read), children: [], text: '' }
      inside.children.push(element)
      if (!isEmpty) open.push(element)
    } else if (!whole.startsWith('<?xml')) throw new Error(`unexpected ${whole}`)
  }
  if (open.length > 1 || root.children.length !== 1) throw new Error('not one closed element')
  return root.children[0]!
}

const url = /^https?:\/\/[^\s/]+(?:\/\S*)?$/
const language = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/
const [channelOnce, itemOnce] = [
  ['title', 'link', 'description', 'language', 'copyright', 'pubDate', 'lastBuildDate', 'image', 'ttl'],
  ['title', 'link', 'description', 'author', 'comments', 'enclosure', 'guid', 'pubDate', 'source'],
]

/**
 * Returns how a feed breaks RSS 2.0 (https://www.rssboard.org/rss-specification) and the RSS Best Practices Profile
 * (https://www.rssboard.org/rss-profile): nothing for a valid one.
 *
 * @param self the URL that the feed was read from.
 */
export function faultsOfRss(text: string, self: string): string[] {
  const rss = readXml(text)
  const [channel] = rss.children
  if (rss.name !== 'rss' || rss.attributes.version !== '2.0' || channel?.name !== 'channel')
    return ['not an RSS 2.0 document']
  const faults: string[] = rss.children.length > 1 ? ['more than one channel'] : []
  const check = (isRight: boolean | undefined, fault: string) => void (isRight || faults.push(fault))
  const all = (of: Element, wanted: string) => of.children.filter(each => each.name === wanted)
  const valueOf = (of: Element, wanted: string) => all(of, wanted)[0]?.text
  const checkElements = (of: Element, known: string[]) => {
    for (const { name: found } of of.children) {
      const [prefix, local] = found.split(':')
      check(local ? `xmlns:${prefix}` in rss.attributes : known.includes(found), `<${found}> in <${of.name}>`)
    }
    for (const once of known.filter(each => each !== 'item' && each !== 'category'))
      check(all(of, once).length < 2, `<${once}> twice in <${of.name}>`)
    for (const date of ['pubDate', 'lastBuildDate'].flatMap(each => valueOf(of, each) ?? []))
      check(new Date(date).toUTCString() === date, `date ${date}`)
    for (const link of ['link', 'comments'].flatMap(each => valueOf(of, each) ?? []))
      check(url.test(link), `link ${link}`)
  }
  checkElements(channel, [...channelOnce, 'item', 'category'])
  for (const needed of ['title', 'link', 'description'])
    check(valueOf(channel, needed)?.trim() !== '', needed)
  for (const needed of ['title', 'link', 'description'])
    check(all(channel, needed).length === 1, `no ${needed}`)
  check(language.test(valueOf(channel, 'language') ?? 'en'), 'language')
  const own = all(channel, 'atom:link').find(({ attributes }) => attributes.rel === 'self')?.attributes
  check(own?.href === self && own.type === 'application/rss+xml', `atom:link to itself: ${own?.href}`)
  const guids = new Set<string>()
  for (const item of all(channel, 'item')) {
    checkElements(item, [...itemOnce, 'category'])
    check(Boolean((valueOf(item, 'title') ?? valueOf(item, 'description'))?.trim()), 'an item says nothing')
    const [guid] = all(item, 'guid')
    check(guid && !guids.has(guid.text), `guid ${guid?.text}`)
    check(guid?.attributes.isPermaLink === 'false' || url.test(guid?.text ?? ''), 'a guid that is no link')
    guids.add(guid?.text ?? '')
    for (const { attributes } of all(item, 'enclosure')) {
      const { url: file = '', length = '', type = '' } = attributes
      check(url.test(file) && /^\d+$/.test(length) && /^[\w.+-]+\/[\w.+-]+$/.test(type), `enclosure ${file}`)
    }
  }
  return faults
}

type JsonObject = Record<string, unknown>

/**
 * Returns how a feed breaks JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/): nothing for a valid one.
 *
 * @param self the URL that the feed was read from.
 */
export function faultsOfJsonFeed(feed: JsonObject, self: string): string[] {
  const faults: string[] = []
  const check = (isRight: boolean, fault: string) => void (isRight || faults.push(fault))
  const checkFields = (of: JsonObject, texts: string[], urls: string[], others: string[]) => {
    for (const [field, value] of Object.entries(of)) {
      const isKnown = [...texts, ...urls, ...others].includes(field) || field.startsWith('_')
      check(isKnown, `${field} isn't a field`)
      if (texts.includes(field)) check(typeof value === 'string' && value !== '', `${field} isn't text`)
      if (urls.includes(field)) check(typeof value === 'string' && url.test(value), `${field} isn't a URL`)
      if (field === 'language') check(language.test(String(value)), `language ${String(value)}`)
    }
    const authors = (of.authors ?? []) as JsonObject[]
    check(
      authors.every(each => ['name', 'url', 'avatar'].some(field => typeof each[field] === 'string')),
      'authors',
    )
  }
  checkFields(
    feed,
    ['version', 'title', 'description', 'user_comment', 'language'],
    ['home_page_url', 'feed_url', 'next_url', 'icon', 'favicon'],
    ['authors', 'expired', 'hubs', 'items'],
  )
  check(feed.version === 'https://jsonfeed.org/version/1.1', 'version')
  check('title' in feed && feed.feed_url === self && Array.isArray(feed.items), 'title, feed_url or items')
  const items = feed.items as JsonObject[]
  check(new Set(items.map(({ id }) => id)).size === items.length, 'an id twice')
  for (const item of items) {
    checkFields(
      item,
      ['id', 'title', 'content_html', 'content_text', 'summary', 'language'],
      ['url', 'external_url', 'image', 'banner_image'],
      ['date_published', 'date_modified', 'authors', 'tags', 'attachments'],
    )
    check('id' in item && ('content_html' in item || 'content_text' in item), 'an item without id or content')
    for (const date of [item.date_published, item.date_modified].filter(each => each !== undefined))
      check(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(String(date)), 'a date')
  }
  return faults
}
