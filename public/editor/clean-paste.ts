/** What was pasted, as the few elements that the editor reads. `pictures` are those that the page carried with it. */
export type CleanPaste = { html: string; pictures: File[]; lostPictures: number }

/** Where a picture of a paste goes until it is uploaded: `pasted:0` for the first one. */
export const pastedScheme = 'pasted:'

const blockTags = new Set(
  'p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre table thead tbody tr td th hr'.split(' '),
)
const inlineTags = new Set('a strong em s code br img kbd sub sup u mark small ins'.split(' '))
const renamed: Record<string, string> = {
  ...{ b: 'strong', i: 'em', del: 's', strike: 's', tt: 'code', samp: 'code', aside: 'blockquote' },
  ...{ summary: 'p', figcaption: 'p', dt: 'p', dd: 'p', caption: 'p', address: 'p', tfoot: 'tbody' },
}
const dropped =
  'script,style,meta,link,title,head>*,template,noscript,iframe,object,svg,button,select,.Apple-interchange-newline'

/**
 * Cleans what Word, Google Docs, Notion and web pages put on the clipboard: lists become lists, tables get a head,
 * formatting by style becomes formatting by element, and everything else that is only look goes away.
 */
export function cleanPaste(pasted: string): CleanPaste {
  const page = new DOMParser().parseFromString(withoutStyles(pasted), 'text/html')
  for (const element of page.querySelectorAll(dropped)) element.remove()
  removeComments(page)
  for (const element of [...page.body.querySelectorAll('*')].filter(isHidden)) element.remove()
  makeWordLists(page)
  for (const list of page.querySelectorAll('ul > ul, ul > ol, ol > ul, ol > ol')) putIntoItem(list)
  readTasks(page)
  const images = { pictures: [] as File[], lostPictures: 0 }
  for (const image of page.querySelectorAll('img')) readImage(image, images)
  for (const element of page.body.querySelectorAll('*')) readStyle(element)
  for (const element of page.body.querySelectorAll('*')) simplify(element)
  for (const table of page.querySelectorAll('table')) squareTable(table)
  lowerHeadings(page)
  for (const element of page.body.querySelectorAll('*')) removeAttributes(element)
  plainSpaces(page)
  for (const element of page.querySelectorAll('p, li, h1, h2, h3, h4, h5, h6')) removeIfEmpty(element)
  return { html: page.body.innerHTML, ...images }
}

/** The page's security policy forbids styles even in a document that nobody sees, so they get another name. */
function withoutStyles(html: string): string {
  return html
    .replace(/<style[\s\S]*?<\/style>/gi, '')
    .replace(/<[a-z][^>]*>/gi, tag => tag.replace(/\sstyle\s*=/gi, ' data-style='))
}

const styleOf = (element: Element) => (element.getAttribute('data-style') ?? '').toLowerCase()

function styleValue(element: Element, name: string): string {
  return new RegExp(`(?:^|;)\\s*${name}\\s*:\\s*([^;]+)`).exec(styleOf(element))?.[1]?.trim() ?? ''
}

function isHidden(element: Element): boolean {
  return styleValue(element, 'display') === 'none' || styleValue(element, 'mso-hide') === 'all'
}

function removeComments(page: Document): void {
  const comments = page.createTreeWalker(page.documentElement, NodeFilter.SHOW_COMMENT)
  const found: Node[] = []
  while (comments.nextNode()) found.push(comments.currentNode)
  for (const comment of found) comment.parentNode!.removeChild(comment)
}

/** Word writes each item as a paragraph whose style says its level, after a marker in a span. */
function makeWordLists(page: Document): void {
  const isItem = (element: Element) => /mso-list:\s*l\d/.test(styleOf(element))
  for (const first of [...page.body.querySelectorAll('p, h1, h2, h3, h4')].filter(isItem)) {
    if (!first.isConnected || first.closest('[data-word-list]')) continue
    const items = [first]
    for (let next = first.nextElementSibling; next && isItem(next); next = next.nextElementSibling)
      items.push(next)
    const root = page.createElement('div')
    root.dataset.wordList = ''
    first.before(root)
    const open: { list: Element; level: number }[] = []
    for (const item of items) addWordItem(page, root, open, item)
  }
}

function addWordItem(
  page: Document,
  root: Element,
  open: { list: Element; level: number }[],
  item: Element,
): void {
  const level = Number(/level(\d+)/.exec(styleOf(item))?.[1] ?? 1)
  const markers = [...item.querySelectorAll('span')].filter(span => /mso-list:\s*ignore/.test(styleOf(span)))
  const marker = markers
    .map(({ textContent }) => textContent ?? '')
    .join('')
    .trim()
  for (const span of markers) span.remove()
  const tag = /^[\da-z]{1,5}[.)]/i.test(marker) ? 'ol' : 'ul'
  while (open.length && open.at(-1)!.level > level) open.pop()
  const current = open.at(-1)
  if (!current || current.level < level || current.list.localName !== tag) {
    if (current?.level === level) open.pop()
    const list = page.createElement(tag)
    const parent = open.at(-1)?.list.lastElementChild ?? root
    parent.append(list)
    open.push({ list, level })
  }
  const entry = page.createElement('li')
  entry.append(...item.childNodes)
  open.at(-1)!.list.append(entry)
  item.remove()
}

