import { staff } from '../web/guard'
import type { Route } from '../web/route'
import * as funnel from './funnel'

export const routes: Route[] = [
  ['get', '/insights', staff, funnel.show],
  ['get', '/insights.csv', staff, funnel.csv],
]
