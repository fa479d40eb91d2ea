import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ejs from 'ejs'
import type { Express, Response } from 'express'
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
  return view(page)
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
  // Ours replaces EJS's own `include`.
  const view = ejs.compile(`<% var include = page.include %>${source}`, {
    ...options,
    filename: `${name}.ejs`,
  })
  compiled.set(name, view)
  return view
}
