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
 * Makes `response.render('academy/course', values)` work with views that are compiled once, when first shown. A view sees
 * its values as `page.name`. `page.layout` names the frame in views/layouts that the view's HTML is put into (as `page.body`);
 * a partial answer has none. EJS looks at the disk at each include even when it caches; this does not (facts/speed.md).
 */
export function useViews(app: Express, folder: string, reload = false): void {
  home = folder
  app.response.render = function (this: Response, view: string, values?: object) {
    if (reload) compiled.clear()
    this.send(renderView(view, pageOf(this, values)))
  }
}

/** What a view sees: the locals of the answer, over them the values of this page, and under both what is made when it is asked for. */
export function pageOf(response: Response, values?: object, asked: object = onDemand): Page {
  return Object.assign(Object.create(asked) as Page, response.locals, values)
}

/** The same page with other values over it. */
function withValues(page: Page, values: object): Page {
  return Object.assign(Object.create(Object.getPrototypeOf(page) as object) as Page, page, values)
}

/** The HTML of a view, inside its layout if `page.layout` names one. */
export function renderView(view: string, page: Page): string {
  const body = print(view, page)
  return page.layout ? print(`layouts/${page.layout as string}`, withValues(page, { body })) : body
}

/** A view that includes another gives it all that it sees itself, and over that the values it names. */
function print(name: string, page: Page): string {
  const view = compiled.get(name) ?? compile(name)
  page.include = (inner: string, more?: object) => print(inner, more ? withValues(page, more) : page)
  return view(page)
}

function compile(name: string): View {
  const source = readFileSync(join(home, `${name}.ejs`), 'utf8')
  // EJS hands each view an `include` of its own, which asks the disk; ours stands in its place.
  const view = ejs.compile(`<% var include = page.include %>${source}`, {
    _with: false,
    localsName: 'page',
    filename: `${name}.ejs`,
    // What a view sees inherits from what is made on demand, by us.
    unsafePrototypeLocals: true,
  } as ejs.Options) as unknown as View
  compiled.set(name, view)
  return view
}
