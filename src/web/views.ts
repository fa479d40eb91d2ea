import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ejs from 'ejs'
import type { Express, Response } from 'express'
import { onDemand } from './page'

type Page = Record<string, unknown>
type View = (page: Page) => string

const compiled = new Map<string, View>()
let home = ''

/**
 * Replaces `response.render('academy/course', values)`: views are compiled once, on first use, and read their values
 * from `page`. `page.layout` names the layout in views/layouts, which gets the view's HTML as `page.body`; a partial
 * response has none. EJS reads the disk on every include even when it caches; these includes don't.
 */
export function useViews(app: Express, folder: string, reload = false): void {
  home = folder
  app.response.render = function (this: Response, view: string, values?: object) {
    if (reload) compiled.clear()
    this.send(renderView(view, pageOf(this, values)))
  }
}

/** Returns a view's `page`: its own values, then the response's locals, then what is computed on first use. */
export function pageOf(response: Response, values?: object, asked: object = onDemand): Page {
  return Object.assign(Object.create(asked) as Page, response.locals, values)
}

/** Returns a copy of the page with some values replaced. */
function withValues(page: Page, values: object): Page {
  return Object.assign(Object.create(Object.getPrototypeOf(page) as object) as Page, page, values)
}

/** Returns the HTML of a view, inside its layout if `page.layout` names one. */
export function renderView(view: string, page: Page): string {
  const body = print(view, page)
  return page.layout ? print(`layouts/${page.layout as string}`, withValues(page, { body })) : body
}

/** Renders one view. An included view gets the page of the view that includes it, plus the values passed to it. */
function print(name: string, page: Page): string {
  const view = compiled.get(name) ?? compile(name)
  page.include = (inner: string, more?: object) => print(inner, more ? withValues(page, more) : page)
  return view(page)
}

function compile(name: string): View {
  const source = readFileSync(join(home, `${name}.ejs`), 'utf8')
  // Shadows the `include` that EJS passes to each view, which reads the disk.
  const view = ejs.compile(`<% var include = page.include %>${source}`, {
    _with: false,
    localsName: 'page',
    filename: `${name}.ejs`,
    // The page's prototype is our own (`onDemand`), not a visitor's input.
    unsafePrototypeLocals: true,
  } as ejs.Options) as unknown as View
  compiled.set(name, view)
  return view
}
