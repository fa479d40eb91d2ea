import { feedbackEditors, salesTeamOnly, staff } from '../web/guard'
import type { Route } from '../web/route'
import * as feedback from './feedback-actions'
import * as feedbackTopic from './feedback-item'
import * as feedbackList from './feedback-list'
import * as funnel from './funnel'
import * as people from './people'

export const routes: Route[] = [
  ['get', '/insights', staff, funnel.show],
  ['get', '/insights.csv', staff, funnel.csv],
  ['get', '/insights/people', salesTeamOnly, people.index],
  ['get', '/feedback', staff, feedbackList.index],
  ['get', '/feedback.csv', staff, feedbackList.download],
  ['get', '/feedback/new', staff, feedback.showNew],
  ['post', '/feedback', staff, feedback.create],
  ['post', '/feedback/digest', staff, feedback.updateDigest],
  ['post', '/feedback/merges', feedbackEditors, feedback.merge],
  ['get', '/feedback/:id', staff, feedbackTopic.show],
  ['post', '/feedback/:id', feedbackEditors, feedback.update],
  ['post', '/feedback/:id/undo', feedbackEditors, feedback.undoTopicChange],
  ['post', '/feedback/:id/notes', staff, feedback.createTopicNote],
]
