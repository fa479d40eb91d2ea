import { updateAccess } from './checkout/update-access'
import type { Reactions } from './events/react'
import { cancelPaused, cancelWithdrawn } from './webhooks/cancel-deliveries'
import { eraseDeliveries } from './webhooks/erase-deliveries'
import { queueDeliveries } from './webhooks/queue-deliveries'
import {
  askToConfirmMarketing,
  emailReviewers,
  deleteEmailsOfErased,
  sendCertificate,
  sendReceipt,
  sendRefundReceipt,
  emailOwner,
  sendWelcome,
} from './emails'
import { updateProgress } from './learning/update-progress'
import { finishAttempt } from './learning/finish-attempt'
import { deleteLearner } from './learning/delete-learner'
import { issueCertificate } from './learning/issue-certificate'
import { startEnrolment } from './learning/start-enrolment'
import { notifyColleagues } from './signals/notify-colleagues'
import { applyErasure } from './people/erase-person'
import { applyGivenConsent } from './people/give-consent'
import { applyPause } from './people/pause-sharing'
import { applyResumption } from './people/resume-sharing'
import { recordFunnelStep } from './people/record-funnel-step'
import { applyWithdrawnConsent } from './people/withdraw-consent'
import { assignOwner } from './leads/assign-owner'
import { projectLead } from './leads/project-lead'
import { eraseOutcomes } from './crm/erase-outcomes'
import { scoreLead } from './leads/score-lead'
import { snapshotHandOff } from './scoring/score-person'

/**
 * THE FUNNEL ON ONE PAGE: the reactions to each event. They run in this order, and start over after an interruption, so
 * every reaction must be idempotent.
 */
export const reactions: Reactions = {
  'person.signed_up': [recordFunnelStep, scoreLead, sendWelcome],
  'person.confirmed': [],
  'consent.given': [applyGivenConsent, scoreLead, askToConfirmMarketing],
  'consent.withdrawn': [applyWithdrawnConsent, cancelWithdrawn, scoreLead],
  'sharing.paused': [applyPause, cancelPaused, scoreLead],
  'sharing.resumed': [applyResumption, scoreLead],
  'score_review.requested': [emailReviewers],
  'person.erased': [
    applyErasure,
    eraseDeliveries,
    eraseOutcomes,
    scoreLead,
    deleteLearner,
    deleteEmailsOfErased,
  ],

  'needs_assessment.completed': [scoreLead, queueDeliveries],
  'course.enrolled': [startEnrolment, recordFunnelStep],
  'lesson.opened': [],
  'lesson.completed': [updateProgress, recordFunnelStep, notifyColleagues, scoreLead],
  'quiz.attempted': [finishAttempt],
  'course.completed': [issueCertificate, recordFunnelStep, scoreLead, queueDeliveries],
  'certificate.issued': [scoreLead, sendCertificate],
  'question.asked': [scoreLead],
  'colleague.active': [scoreLead],

  'pricing.viewed': [scoreLead],
  'plans.compared': [scoreLead],
  'contact.requested': [scoreLead, queueDeliveries],
  'order.placed': [],
  'order.paid': [updateAccess, scoreLead, queueDeliveries, sendReceipt],
  'order.refunded': [updateAccess, scoreLead, queueDeliveries, sendRefundReceipt],

  'lead.qualified': [assignOwner, snapshotHandOff, scoreLead, recordFunnelStep, queueDeliveries, emailOwner],
  'lead.disqualified': [projectLead, queueDeliveries],
  'lead.accepted': [projectLead, recordFunnelStep],
  'lead.rejected': [projectLead],
  'lead.acceptance_undone': [projectLead],
  'lead.contacted': [projectLead],
  'opportunity.opened': [projectLead],
  'opportunity.won': [projectLead, recordFunnelStep, scoreLead],
  'opportunity.lost': [projectLead],
  'opportunity.reopened': [projectLead, recordFunnelStep, scoreLead],
}
