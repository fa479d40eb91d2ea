import type { Collection } from './catalog'
import type { Result } from './cursor'
import { compilePipeline } from './aggregate'
import { parseFilter, type Filter } from './filter'
import { toIndex } from './number'
import { pause, type Paced } from './pause'
import { choosePlan, type Plan } from './plan'
import { compileFindProjection } from './project'
import { docOf, peek, type Row } from './records'
import { scan, sorted, type Source } from './scan'
import { parseSort, type SortField } from './sort'
import { matchedPosition } from './positions'
import { isDoc, type Doc, type Value } from './value'

/** A query that is ready to run, and to be explained. */
export interface Query {
  plan: Plan
  sort: SortField[]
  /** Names of the stages after the access, for explain. */
  after: string[]
  run(): Paced<Result>
}

export interface Find {
  filter: Doc
  sort: Doc
  projection: Doc
  skip: number
  limit: number
}

export function planFind(source: Source, collection: Collection | undefined, find: Find): Query {
  const filter = parseFilter(find.filter)
  const sort = parseSort(find.sort)
  const plan = choosePlan(collection, filter, sort)
  const project = compileFindProjection(find.projection, (doc, path) => matchedPosition(filter, doc, path))
  const shape = (row: Row): Result => (find.projection.size > 0 ? project(docOf(row)) : row.bytes)
  return {
    plan,
    sort,
    after: find.projection.size > 0 ? ['PROJECTION'] : [],
    run: () => {
      let rows = scan(source, collection, plan)
      const most = find.limit > 0 ? find.skip + find.limit : Infinity
      if (!plan.sorted) rows = sorted(rows, sort, peek, most, row => row.bytes.length)
      return page(rows, find.skip, find.limit, shape)
    },
  }
}

function* page<T>(source: Paced<Row>, skip: number, limit: number, shape: (row: Row) => T): Paced<T> {
  let seen = 0
  for (const row of source) {
    if (row === pause) yield pause
    else if (seen++ >= skip) {
      yield shape(row as Row)
      if (limit > 0 && seen >= skip + limit) return
    }
  }
}

/** The first stages of a pipeline become the plan: filters, a sort, and the limit right behind it. */
export function planPipeline(source: Source, collection: Collection | undefined, pipeline: Value[]): Query {
  const run = compilePipeline(pipeline)
  let at = 0
  const filters: Filter[] = []
  for (; nameOf(pipeline[at]) === '$match'; at++) filters.push(parseFilter(argumentOf(pipeline[at]!) as Doc))
  let sort: SortField[] = []
  if (nameOf(pipeline[at]) === '$sort') sort = parseSort(argumentOf(pipeline[at++]!) as Doc)
  const filter: Filter = filters.length === 1 ? filters[0]! : { op: '$and', filters }
  const plan = choosePlan(collection, filter, sort)
  const rest = pipeline.slice(at)
  const stages = at === 0 ? run : compilePipeline(rest)
  const most = limitOf(rest)
  return {
    plan,
    sort,
    after: rest.map(stage => nameOf(stage)!),
    run: () => {
      let rows = scan(source, collection, plan)
      if (!plan.sorted) rows = sorted(rows, sort, peek, most, row => row.bytes.length)
      if (rest.length === 0) return bytesOf(rows)
      return stages(onlyCounts(rest[0]!) ? blanks(rows) : docsOf(rows))
    },
  }
}

function nameOf(stage: Value | undefined): string | undefined {
  return isDoc(stage) ? stage.keys().next().value : undefined
}

function argumentOf(stage: Value): Value {
  return (stage as Doc).values().next().value!
}

/** How many sorted documents the stages after can take at most. */
function limitOf(stages: Value[]): number {
  let skipped = 0
  for (const stage of stages) {
    const amount = toIndex(argumentOf(stage)) ?? 0
    if (nameOf(stage) === '$limit') return skipped + amount
    if (nameOf(stage) !== '$skip') return Infinity
    skipped += amount
  }
  return Infinity
}

/** Whether a stage counts documents without looking into them, as countDocuments of the driver asks. */
function onlyCounts(stage: Value): boolean {
  if (nameOf(stage) === '$count') return true
  const group = argumentOf(stage)
  if (nameOf(stage) !== '$group' || !isDoc(group)) return false
  return [...group].every(([name, value]) => {
    const inner = name !== '_id' && isDoc(value) ? value.get('$sum') : value
    return inner === null || typeof inner === 'number'
  })
}

const blank: Doc = new Map()

function* blanks(rows: Paced<Row>): Paced<Doc> {
  for (const row of rows) yield row === pause ? pause : blank
}

function* docsOf(rows: Paced<Row>): Paced<Doc> {
  for (const row of rows) yield row === pause ? pause : docOf(row as Row)
}

function* bytesOf(rows: Paced<Row>): Paced<Result> {
  for (const row of rows) yield row === pause ? pause : (row as Row).bytes
}

/** https://www.mongodb.com/docs/manual/reference/explain-results/: as much of it as tells which index is used. */
export function explain(namespace: string, query: Query): Doc {
  const planner = new Map<string, Value>([
    ['namespace', namespace],
    ['indexFilterSet', false],
    ['winningPlan', winning(query)],
    ['rejectedPlans', []],
  ])
  return planner
}

function winning({ plan, sort, after }: Query): Doc {
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
      ['inputStage', stage],
    ])
  if (after[0] === 'PROJECTION')
    stage = new Map<string, Value>([
      ['stage', 'PROJECTION_DEFAULT'],
      ['inputStage', stage],
    ])
  return stage
}

function indexStage({ index, reverse, ranges }: Extract<Plan['access'], { stage: 'IXSCAN' }>): Doc {
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
  ])
}
