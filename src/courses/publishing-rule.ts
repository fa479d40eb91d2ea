import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { People } from '../people/person'
import { boolean, defineRecord, oneOf, optional, string } from '../platform/record'
import type { Course } from './course'

/** When a draft needs another person's approval: if the academy or the course has a reviewer, always, or never. */
export const approvalRules = ['if-reviewer', 'always', 'never'] as const
export type ApprovalRule = (typeof approvalRules)[number]

const PublishingRules = defineRecord('PublishingRule', 'publishing_rules', {
  _id: string(),
  approval: oneOf(approvalRules),
  /** Whether reviewers may approve a draft that they have changed themselves during its review; missing for no. */
  ownEdits: optional(boolean()),
})
const only = 'academy'

/** Returns the academy's rule; `if-reviewer` until an administrator has chosen one. */
export async function approvalRule(): Promise<ApprovalRule> {
  return (await PublishingRules.findById(only))?.approval ?? 'if-reviewer'
}

/** Whether reviewers may approve their own changes to a draft in review; not until an administrator allows it. */
export async function allowsOwnEdits(): Promise<boolean> {
  return (await PublishingRules.findById(only))?.ownEdits ?? false
}

/** Sets the academy's rule. Drafts that are already scheduled follow it too. */
export async function changeApprovalRule(
  approval: ApprovalRule,
  by: Types.ObjectId,
  ownEdits = false,
): Promise<void> {
  await PublishingRules.update({ _id: only }, { $set: { approval, ownEdits } }, { upsert: true })
  const detail = { approval, ownEdits }
  await audit({ actor: by, action: 'publishing_rule.changed', subject: 'academy', detail })
}

/** Whether a draft of a course needs another person's approval before it can be published. */
export async function needsApproval({ team = [] }: Pick<Course, 'team'>): Promise<boolean> {
  const rule = await approvalRule()
  if (rule !== 'if-reviewer') return rule === 'always'
  if (await People.exists({ role: 'reviewer', suspendedAt: null, erasedAt: null })) return true
  const reviewers = team.filter(({ role }) => role === 'reviewer').map(({ person }) => person)
  return reviewers.length > 0 && People.exists({ _id: { $in: reviewers }, suspendedAt: null, erasedAt: null })
}
