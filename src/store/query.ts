import { compilePipeline } from './aggregate'
import type { IndexScan } from './candidates'
import type { Collection } from './catalog'
import type { Result } from './cursor'
import { parseFilter, type Filter } from './filter'
import { toSafeInteger } from './number'
import { choosePlan, type Considered, type Plan } from './plan'
import { matchedPosition } from './positional'
import { compileFindProjection } from './projection'
import { decodeRow, type Row } from './row'
import { countRows, nothingExamined, rowsInOrder, type Examined, type Source } from './scan'
import { parseSort, type SortField } from './sort'
import { isDoc, type Doc, type Value } from './value'
import { makeYieldTimer, yieldPoint, type Yielding } from './yielding'

/** A planned query. It can be run or explained. */
export interface Query {
  plan: Plan
  sort: SortField[]
  /** The names of the stages after the access path, for explain. */
  laterStages: string[]
  /** What running the query has read so far. */
  examined: Examined
  run(): Yielding<Result>
}

/** The arguments of find. A limit of 0 means no limit. */
export interface FindOptions {
  filter: Doc
  sort: Doc
  projection: Doc
  skip: number
  limit: number
}

/** Plans a find. Throws what parsing the filter, the sort and the projection throws. */
export function planFind(source: Source, collection: Collection | undefined, find: FindOptions): Query {
  const filter = parseFilter(find.filter)
  const sort = parseSort(find.sort)
  const maxRows = find.limit > 0 ? find.skip + find.limit : Infinity
  const plan = choosePlan(source.storage, collection, filter, { sort, limit: maxRows })
  const examined = nothingExamined()
  const project = compileFindProjection(find.projection, (doc, path) => matchedPosition(filter, doc, path))
  const shape = (row: Row): Result => (find.projection.size > 0 ? project(decodeRow(row)) : row.bytes)
  return {
    plan,
    sort,
    laterStages: find.projection.size > 0 ? ['PROJECTION'] : [],
    examined,
    run: () =>
      page(rowsInOrder(source, collection, plan, sort, maxRows, examined), find.skip, find.limit, shape),
  }
}

function* page<T>(source: Yielding<Row>, skip: number, limit: number, shape: (row: Row) => T): Yielding<T> {
  let seen = 0
  for (const row of source) {
    if (row === yieldPoint) yield yieldPoint
    else if (seen++ >= skip) {
      yield shape(row as Row)
      if (limit > 0 && seen >= skip + limit) return
    }
  }
}

/**
 * Plans an aggregation. The access path executes its leading $match stages and a $sort after them; a $limit
 * after the $sort bounds how many documents are held for sorting.
 */
export function planPipeline(source: Source, collection: Collection | undefined, pipeline: Value[]): Query {
  const run = compilePipeline(pipeline)
  let at = 0
  const filters: Filter[] = []
  for (; stageName(pipeline[at]) === '$match'; at++)
    filters.push(parseFilter(stageArgument(pipeline[at]!) as Doc))
  let sort: SortField[] = []
  if (stageName(pipeline[at]) === '$sort') sort = parseSort(stageArgument(pipeline[at++]!) as Doc)
  const filter: Filter = filters.length === 1 ? filters[0]! : { op: '$and', filters }
  const rest = pipeline.slice(at)
  const stages = at === 0 ? run : compilePipeline(rest)
  const maxRows = limitOf(rest)
  const plan = choosePlan(source.storage, collection, filter, { sort, limit: maxRows })
  const examined = nothingExamined()
  return {
    plan,
    sort,
    laterStages: rest.map(stage => stageName(stage)!),
    examined,
    run: () => {
      const isCount = onlyCounts(rest)
      if (isCount && plan.isExact) {
        const counting = countRows(source, collection, plan, maxRows)
        const total = totalIn(rest)
        return total ? total(counting) : stages(asManyBlanks(counting))
      }
      const rows = rowsInOrder(source, collection, plan, sort, maxRows, examined)
      if (rest.length === 0) return bytesOf(rows)
      return stages(isCount ? blanks(rows) : docsOf(rows))
    },
  }
}

function stageName(stage: Value | undefined): string | undefined {
  return isDoc(stage) ? stage.keys().next().value : undefined
}

function stageArgument(stage: Value): Value {
  return (stage as Doc).values().next().value!
}

/** Returns how many sorted documents the remaining stages can use at most. */
function limitOf(stages: Value[]): number {
  let skipped = 0
  for (const stage of stages) {
    const amount = toSafeInteger(stageArgument(stage)) ?? 0
    if (stageName(stage) === '$limit') return skipped + amount
    if (stageName(stage) !== '$skip') return Infinity
    skipped += amount
  }
  return Infinity
}

/**
 * Returns true when stages only count documents, as countDocuments() of the driver does. They need not be decoded
 * then.
 */
function onlyCounts(stages: Value[]): boolean {
  const stage = stages.find(each => !['$skip', '$limit'].includes(stageName(each) ?? ''))
  if (stageName(stage) === '$count') return true
  const group = stage && stageArgument(stage)
  if (stageName(stage) !== '$group' || !isDoc(group)) return false
  return [...group].every(([name, value]) => {
    const inner = name !== '_id' && isDoc(value) ? value.get('$sum') : value
    return inner === null || typeof inner === 'number'
  })
}

