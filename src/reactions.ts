import { updateAccess } from './checkout/update-access'
import { refundSeat, updateSeat } from './checkout/update-seat'
import type { EventName } from './events/definitions'
import type { Reactions } from './events/react'
import { cancelPaused, cancelWithdrawn, sendHeldRequests } from './webhooks/cancel-deliveries'
import { eraseDeliveries } from './webhooks/erase-deliveries'
import { deleteListenTokens } from './webhooks/listener'
import { messagesFrom } from './webhooks/message-types'
import { queueDeliveries } from './webhooks/queue-deliveries'
import {
  askToConfirmMarketing,
  emailContactRequest,
  emailReviewers,
  deleteEmailsOfErased,
  sendCertificate,
  emailBuyer,
  emailNewOwner,
  emailEscalation,
  emailOwner,
  emailReminder,
  sendWelcome,
} from './emails'
import { deleteFeedbackOfErased, revalueFeedback } from './community/advance-feedback'
import { stopFeedbackDigestOfErased } from './community/feedback-digest'
import { applyGivenFeedback } from './community/give-feedback'
import { erasePostsOfErased } from './community/erase-posts'
import { ensureProgress } from './learning/update-progress'
import { finishAttempt } from './learning/finish-attempt'
import { deleteLearner } from './learning/delete-learner'
import { issueCertificate } from './learning/issue-certificate'
import { replaceCertificate } from './learning/reissue-certificate'
import { noteContactRequest } from './learning/note-contact-request'
import { startEnrolment } from './learning/start-enrolment'
import { notifyColleagues } from './signals/notify-colleagues'
import { applyErasure } from './people/erase-person'
import { applyConfirmedConsent } from './people/confirm-marketing'
import { applyGivenConsent } from './people/give-consent'
import { applyPause } from './people/pause-sharing'
import { applyResumption } from './people/resume-sharing'
import { recordFunnelStep } from './people/record-funnel-step'
import { applyWithdrawnConsent } from './people/withdraw-consent'
import { deleteAbsencesOfErased } from './leads/absence'
import { assignOwner, reassignLeadsOfErased } from './leads/assign-owner'
import { endDemosOfErased, freeDemo } from './leads/demo-booking'
import { stopDigestOfErased } from './leads/digest-choice'
import { clearRemovedNote } from './leads/lead-note'
import { deleteLeadBatches } from './leads/lead-batch'
import { deleteLeadVisits } from './leads/lead-visit'
import { clearOwnerName, projectLead } from './leads/project-lead'
import { recordWonDeals } from './leads/record-won-deals'
import { eraseOutcomes } from './crm/erase-outcomes'
import { deleteSavedViews } from './leads/saved-view'
import { scoreIfCounted, scoreLead } from './leads/score-lead'
import { deleteFromReplays } from './leads/scoring-replay'
import { emailCancelledDemo, emailDemo } from './sales/demo-emails'
import { certifyAttended } from './academy/attendance-certificates'
import { emailBookedSeat, emailCancelledSeat, emailWaitlisted } from './academy/session-emails'
import { deleteFollowed } from './scoring/followed-people'
import { deleteModelComments } from './scoring/model-comment'
import { rescoreColleagues } from './scoring/reschedule-scores'
import { snapshotHandOff } from './scoring/score-person'
import { deleteBookingsOfErased } from './sessions/book-seat'
import { removeErasedHost } from './sessions/change-session'
import { deletePollVotesOfErased } from './sessions/poll'
import { deleteQuestionsOfErased } from './sessions/session-question'

/**
 * THE FUNNEL ON ONE PAGE: what follows from what happens. The reactions of an event run in this order, and again from
 * the first when one was interrupted: each may run twice with the same result. Finally, the webhook messages that are
 * built from the event are queued (`from` in the files of `webhooks/messages`), unless its row says when.
 */
