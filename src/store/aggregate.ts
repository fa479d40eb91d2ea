import { notImplemented, refusal } from './errors'
import { makeAccumulator } from './accumulators'
import { compileIn, scopeOf } from './expression'
import { identity } from './keys'
import { compileFilter, parseFilter } from './match'
import { toWhole } from './number'
import { makePacer, pause, type Paced } from './pause'
import {
  compileAddFields,
  compileProjection,
  compileReplaceRoot,
  compileUnset,
  type Transform,
} from './project'
import { sorted } from './scan'
import { parseSort } from './sort'
import { isDoc, isNumber, toFloat, type Doc, type Value } from './value'

export type Stage = (source: Paced<Doc>) => Paced<Doc>

/** What stages may ask of the database: other collections by name. */
export interface Surroundings {
  vars: ReadonlySet<string>
}

type MakeStage = (argument: Value, around: Surroundings) => Stage

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation-pipeline/ */
const stages: Record<string, MakeStage> = {
  $match: argument => {
    if (!isDoc(argument)) throw refusal(15959, 'the match filter must be an expression in an object')
    const test = compileFilter(parseFilter(argument))
    return filterDocs(test)
  },
  $project: (argument, { vars }) => {
    if (!isDoc(argument)) throw refusal(15969, '$project specification must be an object')
    return mapDocs(compileProjection(argument, { forFind: false, vars }))
  },
  $addFields: (argument, { vars }) => addFields(argument, '$addFields', vars),
  $set: (argument, { vars }) => addFields(argument, '$set', vars),
  $unset: argument => mapDocs(compileUnset(argument)),
  $replaceRoot: (argument, { vars }) => {
    if (!isDoc(argument)) throw refusal(40229, 'expected an object as specification for $replaceRoot stage')
    for (const name of argument.keys())
      if (name !== 'newRoot') throw refusal(40415, `BSON field '$replaceRoot.${name}' is an unknown field.`)
    if (!argument.has('newRoot'))
      throw refusal(40414, "BSON field '$replaceRoot.newRoot' is missing but a required field")
    return mapDocs(compileReplaceRoot(argument.get('newRoot')!, vars))
  },
  $replaceWith: (argument, { vars }) => mapDocs(compileReplaceRoot(argument, vars)),
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
  $sortByCount: (argument, around) => {
    if (isDoc(argument) ? ![...argument.keys()][0]?.startsWith('$') : typeof argument !== 'string')
      throw refusal(40149, 'the sortByCount field must be defined as a $-prefixed path or an expression')
    if (typeof argument === 'string' && !argument.startsWith('$'))
      throw refusal(
        40148,
        'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
      )
    const group = makeGroup(
      new Map<string, Value>([
        ['_id', argument],
        ['count', new Map([['$sum', 1]])],
      ]),
      around,
    )
    const sort = parseSort(new Map([['count', -1]]))
    return source => sorted(group(source), sort, doc => doc)
  },
  $facet: (argument, around) => {
    if (!isDoc(argument) || argument.size === 0)
      throw refusal(40169, 'the $facet specification must be a non-empty object')
    const facets = [...argument].map(([name, pipeline]) => {
      if (name === '' || name.includes('.') || name.startsWith('$'))
        throw refusal(40161, `invalid name of a facet: '${name}'`)
      if (!Array.isArray(pipeline)) throw refusal(40170, 'arguments to $facet must be arrays')
      for (const stage of pipeline)
        if (isDoc(stage) && (stage.has('$facet') || stage.has('$out') || stage.has('$merge')))
          throw refusal(40600, `${[...stage.keys()][0]} is not allowed to be used within a $facet stage`)
      return [name, compilePipeline(pipeline, around)] as const
    })
    return source => facet(source, facets)
  },
}

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

export function compilePipeline(pipeline: Value[], around: Surroundings = { vars: new Set() }): Stage {
  const made = pipeline.map(stage => compileStage(stage, around))
  return source => made.reduce((flow, stage) => stage(flow), source)
}

export function compileStage(stage: Value, around: Surroundings = { vars: new Set() }): Stage {
  if (!isDoc(stage)) throw refusal(14, "Each element of the 'pipeline' array must be an object")
  if (stage.size !== 1)
    throw refusal(40323, 'A pipeline stage specification object must contain exactly one field.')
  const [[name, argument]] = stage as unknown as [[string, Value]]
  if (Object.hasOwn(stages, name)) return stages[name]!(argument, around)
  if (known.has(name)) throw notImplemented(`the stage ${name}`)
  throw refusal(40324, `Unrecognized pipeline stage name: '${name}'`)
}

