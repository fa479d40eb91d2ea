import { salesTeamOnly, staff } from '../web/guard'
import type { Route } from '../web/route'
import * as funnel from './funnel'
import * as people from './people'

export const routes: Route[] = [
  ['get', '/insights', staff, funnel.show],
  ['get', '/insights.csv', staff, funnel.csv],
  ['get', '/insights/people', salesTeamOnly, people.index],
]
