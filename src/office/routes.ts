import type { Route } from '../web/route'

export const routes: Route[] = []
