import { dirname, extname, join } from 'node:path'
import express, { type Express, type RequestHandler } from 'express'
import { routes as academy } from './academy/routes'
import { serveAnonymous } from './academy/anonymous-page'
import { readSignedIn } from './account/passport'
import { routes as account } from './account/routes'
import { measureRequests } from './api/metrics'
import { routes as api, opsRoutes } from './api/routes'
import { routes as checkout } from './checkout/routes'
import { config } from './platform/config'
import { routes as demo } from './demo/routes'
import { routes as sales } from './sales/routes'
import { routes as integrations } from './integrations/routes'
import { routes as insights } from './insights/routes'
import { routes as admin } from './admin/routes'
import { routes as studio } from './studio/routes'
import { prepareComponents } from './web/components'
import { noSuchPage, showError } from './web/errors'
import { loadTranslations } from './web/i18n'
import { preparePage } from './web/page'
import { mount } from './web/route'
import { root } from './platform/root'
import { serveBaseStylesheet } from './web/stylesheets'
import { requireLocalHost, secure } from './web/security'
import { useSessions } from './web/session'
import { logRequests } from './web/request-log'
import { useViews } from './web/views'
import { recordVisits } from './web/visits'

/** The studio's toolbar, served as its package brings it. */
const toolbar = dirname(require.resolve('@github/markdown-toolbar-element'))

/** The academy as an Express app. The database must be connected. */
export function createApp(): Express {
  const app = express()
  app.disable('x-powered-by')
  // Should the error page itself fail, Express answers: without a stack.
  app.set('env', 'production')
  app.set('trust proxy', config.production ? 1 : false)
  app.set('query parser', 'simple')
  // Pages that are kept and files bring their own; a page that is made for one reader is another one each time.
  app.disable('etag')
  loadTranslations(join(root, 'views/locales'))
  useViews(app, join(root, 'views'), config.development)

  app.use(logRequests)
  app.use(measureRequests)
  app.use(secure)
  if (config.demo) app.use(requireLocalHost)
  app.use('/css/base.css', serveBaseStylesheet)
  // A font never changes. Kept everywhere: one that is asked again is fetched twice, by its preload and by the style sheet.
  app.use('/fonts', files(express.static(join(root, 'public/fonts'), { immutable: true, maxAge: '1y' })))
  app.use(files(express.static(join(root, 'public'), { maxAge: config.production ? '1y' : 0, index: false })))
  app.use('/vendor/markdown-toolbar', express.static(toolbar, { immutable: true, maxAge: '1d' }))
  app.use(recordVisits)
  app.use(serveAnonymous)
  app.use(useSessions())
  app.use(readSignedIn)
  app.use(express.urlencoded({ extended: false, limit: '400kb', parameterLimit: 500 }))
  app.use(preparePage)
  app.use(prepareComponents)

  mount(app, opsRoutes)
  if (config.role !== 'worker') mountRooms(app)

  app.use(noSuchPage)
  app.use(showError)
  return app
}

function mountRooms(app: Express): void {
  mount(app, academy)
  mount(app, account)
  mount(app, checkout)
  mount(app, studio)
  mount(app, sales)
  mount(app, integrations)
  mount(app, insights)
  mount(app, admin)
  mount(app, api)
  if (config.demo) mount(app, demo)
}

/** Files have an extension: for a page the disk is not asked. */
function files(serve: RequestHandler): RequestHandler {
  return (request, response, next) => (extname(request.path) ? serve(request, response, next) : next())
}
