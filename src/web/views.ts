import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ejs, { escapeXML } from 'ejs'
import type { Express, Response } from 'express'
import { LRUCache } from 'lru-cache'
import { config } from '../platform/config'
import { root } from '../platform/root'

type Page = Record<string, unknown>
type View = (page: Page) => string

const compiled = new Map<string, View>()
/** The same with and without a server: a process that is only a worker renders emails. */
const home = join(root, 'views')

/**
 * Makes `response.render('academy/course', values)` work with the views in `views`, which are compiled once, when they
 * are first shown. A view sees its values as `page.name`. `page.layout` names the frame in views/layouts that the
 * view's HTML is put into (as `page.body`). EJS's own engine reads the disk on each include, even when it caches.
 */
export function useViews(app: Express, reload = false): void {
  app.set('views', home)
  app.set('view engine', 'ejs')
  app.set('view cache', !reload)
  app.engine('ejs', (path, values, done) => {
    if (reload) compiled.clear()
    const { _locals: locals } = values as { _locals: object }
    done(null, renderView(relative(home, path).replace(/\.ejs$/, ''), withValues(locals, values)))
  })
}

/**
 * What a view sees: the response's locals with this page's values, which take precedence, over them. `lazily` has
 * getters that take the place of those of all pages.
 */
export function pageOf(response: Response, values?: object, lazily: object = {}): Page {
  const page = Object.create(response.locals, Object.getOwnPropertyDescriptors(lazily)) as Page
  return Object.assign(page, values)
}

/** Returns the HTML of a view, inside its layout if `page.layout` names one. */
export function renderView(view: string, page: Page): string {
  const body = print(view, page)
  return page.layout ? print(`layouts/${page.layout as string}`, withValues(page, { body })) : body
}

/** A view passes everything it sees to the views it includes, and the values it names take precedence. */
function print(name: string, page: Page): string {
  const view = compiled.get(name) ?? compile(name)
  page.include = (inner: string, more?: object) => print(inner, more ? withValues(page, more) : page)
  page.keep = (inner: string, values: object, model?: object) => keep(page, inner, values, model)
  return view(page)
}

/**
 * HTML that is rendered once for everyone with the same values: `keep('partials/footer', { theme: page.theme })`.
 * Such a view sees what is the same for all pages of a brand in one language, and the values, and nothing else of the
 * request: so it can't show one reader what belongs to another. The tokens of its forms are put in for each request,
 * and so are the reader's name and path where the values have `readerSlots.name` and `readerSlots.path`.
 */
export type Fragments = {
  page: Page
  /** By view and values as JSON. */
  kept: LRUCache<string, string[]>
  /** For views of an object that never changes, which stands for what it says. */
  of: WeakMap<object, Map<string, string[]>>
}

/** The most characters that the fragments of one brand in one language take. */
const maxFragments = 4_000_000
const mark = randomUUID()
export const readerSlots = {
  csrf: `${mark}-csrf`,
  occasion: `${mark}-occasion`,
  formKey: `${mark}-formKey`,
  name: `${mark}-name`,
  path: `${mark}-path`,
}
const everySlot = new RegExp(`${mark}-(${Object.keys(readerSlots).join('|')})`)

/** Returns the fragments of the pages that share these values. */
export function fragmentsOf(shared: object): Fragments {
  const { csrf, formKey, occasion } = readerSlots
  const own = { csrf: { value: csrf }, formKey: { value: formKey }, occasion: { value: occasion } }
  const page = Object.create(shared, own) as Page
  return { page, kept: new LRUCache({ maxSize: maxFragments }), of: new WeakMap() }
}

/**
 * Returns the HTML of a view, kept or new.
 *
 * @param values which JSON can write.
 * @param model more values: an object that never changes. The HTML is kept as long as it is.
 */
function keep(page: Page, name: string, values: object, model?: object): string {
  const fragments = page.fragments as Fragments | undefined
  const all = model ? { ...model, ...values } : values
  // A page of a draft has a direction and a theme of its own, and in development, views change.
  if (!fragments || page.draftFrame || config.development)
    return filled(page, print(name, withValues(page, all)).split(everySlot))
  const key = `${name} ${JSON.stringify(values)}`
  const kept = model ? keptOf(fragments, model) : fragments.kept
  let parts = kept.get(key)
  if (!parts) {
    const html = print(name, withValues(fragments.page, all))
    parts = html.split(everySlot)
    if (model) kept.set(key, parts)
    else fragments.kept.set(key, parts, { size: key.length + html.length })
  }
  return filled(page, parts)
}

function keptOf({ of }: Fragments, object: object): Map<string, string[]> {
  const known = of.get(object) ?? new Map<string, string[]>()
  of.set(object, known)
  return known
}

/** What was split by a pattern has the pattern's own part in every second place. */
function filled(page: Page, parts: string[]): string {
  if (parts.length === 1) return parts[0]!
  return parts.map((part, n) => (n % 2 ? slotOf(page, part as keyof typeof readerSlots) : part)).join('')
}

function slotOf(page: Page, slot: keyof typeof readerSlots): unknown {
  if (slot !== 'path' && slot !== 'name') return page[slot]
  return escapeXML(slot === 'path' ? page.path : (page.person as { name: string }).name)
}

/** The same page with other values over it. It inherits the rest: a page includes dozens of views. */
function withValues(page: object, values: object): Page {
  return Object.assign(Object.create(page) as Page, values)
}

/** `unsafePrototypeLocals`: views see the values computed on demand, which they inherit. */
const options: ejs.Options & { async: false; client: false; unsafePrototypeLocals: boolean } = {
  async: false,
  client: false,
  _with: false,
  localsName: 'page',
  unsafePrototypeLocals: true,
  compileDebug: config.development,
}

function compile(name: string): View {
  const source = readFileSync(join(home, `${name}.ejs`), 'utf8')
  // Ours replaces EJS's own `include`; see `Fragments` for `keep`.
  const view = ejs.compile(`<% var include = page.include, keep = page.keep %>${source}`, {
    ...options,
    filename: `${name}.ejs`,
  })
  compiled.set(name, view)
  return view
}
