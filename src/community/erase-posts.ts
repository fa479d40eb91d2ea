import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { countAnswers } from './answer-question'
import { deletePost, deleteThread } from './change-post'
import { CommunityDigests } from './digest-queue'
import { GroupMembers, Groups } from './group'
import { countMembers } from './join-group'
import { ModerationCases } from './moderation-case'
import { Posts } from './post'
import { PostImages } from './post-image'
import { ModerationRecords } from './moderation-record'
import { deleteReviewsOf } from './review'
import { Threads } from './thread'

/**
 * Reaction to `person.erased`: deletes what they asked and wrote, their votes, what they
 * follow and reported, and what moderators know of them. A question that
 * others have answered keeps its place without its words, and so does an answer with replies: they would make no sense
 * without it.
 */
export async function erasePostsOfErased({ person }: Pick<Event, 'person'>): Promise<void> {
  for (const { _id } of await Threads.find({ person }, { _id: 1 })) {
    const isAnswered = await Posts.exists({ thread: _id, person: { $ne: person } })
    if (!isAnswered) await deleteThread(_id)
  }
  await PostImages.deleteMany({ person })
  const blank = { text: '', versions: [], editedAt: null, picture: null }
  await Threads.updateMany({ person }, { $set: { ...blank, title: '', search: [], isNameHidden: true } })
  const posts = await Posts.find({ person }, { thread: 1 })
  for (const { _id } of posts) {
    if (await Posts.exists({ answer: _id, person: { $ne: person } })) {
      await Posts.updateOne({ _id }, { $set: { ...blank, state: 'removed', dueAt: null } })
    } else await deletePost(_id)
  }
  await ModerationCases.deleteMany({ person })
  const reported = { 'reports.by': person }
  await ModerationCases.updateMany(reported, { $pull: { reports: { by: person } }, $inc: { count: -1 } })
  await ModerationRecords.deleteOne({ _id: person })
  await leaveGroupsOfErased(person)
  await deleteReviewsOf(person)
  await Threads.updateMany({ voters: person }, { $pull: { voters: person }, $inc: { votes: -1 } })
  await Posts.updateMany({ voters: person }, { $pull: { voters: person }, $inc: { votes: -1 } })
  await Threads.updateMany({ followers: person }, { $pull: { followers: person } })
  for (const thread of new Set(posts.map(each => String(each.thread)))) {
    const found = await Threads.findOne({ _id: thread })
    if (!found) continue
    const hasAccepted = found.accepted && (await Posts.exists({ _id: found.accepted, state: 'shown' }))
    if (found.accepted && !hasAccepted) {
      await Threads.updateOne({ _id: thread }, { $set: { accepted: null, acceptedBy: null } })
    }
    await countAnswers(found._id)
  }
}

/** Takes someone out of their groups, with the sentences that they wrote on shelves. */
async function leaveGroupsOfErased(person: Types.ObjectId): Promise<void> {
  await CommunityDigests.deleteOne({ _id: person })
  const joined = await GroupMembers.find({ person }, { group: 1 })
  await GroupMembers.deleteMany({ person })
  for (const { group } of joined) await countMembers(group, null)
  await Groups.updateMany({ curator: person }, { $set: { curator: null } })
  for (const { _id } of await Groups.find({ 'shelf.by': person }, { _id: 1 })) await takeOffShelf(_id, person)
}

/** Again when a curator changes it at the same moment. */
async function takeOffShelf(_id: Types.ObjectId, person: Types.ObjectId): Promise<void> {
  for (;;) {
    const group = await Groups.findById(_id)
    if (!group?.shelf.some(({ by }) => by.equals(person))) return
    const { changes } = group
    const shelf = group.shelf.filter(({ by }) => !by.equals(person))
    await Groups.updateOne({ _id, changes }, { $set: { shelf, changes: changes + 1 } })
  }
}