/** Google Docs writes a nested list beside the item that it belongs to. */
function putIntoItem(list: Element): void {
  const item = list.previousElementSibling
  if (item?.localName === 'li') item.append(list)
}

/** Tasks of Google Docs, GitHub and Notion. */
function readTasks(page: Document): void {
  for (const item of page.querySelectorAll('li')) {
    const box = item.querySelector(
      ':scope > input[type="checkbox"], :scope > p > input[type="checkbox"], :scope > .checkbox',
    )
    const ariaChecked = item.getAttribute('aria-checked')
    const [, typed] = /^\s*\[([ xX])\]\s/.exec(item.firstChild?.textContent ?? '') ?? []
    if (!box && ariaChecked === null && typed === undefined) continue
    const isChecked = box
      ? box.hasAttribute('checked') || box.classList.contains('checkbox-on')
      : ariaChecked === 'true' || (typed !== undefined && typed !== ' ')
    item.dataset.checked = String(isChecked)
    box?.remove()
    if (typed !== undefined) {
      const text = firstText(item)
      if (text) text.data = text.data.replace(/^\s*\[[ xX]\]\s/, '')
    }
    // The box of Google Docs is a picture.
    if (ariaChecked !== null) item.querySelector('img')?.remove()
  }
}

function firstText(element: Element): Text | null {
  return element.ownerDocument.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode() as Text | null
}

/** Pictures of other sites aren't shown in lessons, and only some can be copied. */
function readImage(image: HTMLImageElement, found: { pictures: File[]; lostPictures: number }): void {
  const source = image.getAttribute('src') ?? ''
  const file = fileOf(source, found.pictures.length)
  if (image.dataset.path) return
  if (file) {
    image.dataset.path = `${pastedScheme}${found.pictures.length}`
    found.pictures.push(file)
    return
  }
  const isTiny = Number(image.getAttribute('width') ?? 99) < 3
  if (!isTiny) found.lostPictures++
  image.replaceWith(isTiny ? '' : (image.getAttribute('alt') ?? ''))
}

function fileOf(source: string, number: number): File | null {
  const [, mediaType, data] =
    /^data:(image\/(png|jpeg|gif|webp));base64,([\s\S]+)$/.exec(source)?.filter((_, n) => n !== 2) ?? []
  if (!mediaType || !data) return null
  try {
    const bytes = Uint8Array.from(atob(data.replace(/\s/g, '')), each => each.charCodeAt(0))
    return new File([bytes], `picture-${number + 1}.${mediaType.slice(6)}`, { type: mediaType })
  } catch {
    return null
  }
}

/** Turns formatting by style into elements. */
function readStyle(element: Element): void {
  const tag = element.localName
  const weight = styleValue(element, 'font-weight')
  if ((tag === 'b' || tag === 'strong') && /^(normal|400)$/.test(weight)) return unwrap(element)
  if ((tag === 'i' || tag === 'em') && styleValue(element, 'font-style') === 'normal') return unwrap(element)
  if (tag !== 'span' && tag !== 'font') return
  const isHeading = element.closest('h1, h2, h3, h4, h5, h6') !== null
  const wraps: string[] = []
  if (/mono|courier|consolas|menlo/.test(styleValue(element, 'font-family'))) wraps.push('code')
  if (/line-through/.test(styleOf(element))) wraps.push('s')
  if (styleValue(element, 'font-style') === 'italic') wraps.push('em')
  if (!isHeading && (weight === 'bold' || Number(weight) >= 600)) wraps.push('strong')
  const align = styleValue(element, 'vertical-align')
  if (align === 'super') wraps.push('sup')
  if (align === 'sub') wraps.push('sub')
  if (!element.textContent?.trim()) return
  for (const name of wraps) {
    const wrapper = element.ownerDocument.createElement(name)
    wrapper.append(...element.childNodes)
    element.append(wrapper)
  }
}

/** Keeps an element, gives it the editor's name, or leaves only what is in it. */
function simplify(element: Element): void {
  const tag = renamed[element.localName] ?? element.localName
  if (tag === 'a') return readLink(element)
  if (tag === 'pre') return readCode(element)
  if (blockTags.has(tag) || inlineTags.has(tag)) {
    if (tag !== element.localName) rename(element, tag)
    return
  }
  const isText = element.localName === 'div' && !hasBlocks(element) && element.textContent?.trim()
  const isInCell = element.parentElement?.closest('td, th, li, p') != null
  if (isText && !isInCell) rename(element, 'p')
  else unwrap(element)
}

