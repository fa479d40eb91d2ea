import { readFileSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import ejs from 'ejs'
import type { Express, Response } from 'express'

type View = (page: Record<string, unknown>) => string

const compiled = new Map<string, View>()

/**
 * Makes `response.render('academy/course', values)` work with views that are compiled once at start. A view sees its values
 * as `page.name`. `page.layout` names the frame in views/layouts that the view's HTML is put into (as `page.body`); a
 * partial answer has none. EJS looks at the disk at each include even when it caches; this does not (facts/speed.md).
 */
export function useViews(app: Express, folder: string, reload = false): void {
  compileAll(folder)
  // Not Express's own render: that copies every local into each page, and so would read `csrf`, which opens a session, for
  // every stranger.
  app.response.render = function (this: Response, view: string, values?: object) {
    if (reload) compileAll(folder)
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
  const view = compiled.get(name)
  if (!view) throw new Error(`There is no view ${name}`)
  page.include = (inner: string, more?: object) =>
    print(inner, more ? (Object.assign(Object.create(page), more) as typeof page) : page)
  return view(page)
}

function compileAll(folder: string): void {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ejs')) continue
    const source = readFileSync(join(folder, file), 'utf8')
    // EJS hands each view an `include` of its own, which asks the disk; ours stands in its place.
    const view = ejs.compile(`<% var include = page.include %>${source}`, {
      _with: false,
      localsName: 'page',
      filename: file,
      // What a view sees inherits from the answer's locals, all of them made by us.
      unsafePrototypeLocals: true,
    } as ejs.Options)
    compiled.set(file.split(sep).join('/').slice(0, -'.ejs'.length), view as View)
  }
}