/**
 * Returns how the count of documents becomes the result of stages as countDocuments() of the driver sends them, without
 * counting one by one: `$limit`, then a `$group` with a constant and `$sum: 1`. Undefined for others.
 */
function totalIn(
  stages: Value[],
): ((counting: Generator<typeof yieldPoint, number, undefined>) => Yielding<Doc>) | undefined {
  const group = stageName(stages.at(-1)) === '$group' ? (stageArgument(stages.at(-1)!) as Doc) : undefined
  const [id, sum, ...others] = [...(group ?? [])]
  const isPlain = id?.[0] === '_id' && isDoc(sum?.[1]) && sum[1].get('$sum') === 1 && others.length === 0
  const before = stages.slice(0, -1)
  if (!isPlain || before.length > 1 || before.some(stage => stageName(stage) !== '$limit')) return undefined
  const most = limitOf(before)
  return function* (counting) {
    const count = yield* counting
    if (count > 0) yield new Map<string, Value>([id, [sum[0], Math.min(count, most)]])
  }
}

const blank: Doc = new Map()

function* blanks(rows: Yielding<Row>): Yielding<Doc> {
  for (const row of rows) yield row === yieldPoint ? yieldPoint : blank
}

function* asManyBlanks(counting: Generator<typeof yieldPoint, number, undefined>): Yielding<Doc> {
  const count = yield* counting
  const due = makeYieldTimer()
  for (let i = 0; i < count; i++) {
    yield blank
    if (due()) yield yieldPoint
  }
}

function* docsOf(rows: Yielding<Row>): Yielding<Doc> {
  for (const row of rows) yield row === yieldPoint ? yieldPoint : decodeRow(row as Row)
}

function* bytesOf(rows: Yielding<Row>): Yielding<Result> {
  for (const row of rows) yield row === yieldPoint ? yieldPoint : (row as Row).bytes
}

/**
 * Returns the part of an explain result that shows which indexes a query uses. MongoDB manual, "Explain
 * Results":
 * https://www.mongodb.com/docs/manual/reference/explain-results/
 */
export function explain(namespace: string, query: Query): Doc {
  const planner = new Map<string, Value>([
    ['namespace', namespace],
    ['indexFilterSet', false],
    ['winningPlan', winningPlan(query)],
    ['rejectedPlans', rejectedScans(query.plan).map(indexStage)],
    ['reason', query.plan.reason],
    ['considered', query.plan.considered.map(describeConsidered)],
  ])
  return planner
}

function rejectedScans({ access, first, considered }: Plan): IndexScan[] {
  const scans = considered.map(({ candidate }) => candidate.scan)
  return scans.filter(scan => scan !== access && scan !== first?.access)
}

/** Shows how many keys of an index were counted to choose a plan. MongoDB shows no such thing. */
function describeConsidered({ candidate, keys, isMore }: Considered): Doc {
  return new Map<string, Value>([
    ['indexName', candidate.scan.index.name],
    ['countedKeys', keys],
    ['hasMoreKeys', isMore],
    ['inOrder', candidate.sorted],
  ])
}

function winningPlan({ plan, sort, laterStages }: Query): Doc {
  const { access } = plan
  let stage: Doc
  if (access.stage === 'COLLSCAN' || access.stage === 'EOF')
    stage = new Map<string, Value>([
      ['stage', access.stage],
      ['direction', 'forward'],
    ])
  else if (access.stage === 'OR') {
    const scans = access.scans.map(indexStage)
    stage = new Map<string, Value>([
      ['stage', 'FETCH'],
      [
        'inputStage',
        new Map<string, Value>([
          ['stage', 'OR'],
          ['inputStages', scans],
        ]),
      ],
    ])
  } else
    stage = new Map<string, Value>([
      ['stage', 'FETCH'],
      ['inputStage', indexStage(access)],
    ])
  if (!plan.sorted)
    stage = new Map<string, Value>([
      ['stage', 'SORT'],
      ['sortPattern', new Map(sort.map(({ path, direction }) => [path, direction as Value]))],
      ...(plan.first ? [['triedFirst', indexStage(plan.first.access)] as [string, Value]] : []),
      ['inputStage', stage],
    ])
  if (laterStages[0] === 'PROJECTION')
    stage = new Map<string, Value>([
      ['stage', 'PROJECTION_DEFAULT'],
      ['inputStage', stage],
    ])
  return stage
}

function indexStage({ index, reverse, ranges, narrowedBy }: IndexScan): Doc {
  return new Map<string, Value>([
    ['stage', 'IXSCAN'],
    ['keyPattern', index.spec.get('key')!],
    ['indexName', index.name],
    ['isMultiKey', index.multikey.some(Boolean)],
    ['isUnique', index.unique],
    ['isSparse', index.sparse],
    ['isPartial', index.partial !== undefined],
    ['direction', reverse ? 'backward' : 'forward'],
    ['ranges', ranges.length],
    ...(narrowedBy.length ? [['narrowedBy', narrowedBy.map(other => other.index.name)] as const] : []),
  ])
}
