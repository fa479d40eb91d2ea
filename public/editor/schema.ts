import { Schema, type DOMOutputSpec, type MarkSpec, type Node, type NodeSpec } from 'prosemirror-model'
import { tableNodes } from 'prosemirror-tables'

/** What the rules below read of an element; the schema is also used without a browser. */
type ReadableElement = { getAttribute(name: string): string | null; textContent: string | null }

const read = (element: unknown) => element as ReadableElement

/** The tags that authors write because Markdown has nothing for them (see courses/markdown-html.ts). */
export const plainTags = ['kbd', 'sub', 'sup', 'u', 'small', 'ins'] as const

/** What a source block is: a comment, the targets of links, or anything else. */
export type SourceKind = 'comment' | 'reference' | 'other'

/** The address of an embed that hasn't got one yet. */
export const emptyEmbed = 'https://'

/** Whether an image is a page of another site (see courses/embed.ts). */
export const isEmbed = (src: string) =>
  /^https?:\/\//i.test(src) && !/\.(?:avif|gif|jpe?g|png|svg|webp)$/i.test(src)

const heading = (level: number) => ({ tag: `h${level}`, attrs: { level } })

const nodes: Record<string, NodeSpec> = {
  doc: { content: 'block+' },
  paragraph: {
    content: 'inline*',
    group: 'block',
    parseDOM: [{ tag: 'p' }],
    toDOM: () => ['p', { dir: 'auto' }, 0],
  },
  heading: {
    attrs: { level: { default: 2 } },
    content: 'inline*',
    group: 'block',
    defining: true,
    parseDOM: [1, 2, 3, 4, 5, 6].map(heading),
    toDOM: ({ attrs }) => [`h${attrs.level}`, { dir: 'auto' }, 0],
  },
  blockquote: {
    content: 'block+',
    group: 'block',
    defining: true,
    parseDOM: [{ tag: 'blockquote' }],
    toDOM: () => ['blockquote', 0],
  },
  details: {
    content: 'summary block+',
    group: 'block',
    defining: true,
    isolating: true,
    parseDOM: [{ tag: 'details' }, { tag: 'div.details' }],
    // Always open: what is closed can't be edited.
    toDOM: () => ['div', { class: 'details' }, 0],
  },
  summary: {
    content: 'inline*',
    defining: true,
    parseDOM: [{ tag: 'summary' }, { tag: 'p.summary', priority: 60 }],
    toDOM: () => ['p', { class: 'summary', dir: 'auto' }, 0],
  },
  bullet_list: {
    /** `marker` is the character before each item. */
    attrs: { marker: { default: '-' }, tight: { default: true } },
    content: 'list_item+',
    group: 'block',
    parseDOM: [{ tag: 'ul' }],
    toDOM: ({ attrs }) => ['ul', { class: attrs.tight ? 'tight' : null }, 0],
  },
  ordered_list: {
    attrs: { order: { default: 1 }, delimiter: { default: '.' }, tight: { default: true } },
    content: 'list_item+',
    group: 'block',
    parseDOM: [
      { tag: 'ol', getAttrs: element => ({ order: Number(read(element).getAttribute('start')) || 1 }) },
    ],
    toDOM: ({ attrs }) => ['ol', { start: attrs.order, class: attrs.tight ? 'tight' : null }, 0],
  },
  list_item: {
    /** `checked` is null for an item that isn't a task. */
    attrs: { checked: { default: null } },
    content: 'block+',
    defining: true,
    parseDOM: [
      {
        tag: 'li',
        getAttrs: element => {
          const checked = read(element).getAttribute('data-checked')
          return { checked: checked === null ? null : checked === 'true' }
        },
      },
    ],
    toDOM: ({ attrs }) => ['li', attrs.checked === null ? {} : { 'data-checked': attrs.checked }, 0],
  },
  code_block: {
    /** `info` is what follows the opening fence: the language, and what authors add to it. */
    attrs: { info: { default: '' }, fence: { default: '```' } },
    content: 'text*',
    marks: '',
    group: 'block',
    code: true,
    defining: true,
    parseDOM: [
      {
        tag: 'pre',
        preserveWhitespace: 'full',
        getAttrs: element => ({ info: read(element).getAttribute('data-language') ?? '' }),
      },
    ],
    toDOM: ({ attrs }) => ['pre', { 'data-language': attrs.info || null, dir: 'ltr' }, ['code', 0]],
  },
  source_block: {
    attrs: { kind: { default: 'other' } },
    content: 'text*',
    marks: '',
    group: 'block',
    code: true,
    defining: true,
    isolating: true,
    parseDOM: [
      {
        tag: 'pre[data-source]',
        priority: 60,
        preserveWhitespace: 'full',
        getAttrs: element => ({ kind: read(element).getAttribute('data-source') }),
      },
    ],
    toDOM: ({ attrs }) => ['pre', { 'data-source': attrs.kind }, 0],
  },
  question: {
    /** A practice question as its quiz block. */
    attrs: { source: { default: '' } },
    group: 'block',
    atom: true,
    draggable: true,
    parseDOM: [
      {
        tag: 'pre[data-question]',
        priority: 60,
        getAttrs: element => ({ source: read(element).textContent ?? '' }),
      },
    ],
    toDOM: ({ attrs }) => ['pre', { 'data-question': '' }, String(attrs.source)],
  },
  step: {
    /** A step of a tour as its block, which has a form of its own. */
    attrs: { source: { default: '' } },
    group: 'block',
    atom: true,
    draggable: true,
    parseDOM: [
      {
        tag: 'pre[data-step]',
        priority: 60,
        getAttrs: element => ({ source: read(element).textContent ?? '' }),
      },
    ],
    toDOM: ({ attrs }) => ['pre', { 'data-step': '' }, String(attrs.source)],
  },
  horizontal_rule: {
    attrs: { markup: { default: '---' } },
    group: 'block',
    parseDOM: [{ tag: 'hr' }],
    toDOM: () => ['hr'],
  },
  ...tableNodes({
    tableGroup: 'block',
    cellContent: 'inline*',
    cellAttributes: {
      align: {
        default: null,
        getFromDOM: element =>
          /(?:^|\s)align-(\w+)/.exec(read(element).getAttribute('class') ?? '')?.[1] ?? null,
        setDOMAttr: (value, attributes) => {
          if (value) attributes.class = `align-${String(value)}`
        },
      },
    },
  }),
  text: { group: 'inline' },
  image: {
    attrs: {
      src: { default: '' },
      alt: { default: '' },
      title: { default: null },
      /** Says on purpose that it has no description. */
      isDecorative: { default: false },
    },
    inline: true,
    group: 'inline',
    draggable: true,
    parseDOM: [
      {
        tag: 'img[data-path]',
        getAttrs: element => ({
          src: read(element).getAttribute('data-path'),
          alt: read(element).getAttribute('alt') ?? '',
          title: read(element).getAttribute('title'),
          isDecorative: read(element).getAttribute('data-decorative') !== null,
        }),
      },
    ],
    toDOM: ({ attrs }) => [
      'img',
      {
        'data-path': attrs.src,
        alt: attrs.alt,
        title: attrs.title,
        'data-decorative': attrs.isDecorative ? '' : null,
      },
    ],
  },
  hard_break: {
    /** How the break is written: a backslash, two spaces or `<br>`. */
    attrs: { markup: { default: '\\' } },
    inline: true,
    group: 'inline',
    selectable: false,
    parseDOM: [{ tag: 'br' }],
    toDOM: () => ['br'],
    leafText: () => '\n',
  },
  raw_inline: {
    /** HTML that the dialect has no place for, such as a comment within a paragraph. */
    attrs: { source: { default: '' } },
    inline: true,
    group: 'inline',
    atom: true,
    parseDOM: [
      {
        tag: 'code[data-raw]',
        priority: 60,
        getAttrs: element => ({ source: read(element).textContent ?? '' }),
      },
    ],
    toDOM: ({ attrs }) => ['code', { 'data-raw': '', class: 'raw-inline' }, String(attrs.source)],
    leafText: ({ attrs }) => String(attrs.source),
  },
}

