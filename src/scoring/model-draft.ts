import type { Types } from 'mongoose'
import { later, minutes, now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { date, defineRecord, free, number, objectId, string } from '../platform/record'
import { wakeWorker } from '../platform/queue'
import { firstModel } from './first-model'
import {
  activate,
  activeModel,
  hashOfModel,
  Models,
  modelVersion,
  type Model,
  type Publication,
} from './model'
import { modelContentOf, type ModelContent } from './model-content'
import { Scores } from './score'

/** There is one draft at a time. */
const draftId = 'draft'

const Drafts = defineRecord('ScoringDraft', 'scoring_drafts', {
  _id: string(),
  /** The version that it changes. */
  base: number(),
  content: free<ModelContent>(),
  /** Counts the saves, so that two people can't overwrite each other. */
  draftNumber: number(),
  changedAt: date(),
  changedBy: objectId(),
})

/** The draft of the next version. Without changes it is the active one, and its number is 0. */
export type ModelDraft = {
  base: Model
  content: ModelContent
  /** SHA-256 of the content, hex. */
  hash: string
  draftNumber: number
  changedAt: Date | null
  changedBy: Types.ObjectId | null
}

/** Returns the draft; what is active as long as nobody has changed anything. */
export async function modelDraft(): Promise<ModelDraft> {
  const [draft, active] = await Promise.all([Drafts.findById(draftId), activeModel()])
  if (!draft) {
    const { content, hash } = active
    return { base: active, content, hash, draftNumber: 0, changedAt: null, changedBy: null }
  }
  const { content: stored, base, draftNumber, changedAt, changedBy } = draft
  const content = modelContentOf(stored)
  const before = base === active._id ? active : ((await modelVersion(base)) ?? active)
  return { base: before, content, hash: hashOfModel(content), draftNumber, changedAt, changedBy }
}

/**
 * Saves the draft over the one with `draftNumber`; 0 begins one on the active version. It means what the formula of
 * today makes of it, also where it comes from a file or an earlier version: an older formula would be replaced, and the
 * model with it, as soon as it is active.
 *
 * @throws 409 when someone else has saved since.
 */
export async function saveModelDraft(
  content: ModelContent,
  draftNumber: number,
  by: Types.ObjectId,
): Promise<void> {
  const { formula } = firstModel
  const change = { content: { ...content, formula }, changedAt: now(), changedBy: by }
  if (draftNumber === 0) {
    activeModel.forget()
    const { _id: base } = await activeModel()
    const isNew = await Drafts.insertOnce({ _id: draftId, base, draftNumber: 1, ...change })
    if (!isNew) throw conflict('admin:errors.modelChanged')
    return
  }
  const [draft, active] = await Promise.all([modelDraft(), activeModel()])
  // A process that ended as it published has left the draft: what is saved now changes the version that it became.
  const base = draft.hash === active.hash ? active._id : draft.base._id
  const saved = await Drafts.findOneAndUpdate(
    { _id: draftId, draftNumber },
    { $set: { ...change, base }, $inc: { draftNumber: 1 } },
  )
  if (!saved) throw conflict('admin:errors.modelChanged')
}

/** Deletes the draft with this number. @throws 409 when someone else has saved since. */
export async function discardModelDraft(draftNumber: number): Promise<void> {
  const draft = await Drafts.findById(draftId)
  if (!draft) return
  const { deletedCount } = await Drafts.deleteOne({ _id: draftId, draftNumber })
  if (!deletedCount) throw conflict('admin:errors.modelChanged')
}

/**
 * Makes a change in the draft, if there is one, that was published on its own, such as a new competitor, so that
 * publishing the draft doesn't take it back.
 */
export async function bringIntoDraft(
  version: number,
  change: (content: ModelContent) => ModelContent,
): Promise<void> {
  for (;;) {
    const draft = await Drafts.findById(draftId)
    if (!draft || draft.base >= version) return
    const content = change(modelContentOf(draft.content))
    const { draftNumber } = draft
    const saved = await Drafts.findOneAndUpdate(
      { _id: draftId, draftNumber },
      { $set: { content, base: version }, $inc: { draftNumber: 1 } },
    )
    if (saved) return
  }
}

/** After this time every process uses the new version (see `activeModel`), so none rescores with the old one. */
const propagationDelay = minutes(2)
/** People whose scores become due in one minute after a publication: what changes reaches the CRM at this pace. */
const peopleAMinute = 300
const portion = 1000

/**
 * Publishes the draft as the next version, and schedules everyone to be scored again, paced. Nobody's stored score
 * changes before its turn, and each change of state is an event.
 *
 * @returns the version.
 * @throws 409 when the draft, or what it is based on, has changed since.
 */
export async function publishModel(
  draftNumber: number,
  publication: Omit<Publication, 'by'> & { by: Types.ObjectId },
): Promise<number> {
  activeModel.forget()
  const [draft, active] = await Promise.all([modelDraft(), activeModel()])
  // The click came twice, or the process ended between the two writes: it is published.
  if (draft.draftNumber === draftNumber && draft.hash === active.hash && active._id > draft.base._id) {
    await endDraft(draftNumber, active._id)
    return active._id
  }
  if (!draftNumber || draft.draftNumber !== draftNumber || draft.base._id !== active._id) {
    throw conflict('admin:errors.modelChanged')
  }
  const version = active._id + 1
  // Before it is active, so that a process that ends between the two leaves nobody at their former score.
  await rescoreEveryone(version)
  if (!(await activate(version, draft.content, publication))) throw conflict('admin:errors.modelChanged')
  await endDraft(draftNumber, version)
  return version
}

/** Deletes the draft that a version was made from. One that was saved over it meanwhile changes that version. */
async function endDraft(draftNumber: number, version: number): Promise<void> {
  activeModel.forget()
  await Drafts.deleteOne({ _id: draftId, draftNumber })
  await Drafts.updateOne({ _id: draftId, base: { $lt: version } }, { $set: { base: version } })
}

/** Schedules all who were scored under an older version, in portions by their id. */
async function rescoreEveryone(version: number): Promise<void> {
  const start = later(now(), propagationDelay)
  for (let count = 0, last: Types.ObjectId | null = null; ; count += portion) {
    const some: { _id: Types.ObjectId }[] = await Scores.find(
      { ...(last && { _id: { $gt: last } }), model: { $lt: version } },
      { _id: 1 },
    )
      .sort({ _id: 1 })
      .limit(portion)
    if (!some.length) break
    for (let from = 0; from < some.length; from += peopleAMinute) {
      const ids = some.slice(from, from + peopleAMinute).map(({ _id }) => _id)
      const dueAt = later(start, minutes((count + from) / peopleAMinute))
      await Scores.updateMany({ _id: { $in: ids } }, { $set: { dueAt } })
    }
    last = some.at(-1)!._id
  }
  wakeWorker.emit('due', 'scores')
}

/** Returns the versions, newest first. */
export async function modelHistory(): Promise<Model[]> {
  const versions = await Models.find({ _id: { $gt: 0 } }, { _id: 1 })
    .sort({ _id: -1 })
    .limit(200)
  const read = await Promise.all(versions.map(({ _id }) => modelVersion(_id)))
  return read.filter(version => version !== null)
}
