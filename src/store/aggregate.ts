import { notImplemented, serverError } from './errors'
import { checkFieldName } from './expression'
import { parseFilter } from './filter'
import { makeGroup } from './group'
import { compileFilter } from './match'
import { memoryOf, openAccount } from './memory'
import { toLong } from './number'
import {
  compileAddFields,
  compileProjection,
  compileReplaceRoot,
  compileUnset,
  type Transform,
} from './projection'
import { sortDocuments } from './scan'
import { parseSort, type SortField } from './sort'
import { Stage } from './stage'
import { makeUnwind } from './unwind'
import { isDoc, isNumber, toFloat, type Doc, type Value } from './value'
import { withYieldPoints, yieldPoint, type Yielding } from './yielding'

type MakeStage = (argument: Value) => Stage

/**
 * The pipeline stages, by name. MongoDB manual, "Aggregation Stages":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation-pipeline/
 */
const stages: Record<string, MakeStage> = {
  $match: argument => {
    if (!isDoc(argument)) throw serverError(15959, 'the match filter must be an expression in an object')
    const test = compileFilter(parseFilter(argument))
    return filterDocs(test)
  },
  $project: argument => {
    if (!isDoc(argument)) throw serverError(15969, '$project specification must be an object')
    return mapDocs(compileProjection(argument))
  },
  $addFields: argument => addFields(argument, '$addFields'),
  $set: argument => addFields(argument, '$set'),
  $unset: argument => mapDocs(compileUnset(argument)),
  $replaceRoot: argument => {
    if (!isDoc(argument))
      throw serverError(40229, 'expected an object as specification for $replaceRoot stage')
    for (const name of argument.keys())
      if (name !== 'newRoot')
        throw serverError(40415, `BSON field '$replaceRoot.${name}' is an unknown field.`)
    if (!argument.has('newRoot'))
      throw serverError(40414, "BSON field '$replaceRoot.newRoot' is missing but a required field")
    return mapDocs(compileReplaceRoot(argument.get('newRoot')!))
  },
  $replaceWith: argument => mapDocs(compileReplaceRoot(argument)),
  $sort: argument => {
    if (!isDoc(argument)) throw serverError(15973, 'the $sort key specification must be an object')
    const fields = parseSort(argument)
    if (fields.length === 0) throw serverError(15976, '$sort stage must have at least one sort key')
    return source => sortDocs(source, fields)
  },
  $limit: argument => {
    const limit = longArgument('$limit', argument, { type: 5107201, negative: 5107201 })
    if (limit === 0n) throw serverError(15958, 'the limit must be positive')
    return source => take(source, Number(limit))
  },
  $skip: argument => {
    const skip = longArgument('$skip', argument, { type: 5107200, negative: 5107200 })
    return source => drop(source, Number(skip))
  },
  $count: argument => {
    if (typeof argument !== 'string') throw serverError(40156, 'the count field must be a non-empty string')
    if (argument === '') throw serverError(40157, 'the count field must be a non-empty string')
    if (argument.startsWith('$')) throw serverError(40158, 'the count field cannot be a $-prefixed path')
    if (argument.includes('\0')) throw serverError(40159, 'the count field cannot contain a null byte')
    if (argument.includes('.')) throw serverError(40160, "the count field cannot contain '.'")
    return source => count(source, argument)
  },
  $unwind: makeUnwind,
  $group: makeGroup,
  $sortByCount: argument => {
    const isText = typeof argument === 'string'
    if (isText ? !argument.startsWith('$') : !isDoc(argument) || ![...argument.keys()][0]?.startsWith('$'))
      throw serverError(
        isText ? 40148 : isDoc(argument) ? 40147 : 40149,
        'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
      )
    const group = makeGroup(
      new Map<string, Value>([
        ['_id', argument],
        ['count', new Map([['$sum', 1]])],
      ]),
    )
    const sort = parseSort(new Map([['count', -1]]))
    return source => sortDocs(group(source), sort)
  },
  $facet: argument => {
    if (!isDoc(argument) || argument.size === 0)
      throw serverError(40169, 'the $facet specification must be a non-empty object')
    const facets = [...argument].map(([name, pipeline]) => {
      checkFieldName(name)
      if (!Array.isArray(pipeline)) throw serverError(40170, 'arguments to $facet must be arrays')
      for (const stage of pipeline) {
        if (isDoc(stage) && notInFacet.some(own => stage.has(own)))
          throw serverError(40600, `${[...stage.keys()][0]} is not allowed to be used within a $facet stage`)
      }
      return [name, compilePipeline(pipeline)] as const
    })
    return source => facet(source, facets)
  },
}

/** The stages that $facet does not allow inside its pipelines. */
const notInFacet = ['$facet', '$out', '$merge', '$geoNear', '$collStats', '$indexStats']

/** The names of the supported stages. The tests compare them with the ones that the application uses. */
export const stageNames = Object.keys(stages)

const unsupportedStages = new Set([
  '$bucket',
  '$bucketAuto',
  '$changeStream',
  '$collStats',
  '$currentOp',
  '$densify',
  '$documents',
  '$fill',
  '$geoNear',
  '$graphLookup',
  '$indexStats',
  '$listLocalSessions',
  '$listSessions',
  '$lookup',
  '$merge',
  '$out',
  '$planCacheStats',
  '$redact',
  '$sample',
  '$search',
  '$searchMeta',
  '$setWindowFields',
  '$shardedDataDistribution',
  '$unionWith',
  '$vectorSearch',
])