const tagMark = (tag: string): MarkSpec => ({
  parseDOM: [{ tag }],
  toDOM: (): DOMOutputSpec => [tag, 0],
})

const marks: Record<string, MarkSpec> = {
  link: {
    attrs: { href: { default: '' }, title: { default: null }, isAutolink: { default: false } },
    inclusive: false,
    parseDOM: [
      {
        tag: 'a[href]',
        getAttrs: element => {
          const href = read(element).getAttribute('href') ?? ''
          return /^\s*(?:javascript|data|vbscript):/i.test(href)
            ? false
            : { href, title: read(element).getAttribute('title') }
        },
      },
    ],
    toDOM: ({ attrs }) => ['a', { href: attrs.href, title: attrs.title }, 0],
  },
  strong: { parseDOM: [{ tag: 'strong' }, { tag: 'b' }], toDOM: () => ['strong', 0] },
  em: { parseDOM: [{ tag: 'em' }, { tag: 'i' }], toDOM: () => ['em', 0] },
  strike: { parseDOM: [{ tag: 's' }, { tag: 'del' }, { tag: 'strike' }], toDOM: () => ['s', 0] },
  highlight: tagMark('mark'),
  ...Object.fromEntries(plainTags.map(tag => [tag, tagMark(tag)])),
  code: { code: true, parseDOM: [{ tag: 'code' }], toDOM: () => ['code', { dir: 'ltr' }, 0] },
}

/** A lesson's text: what Lyceum's Markdown can say, and source blocks for everything else. */
export const schema = new Schema({ nodes, marks })

/** Returns a node of the schema by its name. */
export const type = (name: keyof typeof nodes) => schema.nodes[name]!

/** Whether a node says nothing, such as the empty paragraph after a table. */
export function isBlank(node: Node): boolean {
  return node.isTextblock && !node.content.size
}