/** The stages that an update may be made of: https://www.mongodb.com/docs/manual/reference/method/db.collection.updateOne/#update-with-an-aggregation-pipeline */
export function compileUpdatePipeline(pipeline: Value[], vars: ReadonlySet<string>): Transform {
  const allowed = ['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']
  const made = pipeline.map(stage => {
    const name = isDoc(stage) ? [...stage.keys()][0] : undefined
    if (name !== undefined && name in stages && !allowed.includes(name))
      throw refusal(72, `${name} is not allowed to be used within an update`)
    return compileStage(stage, { vars })
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

function addFields(argument: Value, name: string, vars: ReadonlySet<string>): Stage {
  if (!isDoc(argument)) throw refusal(40272, `${name} specification stage must be an object`)
  return mapDocs(compileAddFields(argument, name, vars))
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
    for (const doc of stage(from(docs))) {
      if (doc === pause) yield pause
      else found.push(doc as Doc)
    }
    result.set(name, found)
  }
  yield result
}

function* from(docs: Doc[]): Paced<Doc> {
  const due = makePacer()
  for (const doc of docs) {
    yield doc
    if (due()) yield pause
  }
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/unwind/ */
function makeUnwind(argument: Value): Stage {
  const spec: Doc = isDoc(argument) ? argument : new Map([['path', argument]])
  if (!isDoc(argument) && typeof argument !== 'string')
    throw refusal(15981, 'expected either a string or an object as specification for $unwind stage')
  for (const name of spec.keys())
    if (!['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'].includes(name))
      throw refusal(28811, `unrecognized option to $unwind stage: ${name}`)
  const path = spec.get('path')
  if (path === undefined) throw refusal(28812, 'no path specified to $unwind stage')
  if (typeof path !== 'string') throw refusal(28808, 'expected a string as the path for $unwind stage')
  if (!path.startsWith('$'))
    throw refusal(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`)
  const preserve = spec.get('preserveNullAndEmptyArrays') ?? false
  if (typeof preserve !== 'boolean')
    throw refusal(28809, 'expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage')
  const position = spec.get('includeArrayIndex')
  if (position !== undefined && (typeof position !== 'string' || position === ''))
    throw refusal(28810, 'expected a non-empty string for the includeArrayIndex option to $unwind stage')
  if (typeof position === 'string' && position.startsWith('$'))
    throw refusal(
      28822,
      `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${position}`,
    )
  compileIn(path, new Set())
  const parts = path.slice(1).split('.')
  return source => unwind(source, parts, preserve, position as string | undefined)
}

function* unwind(
  source: Paced<Doc>,
  parts: string[],
  preserve: boolean,
  position: string | undefined,
): Paced<Doc> {
  const due = makePacer()
  for (const doc of source) {
    if (doc === pause) {
      yield pause
      continue
    }
    let value: Value | undefined = doc as Doc
    for (const part of parts) value = isDoc(value) ? value.get(part) : undefined
    const number = (result: Doc, at: bigint | null) =>
      position ? setPath(result, position.split('.'), at) : result
    if (Array.isArray(value) && value.length > 0) {
      for (const [i, item] of value.entries()) {
        yield number(setPath(doc as Doc, parts, item), BigInt(i))
        if (due()) yield pause
      }
    } else if (Array.isArray(value)) {
      if (preserve) yield number(setPath(doc as Doc, parts, undefined), null)
    } else if (value === undefined || value === null) {
      if (preserve) yield number(doc as Doc, null)
    } else yield number(doc as Doc, null)
  }
}

function setPath(doc: Doc, parts: string[], value: Value | undefined): Doc {
  const changed: Doc = new Map(doc)
  const [name, ...rest] = parts as [string, ...string[]]
  const inner = doc.get(name)
  if (rest.length > 0) changed.set(name, setPath(isDoc(inner) ? inner : new Map(), rest, value))
  else if (value === undefined) changed.delete(name)
  else changed.set(name, value)
  return changed
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/ */
function makeGroup(argument: Value, { vars }: Surroundings): Stage {
  if (!isDoc(argument)) throw refusal(15947, "a group's fields must be specified in an object")
  if (!argument.has('_id')) throw refusal(15955, 'a group specification must include an _id')
  const evaluate = compileIn(argument.get('_id')!, vars)
  const fields = [...argument]
    .filter(([name]) => name !== '_id')
    .map(([name, spec]) => {
      if (name.includes('.')) throw refusal(40235, `The field name '${name}' cannot contain '.'`)
      if (name.startsWith('$')) throw refusal(40236, `The field name '${name}' cannot be an operator name`)
      return { name, make: makeAccumulator(name, spec, vars) }
    })
  return function* (source) {
    const groups = new Map<
      string,
      { id: Value; values: Array<ReturnType<ReturnType<typeof makeAccumulator>>> }
    >()
    for (const doc of source) {
      if (doc === pause) {
        yield pause
        continue
      }
      const scope = scopeOf(doc as Doc)
      const id = evaluate(scope) ?? null
      const key = identity(id)
      let group = groups.get(key)
      if (!group) groups.set(key, (group = { id, values: fields.map(({ make }) => make()) }))
      for (const value of group.values) value.take(scope)
    }
    for (const { id, values } of groups.values()) {
      const doc: Doc = new Map([['_id', id]])
      for (const [i, { name }] of fields.entries()) {
        const value = values[i]!.result()
        if (value !== undefined) doc.set(name, value)
      }
      yield doc
    }
  }
}
