import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ejs from 'ejs'
import type { Express, Response } from 'express'

type View = (page: Record<string, unknown>) => string

const compiled = new Map<string, View>()
let home = ''

/**
 * Makes `response.render('academy/course', values)` work with views that are compiled once, when first shown. A view sees
 * its values as `page.name`. `page.layout` names the frame in views/layouts that the view's HTML is put into (as `page.body`);
 * a partial answer has none. EJS looks at the disk at each include even when it caches; this does not (facts/speed.md).
 */
export function useViews(app: Express, folder: string, reload = false): void {
  home = folder
  // Not Express's own render: that copies every local into each page, and so would read `csrf`, which opens a session, for
  // every stranger.
  app.response.render = function (this: Response, view: string, values?: object) {
    if (reload) compiled.clear()
    this.send(renderView(view, pageOf(this, values)))
  }
}

/** What a view sees: the locals of the answer, and over them the values of this page. */
export function pageOf(response: Response, values?: object): Record<string, unknown> {
  return Object.assign(Object.create(response.locals) as Record<string, unknown>, values)
}

/** The HTML of a view, inside its layout if `values.layout` names one. */
export function renderView(view: string, values: Record<string, unknown>): string {
  const body = print(view, values)
  return values.layout
    ? print(`layouts/${values.layout as string}`, Object.assign(Object.create(values), { body }))
    : body
}

/** A view that includes another gives it all that it sees itself, and over that the values it names. */
function print(name: string, page: Record<string, unknown>): string {
  const view = compiled.get(name) ?? compile(name)
  page.include = (inner: string, more?: object) =>
    print(inner, more ? (Object.assign(Object.create(page), more) as typeof page) : page)
  return view(page)
}

function compile(name: string): View {
  const source = readFileSync(join(home, `${name}.ejs`), 'utf8')
  // EJS hands each view an `include` of its own, which asks the disk; ours stands in its place.
  const view = ejs.compile(`<% var include = page.include %>${source}`, {
    _with: false,
    localsName: 'page',
    filename: `${name}.ejs`,
    // What a view sees inherits from the answer's locals, all of them made by us.
    unsafePrototypeLocals: true,
  } as ejs.Options) as unknown as View
  compiled.set(name, view)
  return view
}
