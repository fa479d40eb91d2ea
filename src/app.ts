import { dirname, extname, join } from 'node:path'
import express, { type Express, type RequestHandler } from 'express'
import { routes as academy } from './academy/routes'
import { serveFromMemory } from './academy/anonymous-page'
import { readSignedIn } from './account/passport'
import { routes as account } from './account/routes'
import { measureFromMemory, measureRequests } from './api/metrics'
import { routes as api, opsRoutes } from './api/routes'
import { routes as checkout } from './checkout/routes'
import { installConnections } from './connections'
import { config } from './platform/config'
import { routes as demo } from './demo/routes'
import { routes as sales } from './sales/routes'
import { routes as integrations } from './integrations/routes'
import { routes as insights } from './insights/routes'
import { draftFrames, routes as admin } from './admin/routes'
import { routes as studio } from './studio/routes'
import { carryTouches } from './web/carry-touches'
import { noSuchPage, showError } from './web/errors'
import { preparePage } from './web/page'
import { mount } from './web/route'
import { root } from './platform/root'
import { assets } from './web/static-assets'
import { serveBaseStylesheet, serveFavicon } from './web/stylesheets'
import { keepPrivate, protectSecretLinks, requireThisComputer, secure } from './web/security'
import { useSessions } from './web/session'
import { chooseBrand, leaveClosedBrand, requireOpen, requirePublished } from './web/shown-brand'
import { logRequest, logRequests } from './web/request-log'
import { useViews } from './web/views'
import { countVisitFromMemory, recordVisits } from './web/visits'

/** The studio's toolbar, served from its package. */
const toolbar = dirname(require.resolve('@github/markdown-toolbar-element'))

/** Returns the academy as an Express app. The database must be connected first. */
export function createApp(): Express {
  const app = express()
  app.disable('x-powered-by')
  // If the error page itself fails, Express responds without a stack trace.
  app.set('env', 'production')
  app.set('trust proxy', config.trustProxy)
  app.set('query parser', 'simple')
  // Cached pages and files set their own; a page rendered for one reader differs every time.
  app.disable('etag')
  installConnections()
  useViews(app, config.development)

  app.use(
    serveFromMemory((request, response, { id, route, startedAt }) => {
      response.once('close', () => logRequest({ id, request, url: request.url, response, startedAt }))
      measureFromMemory(route, response.statusCode, startedAt)
      countVisitFromMemory(request, response)
    }),
  )
  app.use(logRequests)
  app.use(measureRequests)
  app.use(secure)
  app.use(protectSecretLinks)
  if (config.demo) app.use(requireThisComputer)
  app.use('/css/base.css', chooseBrand, serveBaseStylesheet)
  app.use('/favicon.svg', chooseBrand, serveFavicon)
  // Fonts never change. Without caching, in development too, the preload and the stylesheet would each download them.
  app.use('/fonts', files(express.static(join(root, 'public/fonts'), { immutable: true, maxAge: '1y' })))
  for (const [path, serve] of assets()) app.use(path, files(serve))
  app.use('/vendor/markdown-toolbar', express.static(toolbar, { immutable: true, maxAge: '1d' }))
  app.use(chooseBrand)
  app.use(carryTouches)
  app.use(recordVisits)
  app.use(keepPrivate)
  app.use(useSessions())
  app.use(readSignedIn)
  app.use(preparePage)

  mount(app, opsRoutes)
  app.use(leaveClosedBrand)
  app.use(requireOpen)
  if (config.role !== 'worker') mountRooms(app)

  app.use(noSuchPage)
  app.use(showError)
  return app
}

function mountRooms(app: Express): void {
  // Answered by the rooms below, as pages of the draft.
  mount(app, draftFrames)
  app.use('/sign-up', requirePublished)
  mount(app, account)
  mount(app, checkout)
  mount(app, studio)
  mount(app, sales)
  mount(app, integrations)
  mount(app, insights)
  mount(app, admin)
  mount(app, api)
  if (config.demo) mount(app, demo)
  app.use(requirePublished)
  mount(app, academy)
}

/** Serves paths with an extension only, so that a page costs no disk access. */
function files(serve: RequestHandler): RequestHandler {
  return (request, response, next) => (extname(request.path) ? serve(request, response, next) : next())
}
