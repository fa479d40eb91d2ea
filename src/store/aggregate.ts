import { notImplemented, refusal } from './errors'
import { makeGroup } from './group'
import { checkFieldName } from './expression'
import { parseFilter } from './filter'
import { compileFilter } from './match'
import { toWhole } from './number'
import { paced, pause, type Paced } from './pause'
import {
  compileAddFields,
  compileProjection,
  compileReplaceRoot,
  compileUnset,
  type Transform,
} from './project'
import { sorted } from './scan'
import { parseSort } from './sort'
import { makeUnwind } from './unwind'
import { isDoc, isNumber, toFloat, type Doc, type Value } from './value'

export type Stage = (source: Paced<Doc>) => Paced<Doc>

type MakeStage = (argument: Value) => Stage

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation-pipeline/ */
const stages: Record<string, MakeStage> = {
  $match: argument => {
    if (!isDoc(argument)) throw refusal(15959, 'the match filter must be an expression in an object')
    const test = compileFilter(parseFilter(argument))
    return filterDocs(test)
  },
  $project: argument => {
    if (!isDoc(argument)) throw refusal(15969, '$project specification must be an object')
    return mapDocs(compileProjection(argument))
  },
  $addFields: argument => addFields(argument, '$addFields'),
  $set: argument => addFields(argument, '$set'),
  $unset: argument => mapDocs(compileUnset(argument)),
  $replaceRoot: argument => {
    if (!isDoc(argument)) throw refusal(40229, 'expected an object as specification for $replaceRoot stage')
    for (const name of argument.keys())
      if (name !== 'newRoot') throw refusal(40415, `BSON field '$replaceRoot.${name}' is an unknown field.`)
    if (!argument.has('newRoot'))
      throw refusal(40414, "BSON field '$replaceRoot.newRoot' is missing but a required field")
    return mapDocs(compileReplaceRoot(argument.get('newRoot')!))
  },
  $replaceWith: argument => mapDocs(compileReplaceRoot(argument)),
  $sort: argument => {
    if (!isDoc(argument)) throw refusal(15973, 'the $sort key specification must be an object')
    const fields = parseSort(argument)
    if (fields.length === 0) throw refusal(15976, '$sort stage must have at least one sort key')
    return source => sorted(source, fields, doc => doc)
  },
  $limit: argument => {
    const limit = wholeArgument('$limit', argument, { type: 5107201, negative: 5107201 })
    if (limit === 0n) throw refusal(15958, 'the limit must be positive')
    return source => take(source, Number(limit))
  },
  $skip: argument => {
    const skip = wholeArgument('$skip', argument, { type: 5107200, negative: 5107200 })
    return source => drop(source, Number(skip))
  },
  $count: argument => {
    if (typeof argument !== 'string') throw refusal(40156, 'the count field must be a non-empty string')
    if (argument === '') throw refusal(40157, 'the count field must be a non-empty string')
    if (argument.startsWith('$')) throw refusal(40158, 'the count field cannot be a $-prefixed path')
    if (argument.includes('\0')) throw refusal(40159, 'the count field cannot contain a null byte')
    if (argument.includes('.')) throw refusal(40160, "the count field cannot contain '.'")
    return source => count(source, argument)
  },
  $unwind: makeUnwind,
  $group: makeGroup,
  $sortByCount: argument => {
    const isText = typeof argument === 'string'
    if (isText ? !argument.startsWith('$') : !isDoc(argument) || ![...argument.keys()][0]?.startsWith('$'))
      throw refusal(
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
    return source => sorted(group(source), sort, doc => doc)
  },
  $facet: argument => {
    if (!isDoc(argument) || argument.size === 0)
      throw refusal(40169, 'the $facet specification must be a non-empty object')
    const facets = [...argument].map(([name, pipeline]) => {
      checkFieldName(name)
      if (!Array.isArray(pipeline)) throw refusal(40170, 'arguments to $facet must be arrays')
      for (const stage of pipeline) {
        if (isDoc(stage) && outer.some(own => stage.has(own)))
          throw refusal(40600, `${[...stage.keys()][0]} is not allowed to be used within a $facet stage`)
      }
      return [name, compilePipeline(pipeline)] as const
    })
    return source => facet(source, facets)
  },
}

/** Those that $facet does not take. */
const outer = ['$facet', '$out', '$merge', '$geoNear', '$collStats', '$indexStats']

export const stageNames = Object.keys(stages)

const known = new Set([
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

export function compilePipeline(pipeline: Value[]): Stage {
  const made = pipeline.map(compileStage)
  return source => made.reduce((flow, stage) => stage(flow), source)
}

function compileStage(stage: Value): Stage {
  if (!isDoc(stage)) throw refusal(14, "Each element of the 'pipeline' array must be an object")
  if (stage.size !== 1)
    throw refusal(40323, 'A pipeline stage specification object must contain exactly one field.')
  const [[name, argument]] = stage as unknown as [[string, Value]]
  if (Object.hasOwn(stages, name)) return stages[name]!(argument)
  if (known.has(name)) throw notImplemented(`the stage ${name}`)
  throw refusal(40324, `Unrecognized pipeline stage name: '${name}'`)
}

/** The stages that an update may be made of: https://www.mongodb.com/docs/manual/reference/method/db.collection.updateOne/#update-with-an-aggregation-pipeline */
export function compileUpdatePipeline(pipeline: Value[]): Transform {
  const allowed = ['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']
  const made = pipeline.map(stage => {
    const name = isDoc(stage) ? [...stage.keys()][0] : undefined
    if (name !== undefined && name in stages && !allowed.includes(name))
      throw refusal(72, `${name} is not allowed to be used within an update`)
    return compileStage(stage)
  })
  return doc => {
    const flow = made.reduce((source, stage) => stage(source), one(doc))
    for (const result of flow) if (result !== pause) return result as Doc
    return doc
  }
}

function* one(doc: Doc): Paced<Doc> {
  yield doc
}

function addFields(argument: Value, name: string): Stage {
  if (!isDoc(argument)) throw refusal(40272, `${name} specification stage must be an object`)
  return mapDocs(compileAddFields(argument, name))
}

function mapDocs(transform: Transform): Stage {
  return function* (source) {
    for (const doc of source) yield doc === pause ? pause : transform(doc as Doc)
  }
}

function filterDocs(test: (doc: Doc) => boolean): Stage {
  return function* (source) {
    for (const doc of source) if (doc === pause || test(doc as Doc)) yield doc
  }
}

function wholeArgument(stage: string, value: Value, codes: { type: number; negative: number }): bigint {
  if (!isNumber(value)) throw refusal(codes.type, `invalid argument to ${stage} stage: Expected a number`)
  const whole = toWhole(value)
  if (
    whole === undefined ||
    (Number.isFinite(toFloat(value)) && Math.trunc(toFloat(value)) !== toFloat(value))
  )
    throw refusal(codes.type, `invalid argument to ${stage} stage: Cannot represent as a 64-bit integer`)
  if (whole < 0n)
    throw refusal(codes.negative, `invalid argument to ${stage} stage: Expected a non-negative number`)
  return whole
}

function* take(source: Paced<Doc>, limit: number): Paced<Doc> {
  let taken = 0
  for (const doc of source) {
    yield doc
    if (doc !== pause && ++taken >= limit) return
  }
}

function* drop(source: Paced<Doc>, skip: number): Paced<Doc> {
  let skipped = 0
  for (const doc of source) if (doc === pause || skipped++ >= skip) yield doc
}

function* count(source: Paced<Doc>, name: string): Paced<Doc> {
  let counted = 0
  for (const doc of source) {
    if (doc === pause) yield pause
    else counted++
  }
  if (counted > 0) yield new Map([[name, counted]])
}

function* facet(source: Paced<Doc>, facets: ReadonlyArray<readonly [string, Stage]>): Paced<Doc> {
  const docs: Doc[] = []
  for (const doc of source) {
    if (doc === pause) yield pause
    else docs.push(doc as Doc)
  }
  const result: Doc = new Map()
  for (const [name, stage] of facets) {
    const found: Value[] = []
    for (const doc of stage(paced(docs))) {
      if (doc === pause) yield pause
      else found.push(doc as Doc)
    }
    result.set(name, found)
  }
  yield result
}
