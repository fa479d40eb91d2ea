import type { Types } from 'mongoose'
import { minutes } from '../platform/clock'
import { doubling, work, type Consumer } from '../platform/queue'
import { deletePost, deleteThread } from './change-post'
import { Posts, type Post } from './post'
import { ModerationRecords, type ModerationRecord } from './moderation-record'
import { Threads, type Thread } from './thread'

/** Tells people by email. Each email has an id of its own, so that it is sent once, however often these run. */
export type CommunityNotices = {
  /** That a question waits for an answer: the team of its course. */
  asked: (thread: Thread) => Promise<unknown>
  /** That there is a new answer or reply: one follower. */
  answered: (thread: Thread, post: Post, follower: Types.ObjectId) => Promise<unknown>
  /** What a moderator has said: one person. */
  warned: (person: Types.ObjectId, warning: ModerationRecord['warnings'][number]) => Promise<unknown>
}

const policy = { lease: minutes(5), backoff: doubling(minutes(1), minutes(60)), maxAttempts: 20 }

/** The consumers of questions and of posts: each tells who should know, or deletes what was removed for good. */
export const advanceThreads = ({ asked }: Pick<CommunityNotices, 'asked'>): Consumer =>
  work(Threads, policy, async thread => {
    if (thread.state === 'removed') return deleteThread(thread._id)
    if (thread.state === 'shown') await asked(thread)
  })

export const advancePosts = ({ answered }: Pick<CommunityNotices, 'answered'>): Consumer =>
  work(Posts, policy, async post => {
    if (post.state === 'removed') return deletePost(post._id)
    if (post.state !== 'shown') return
    const thread = await Threads.findById(post.thread)
    if (thread?.state !== 'shown') return
    for (const follower of thread.followers) {
      if (!follower.equals(post.person)) await answered(thread, post, follower)
    }
  })

export const emailWarnings = ({ warned }: Pick<CommunityNotices, 'warned'>): Consumer =>
  work(ModerationRecords, policy, async ({ _id, warnings }) => {
    for (const warning of warnings) await warned(_id, warning)
  })
