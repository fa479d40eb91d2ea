import { readersOfInsights } from '../web/guard'
import type { Route } from '../web/route'
import * as funnel from './funnel'

export const routes: Route[] = [
  ['get', '/insights', readersOfInsights, funnel.show],
  ['get', '/insights.csv', readersOfInsights, funnel.csv],
]
