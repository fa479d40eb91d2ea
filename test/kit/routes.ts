import { routes as academy } from '../../src/academy/routes'
import { routes as account } from '../../src/account/routes'
import { draftFrames, routes as admin } from '../../src/admin/routes'
import { routes as api, opsRoutes } from '../../src/api/routes'
import { routes as checkout } from '../../src/checkout/routes'
import { routes as demo } from '../../src/demo/routes'
import { routes as insights } from '../../src/insights/routes'
import { routes as integrations } from '../../src/integrations/routes'
import { routes as sales } from '../../src/sales/routes'
import { routes as studio } from '../../src/studio/routes'
import type { Route } from '../../src/web/route'

/** Every route of the application, in the order in which the app tries them, without what may follow in its path. */
export const allRoutes = [
  ...opsRoutes,
  ...draftFrames,
  ...academy,
  ...account,
  ...checkout,
  ...studio,
  ...sales,
  ...integrations,
  ...insights,
  ...admin,
  ...api,
  ...demo,
].map(([method, path, ...rest]) => [method, path.replace(/\{[^}]*\}/g, ''), ...rest] as unknown as Route)

/** Returns the route that a path, as a browser sends it, leads to. Like Express, it ignores case and a last slash. */
export function routeOf(method: string, path: string): Route | undefined {
  const pathname = path.split('?')[0]!
  return allRoutes.find(
    ([each, pattern]) => each === method.toLowerCase() && expressionOf(pattern).test(pathname),
  )
}

const expressions = new Map<string, RegExp>()
function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern)
  if (known) return known
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')
  const made = new RegExp(`^${source}/?$`, 'i')
  expressions.set(pattern, made)
  return made
}