/**
 * Compiles an aggregation pipeline.
 *
 * @returns one stage that runs all of them in order
 * @throws 14 or 40323 for a stage that is not an object with exactly one field, 238 for a stage that only
 *   MongoDB has, 40324 for an unknown stage, and whatever a stage throws for its own argument
 */
export function compilePipeline(pipeline: Value[]): Stage {
  const compiled = pipeline.map(compileStage)
  return source => compiled.reduce((flow, stage) => stage(flow), source)
}

function compileStage(stage: Value): Stage {
  if (!isDoc(stage)) throw serverError(14, "Each element of the 'pipeline' array must be an object")
  if (stage.size !== 1)
    throw serverError(40323, 'A pipeline stage specification object must contain exactly one field.')
  const [name, argument] = stage.entries().next().value!
  if (Object.hasOwn(stages, name)) return stages[name]!(argument)
  if (unsupportedStages.has(name)) throw notImplemented(`the stage ${name}`)
  throw serverError(40324, `Unrecognized pipeline stage name: '${name}'`)
}

/**
 * Compiles the pipeline of an update. MongoDB manual, "Update with an Aggregation Pipeline":
 * https://www.mongodb.com/docs/manual/reference/method/db.collection.updateOne/#update-with-an-aggregation-pipeline
 *
 * @throws 72 for a stage that an update does not allow, and everything that `compilePipeline` throws
 */
export function compileUpdatePipeline(pipeline: Value[]): Transform {
  const allowed = ['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']
  const compiled = pipeline.map(stage => {
    const name = isDoc(stage) ? [...stage.keys()][0] : undefined
    if (name !== undefined && name in stages && !allowed.includes(name))
      throw serverError(72, `${name} is not allowed to be used within an update`)
    return compileStage(stage)
  })
  return doc => {
    const flow = compiled.reduce((source, stage) => stage(source), single(doc))
    for (const result of flow) if (result !== yieldPoint) return result as Doc
    return doc
  }
}

function* single(doc: Doc): Yielding<Doc> {
  yield doc
}

function sortDocs(source: Yielding<Doc>, fields: SortField[]): Yielding<Doc> {
  return sortDocuments(
    source,
    fields,
    doc => doc,
    Infinity,
    item => ({ item, bytes: memoryOf(item) }),
  )
}

function addFields(argument: Value, name: string): Stage {
  if (!isDoc(argument)) throw serverError(40272, `${name} specification stage must be an object`)
  return mapDocs(compileAddFields(argument, name))
}

function mapDocs(transform: Transform): Stage {
  return function* (source) {
    for (const doc of source) yield doc === yieldPoint ? yieldPoint : transform(doc as Doc)
  }
}

function filterDocs(test: (doc: Doc) => boolean): Stage {
  return function* (source) {
    for (const doc of source) if (doc === yieldPoint || test(doc as Doc)) yield doc
  }
}

function longArgument(stage: string, value: Value, codes: { type: number; negative: number }): bigint {
  if (!isNumber(value)) throw serverError(codes.type, `invalid argument to ${stage} stage: Expected a number`)
  const whole = toLong(value)
  if (
    whole === undefined ||
    (Number.isFinite(toFloat(value)) && Math.trunc(toFloat(value)) !== toFloat(value))
  )
    throw serverError(codes.type, `invalid argument to ${stage} stage: Cannot represent as a 64-bit integer`)
  if (whole < 0n)
    throw serverError(codes.negative, `invalid argument to ${stage} stage: Expected a non-negative number`)
  return whole
}

function* take(source: Yielding<Doc>, limit: number): Yielding<Doc> {
  let taken = 0
  for (const doc of source) {
    yield doc
    if (doc !== yieldPoint && ++taken >= limit) return
  }
}

function* drop(source: Yielding<Doc>, skip: number): Yielding<Doc> {
  let skipped = 0
  for (const doc of source) if (doc === yieldPoint || skipped++ >= skip) yield doc
}

function* count(source: Yielding<Doc>, name: string): Yielding<Doc> {
  let counted = 0
  for (const doc of source) {
    if (doc === yieldPoint) yield yieldPoint
    else counted++
  }
  if (counted > 0) yield new Map([[name, counted]])
}

function* facet(source: Yielding<Doc>, facets: ReadonlyArray<readonly [string, Stage]>): Yielding<Doc> {
  const account = openAccount('$facet')
  try {
    const docs: Doc[] = []
    for (const doc of source) {
      if (doc === yieldPoint) {
        yield yieldPoint
        continue
      }
      docs.push(doc as Doc)
      account.add(memoryOf(doc as Doc))
    }
    const result: Doc = new Map()
    for (const [name, stage] of facets) {
      const found: Value[] = []
      for (const doc of stage(withYieldPoints(docs))) {
        if (doc === yieldPoint) {
          yield yieldPoint
          continue
        }
        found.push(doc as Doc)
        account.add(memoryOf(doc as Doc))
      }
      result.set(name, found)
    }
    yield result
  } finally {
    account.release()
  }
}