const rows: Reactions = {
  'person.signed_up': [recordFunnelStep, scoreLead, sendWelcome],
  'person.confirmed': [],
  'person.updated': [scoreLead, projectLead],
  'consent.given': [applyGivenConsent, scoreLead, askToConfirmMarketing],
  'consent.confirmed': [applyConfirmedConsent],
  'consent.renewed': [],
  'consent.withdrawn': [applyWithdrawnConsent, cancelWithdrawn, revalueFeedback, scoreLead],
  'sharing.paused': [applyPause, cancelPaused, revalueFeedback, scoreLead],
  'sharing.resumed': [applyResumption, scoreLead, sendHeldRequests, revalueFeedback],
  'score_review.requested': [emailReviewers],
  'person.erased': [
    applyErasure,
    queueDeliveries,
    eraseDeliveries,
    deleteListenTokens,
    eraseOutcomes,
    scoreLead,
    reassignLeadsOfErased,
    deleteLeadVisits,
    deleteAbsencesOfErased,
    clearOwnerName,
    deleteLeadBatches,
    deleteSavedViews,
    deleteModelComments,
    deleteFollowed,
    deleteFromReplays,
    endDemosOfErased,
    deleteBookingsOfErased,
    removeErasedHost,
    deleteQuestionsOfErased,
    erasePostsOfErased,
    deletePollVotesOfErased,
    deleteFeedbackOfErased,
    stopFeedbackDigestOfErased,
    stopDigestOfErased,
    deleteLearner,
    deleteEmailsOfErased,
  ],

  'needs_assessment.completed': [scoreLead],
  'course.enrolled': [startEnrolment, recordFunnelStep, scoreIfCounted],
  'lesson.opened': [scoreIfCounted],
  'lesson.completed': [ensureProgress, recordFunnelStep, notifyColleagues, scoreLead],
  'quiz.attempted': [finishAttempt, scoreIfCounted],
  'course.completed': [issueCertificate, recordFunnelStep, scoreLead],
  'certificate.issued': [scoreLead, sendCertificate],
  'certificate.reissued': [replaceCertificate],
  'question.asked': [scoreLead],
  'question.answered': [scoreIfCounted],
  'answer.accepted': [scoreIfCounted],
  'review.written': [scoreIfCounted],
  'colleague.active': [scoreLead],

  'pricing.viewed': [scoreLead],
  'plans.compared': [scoreLead],
  'contact.requested': [noteContactRequest, scoreLead, emailContactRequest, emailDemo],
  'demo.cancelled': [freeDemo, scoreIfCounted, emailCancelledDemo],
  'order.placed': [],
  'order.paid': [updateAccess, updateSeat, scoreLead, emailBuyer],
  'order.refunded': [updateAccess, updateSeat, scoreLead, emailBuyer],
  'order.disputed': [updateAccess, updateSeat, scoreLead, emailBuyer],
  'order.reinstated': [updateAccess, updateSeat, scoreLead, emailBuyer],
  'order.updated': [emailBuyer],

  'feedback.given': [applyGivenFeedback, scoreIfCounted],
  'feedback.created': [],
  'feedback.updated': [],

  'session.booked': [scoreIfCounted, emailBookedSeat],
  'session.waitlisted': [scoreIfCounted, emailWaitlisted],
  'session.booking_cancelled': [refundSeat, scoreIfCounted, emailCancelledSeat],
  'session.attended': [scoreIfCounted, certifyAttended],
  'session.certificate_issued': [sendCertificate],
  'session.missed': [scoreIfCounted],
  'session.question_asked': [scoreIfCounted],
  'session.materials_opened': [scoreIfCounted],

  'lead.qualified': [
    assignOwner,
    snapshotHandOff,
    scoreLead,
    recordFunnelStep,
    recordWonDeals,
    emailOwner,
    revalueFeedback,
  ],
  'lead.disqualified': [projectLead, revalueFeedback],
  'lead.accepted': [assignOwner, recordFunnelStep],
  'lead.rejected': [projectLead],
  'lead.acceptance_undone': [assignOwner],
  'lead.rejection_undone': [assignOwner],
  'lead.returned': [projectLead],
  'lead.snoozed': [projectLead],
  'lead.snooze_ended': [projectLead],
  'lead.noted': [],
  'lead.note_removed': [clearRemovedNote],
  'lead.next_step_set': [projectLead],
  'lead.assigned': [projectLead, emailNewOwner],
  'lead.reminded': [projectLead, emailReminder],
  'lead.escalated': [projectLead, emailEscalation],
  'lead.contacted': [assignOwner],
  'opportunity.opened': [assignOwner, revalueFeedback],
  'opportunity.won': [projectLead, recordWonDeals, scoreLead, rescoreColleagues, revalueFeedback],
  'opportunity.lost': [projectLead, recordWonDeals, revalueFeedback],
  'opportunity.reopened': [assignOwner, recordWonDeals, scoreLead, rescoreColleagues, revalueFeedback],
}

/** Follows from the whole ledger of a person, so it runs once for a burst of events. */
export { scoreLead as oncePerBurst }

/** The rows, with their messages queued. */
export const reactions = Object.fromEntries(
  Object.entries(rows).map(([name, row]) => [
    name,
    row.includes(queueDeliveries) || !messagesFrom(name as EventName).length
      ? row
      : [...row, queueDeliveries],
  ]),
) as Reactions
