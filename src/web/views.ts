import { readFileSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import ejs from 'ejs'
import type { Express, Response } from 'express'

type View = (page: Record<string, unknown>, escape: undefined, include: Include) => string
type Include = (view: string, values?: Record<string, unknown>) => string

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
  const include: Include = (name, more) =>
    template(name)(more ? Object.assign(Object.create(values), more) : values, undefined, include)
  const body = include(view)
  return values.layout ? include(`layouts/${values.layout as string}`, { body }) : body
}

function template(name: string): View {
  const view = compiled.get(name)
  if (!view) throw new Error(`There is no view ${name}`)
  return view
}

function compileAll(folder: string): void {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ejs')) continue
    const name = file.split(sep).join('/').slice(0, -'.ejs'.length)
    const source = readFileSync(join(folder, file), 'utf8')
    const view = ejs.compile(source, {
      client: true,
      _with: false,
      localsName: 'page',
      filename: file,
      rmWhitespace: false,
    })
    compiled.set(name, view as unknown as View)
  }
}
