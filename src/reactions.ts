import { settleAccess } from './checkout/update-access'
import type { Reactions } from './events/react'
import { cancelPaused, cancelWithdrawn } from './webhooks/cancel-deliveries'
import { eraseDeliveries } from './webhooks/erase-deliveries'
import { queueDeliveries } from './webhooks/queue-deliveries'
import {
  askForLetters,
  askForReview,
  forgetLettersOf,
  sendCertificate,
  sendReceipt,
  sendRefundNote,
  tellOwner,
  welcome,
} from './emails'
import { advance } from './learning/update-progress'
import { finishAttempt } from './learning/finish-attempt'
import { forgetLearner } from './learning/delete-learner'
import { issueCertificate } from './learning/issue-certificate'
import { startEnrolment } from './learning/start-enrolment'
import { tellColleagues } from './signals/notify-colleagues'
import { applyErasure } from './people/erase-person'
import { applyGivenConsent } from './people/give-consent'
import { applyPause } from './people/pause-sharing'
import { applyResumption } from './people/resume-sharing'
import { trace } from './people/record-funnel-step'
import { applyWithdrawnConsent } from './people/withdraw-consent'
import { assignOwner } from './leads/assign-owner'
import { projectLead } from './leads/project-lead'
import { keepHandOff, scoreLead } from './scoring/score-person'

/**
 * THE FUNNEL ON ONE PAGE: what follows from what happens. The reactions of an event run in this order, and again from the
 * first when one was cut off: each may run twice and ends the same.
 */
export const reactions: Reactions = {
  'person.joined': [trace, scoreLead, welcome],
  'person.confirmed': [],
  'consent.given': [applyGivenConsent, scoreLead, askForLetters],
  'consent.withdrawn': [applyWithdrawnConsent, cancelWithdrawn, scoreLead],
  'sharing.paused': [applyPause, cancelPaused, scoreLead],
  'sharing.resumed': [applyResumption, scoreLead],
  'review.requested': [askForReview],
  'person.erased': [applyErasure, eraseDeliveries, scoreLead, forgetLearner, forgetLettersOf],

  'needs.assessed': [scoreLead, queueDeliveries],
  'course.enrolled': [startEnrolment, trace],
  'lesson.opened': [],
  'lesson.completed': [advance, trace, tellColleagues, scoreLead],
  'quiz.attempted': [finishAttempt],
  'course.completed': [issueCertificate, trace, scoreLead, queueDeliveries],
  'certificate.issued': [scoreLead, sendCertificate],
  'question.asked': [scoreLead],
  'colleague.active': [scoreLead],

  'prices.read': [scoreLead],
  'plans.compared': [scoreLead],
  'hand.raised': [scoreLead, queueDeliveries],
  'order.placed': [],
  'order.paid': [settleAccess, scoreLead, queueDeliveries, sendReceipt],
  'order.refunded': [settleAccess, scoreLead, queueDeliveries, sendRefundNote],

  'lead.qualified': [assignOwner, keepHandOff, scoreLead, trace, queueDeliveries, tellOwner],
  'lead.disqualified': [projectLead, queueDeliveries],
  'lead.accepted': [projectLead, trace],
  'lead.rejected': [projectLead],
  'lead.returned': [projectLead],
  'lead.contacted': [projectLead],
  'opportunity.opened': [projectLead],
  'opportunity.won': [projectLead, trace, scoreLead],
  'opportunity.lost': [projectLead],
  'opportunity.reopened': [projectLead, trace, scoreLead],
}
