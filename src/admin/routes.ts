import { admins } from '../web/guard'
import type { Route } from '../web/route'
import * as auditLog from './audit'
import * as competitors from './competitors'
import * as people from './people'

export const routes: Route[] = [
  ['get', '/office/people', admins, people.index],
  ['post', '/office/people', admins, people.create],
  ['post', '/office/people/:id/role', admins, people.load, people.updateRole],
  ['post', '/office/people/:id/suspension', admins, people.load, people.suspend],
  ['post', '/office/people/:id/readmission', admins, people.load, people.reactivate],
  ['get', '/office/competitors', admins, competitors.edit],
  ['post', '/office/competitors', admins, competitors.update],
  ['get', '/office/audit', admins, auditLog.index],
]