const hasBlocks = (element: Element) =>
  element.querySelector('div, p, ul, ol, table, pre, blockquote, h1, h2, h3, h4') !== null

function rename(element: Element, tag: string): void {
  const other = element.ownerDocument.createElement(tag)
  for (const { name, value } of element.attributes) other.setAttribute(name, value)
  other.append(...element.childNodes)
  element.replaceWith(other)
}

function unwrap(element: Element): void {
  element.replaceWith(...element.childNodes)
}

function readLink(link: Element): void {
  const href = link.getAttribute('href') ?? ''
  const [, target] = /^https?:\/\/www\.google\.[a-z.]+\/url\?(?:.*&)?q=([^&]+)/.exec(href) ?? []
  const url = target ? decodeURIComponent(target) : href
  if (!/^(https?:|mailto:|tel:)/i.test(url) || !link.textContent?.trim()) return unwrap(link)
  link.setAttribute('href', url)
}

function readCode(pre: Element): void {
  const text = pre.textContent ?? ''
  const [, language] =
    /(?:language|lang|highlight-source)-([\w+#-]+)/.exec(pre.innerHTML + pre.className) ?? []
  const { ownerDocument } = pre
  const plain = ownerDocument.createElement('pre')
  if (language) plain.dataset.language = language
  plain.textContent = text.replace(/\n$/, '')
  pre.replaceWith(plain)
}

/** Gives each row as many cells as the widest has, and the first row heads. A cell has one line of text. */
function squareTable(table: HTMLTableElement): void {
  const rows = [...table.rows]
  const width = Math.max(0, ...rows.map(row => [...row.cells].reduce((sum, cell) => sum + cell.colSpan, 0)))
  const isLayout = width < 2 || table.querySelector('table') !== null
  if (isLayout) {
    for (const part of [...table.querySelectorAll('thead, tbody, tr, td, th')]) unwrap(part)
    return unwrap(table)
  }
  const waiting = new Map<number, number>()
  const { ownerDocument } = table
  const body = ownerDocument.createElement('tbody')
  for (const [n, row] of rows.entries()) {
    const cells: Element[] = []
    const add = (cell: Element | null) => {
      const made = ownerDocument.createElement(n ? 'td' : 'th')
      if (cell) made.append(...inlineContent(cell))
      cells.push(made)
    }
    for (const cell of row.cells) {
      for (; (waiting.get(cells.length) ?? 0) > 0; add(null))
        waiting.set(cells.length, waiting.get(cells.length)! - 1)
      const [rowSpan, colSpan] = [cell.rowSpan, cell.colSpan]
      for (let extra = 0; extra < colSpan; extra++) {
        if (rowSpan > 1) waiting.set(cells.length, rowSpan - 1)
        add(extra ? null : cell)
      }
    }
    while (cells.length < width) {
      const left = waiting.get(cells.length) ?? 0
      if (left > 0) waiting.set(cells.length, left - 1)
      add(null)
    }
    const line = ownerDocument.createElement('tr')
    line.append(...cells)
    body.append(line)
  }
  table.replaceChildren(body)
}

/** Returns what is in a cell, with a line break between its paragraphs. */
function inlineContent(cell: Element): Node[] {
  const blocks = [...cell.querySelectorAll('p, li, h1, h2, h3, h4, h5, h6, pre, blockquote')]
  for (const [n, block] of blocks.entries()) {
    if (n) block.before(cell.ownerDocument.createElement('br'))
  }
  for (const block of cell.querySelectorAll('p, li, ul, ol, h1, h2, h3, h4, h5, h6, pre, blockquote'))
    unwrap(block)
  const nodes = [...cell.childNodes]
  while (nodes.at(-1)?.nodeName === 'BR') nodes.pop()
  while (nodes[0]?.nodeName === 'BR') nodes.shift()
  return nodes
}

/** The title of a lesson is its only heading of the first level. */
function lowerHeadings(page: Document): void {
  if (!page.querySelector('h1')) return
  for (const heading of page.querySelectorAll('h1, h2, h3, h4, h5')) {
    rename(heading, `h${Number(heading.localName[1]) + 1}`)
  }
}

const keptAttributes = new Set(['href', 'data-path', 'alt', 'data-checked', 'data-language', 'start'])

function removeAttributes(element: Element): void {
  for (const { name } of [...element.attributes]) if (!keptAttributes.has(name)) element.removeAttribute(name)
}

/** Turns spaces that don't break into plain ones, but those that punctuation asks for. */
function plainSpaces(page: Document): void {
  const texts = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const text = texts.currentNode as Text
    if (text.parentElement?.localName === 'pre') continue
    text.data = text.data.replace(/\u00a0(?![?!:;»])(?<!«\u00a0)/g, ' ').replace(/[\u200b\ufeff]/g, '')
  }
}

function removeIfEmpty(element: Element): void {
  if (!element.textContent?.trim() && !element.querySelector('img, hr')) element.remove()
}
