import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Reads LMDB's data file without LMDB, which maps the file into memory and trusts every byte: a damaged page makes it
 * end the process by a signal. The format is that of the LMDB in lmdb 3.5.6: `MDB_page`, `MDB_node` and `MDB_meta` of
 * `dependencies/lmdb/libraries/liblmdb/mdb.c` in its package. Every number is little-endian.
 */
export interface DataFile {
  pageSize: number
  /** The number of the last transaction. */
  transaction: bigint
  /** How many entries it has. */
  entries: number
  /** Yields the pages that hold the entries, in the order of the keys, and reports what is damaged instead. */
  leaves(report: (damage: Damage) => void): Generator<Leaf>
  /** Reports what is damaged in the list of free pages. Call it after `leaves`, since a free page is in no tree. */
  checkFreePages(report: (damage: Damage) => void): void
  close(): void
}

/** A page that isn't as LMDB writes it. */
export interface Damage {
  page: number
  /** Where the page begins in the file, in bytes. */
  offset: number
  /** Completes the sentence "Page 7 …". */
  problem: string
  /** The keys that the page should hold: from (inclusive) and to (exclusive), where known. */
  from?: Buffer
  to?: Buffer
}

/** A page of entries. It is valid until the next one is read. */
export interface Leaf {
  page: number
  offset: number
  count: number
  key(index: number): Buffer
  /** Reads the value. Its own page may be elsewhere: see `valueOffset`. */
  value(index: number): Buffer
  /** Where the value begins in the file, in bytes. */
  valueOffset(index: number): number
}

interface Tree {
  isMain: boolean
  root: number
  depth: number
}

interface Meta {
  pageSize: number
  lastPage: number
  transaction: bigint
  entries: number
  free: Tree
  main: Tree
}

const headerBytes = 24
const nodeHeaderBytes = 8
/** What stands in a leaf for a value on pages of its own: number of the first page, transaction, number of pages. */
const overflowBytes = 24
const pageFlags = { branch: 1, leaf: 2, overflow: 4, meta: 8 }
const bigValue = 1
const maxDepth = 32
/** The size of the map that LMDB is opened with, in bytes. */
export const mapBytes = 2 ** 38

/** A file that LMDB must not open. The message says what to do. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile'

  /** @param problem completes the sentence "The file …" */
  constructor(path: string, problem: string) {
    super(
      `the file ${path} ${problem}. Restore a backup with ` +
        `"npm run store -- restore --replace --folder ${dirname(path)} --from BACKUP", which keeps the file beside it.`,
    )
  }
}

/** Says what is wrong with a page, as a part of a sentence about its file. */
export function describeDamage({ page, offset, problem }: Damage): string {
  return `page ${page}, at byte ${offset}, ${problem}`
}

/**
 * Opens the file and reads its two headers (meta pages).
 *
 * @throws DamagedFile when it isn't a data file of this version of LMDB
 */
export function openDataFile(path: string): DataFile {
  const fd = openSync(path, 'r')
  try {
    const stat = fstatSync(fd)
    const problem = stat.isFile() ? (stat.size === 0 ? 'is empty' : undefined) : 'is not a file'
    const meta = problem ?? readNewestMeta(fd)
    if (typeof meta === 'string') throw new DamagedFile(path, meta)
    return makeDataFile(fd, meta)
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/**
 * Checks every page that LMDB could read, except for the content of documents and keys.
 *
 * @throws DamagedFile at the first page that could make LMDB fail
 */
export function checkDataFile(path: string): void {
  const file = openDataFile(path)
  try {
    const report = (damage: Damage) => {
      // The pages of a transaction that another process writes during the check look damaged. That process owns the
      // folder, so the lock refuses this one.
      if (readTransaction(path) === file.transaction)
        throw new DamagedFile(path, `is damaged: ${describeDamage(damage)}`)
    }
    for (const _ of file.leaves(report));
    file.checkFreePages(report)
  } finally {
    file.close()
  }
}

function readTransaction(path: string): bigint {
  const file = openDataFile(path)
  file.close()
  return file.transaction
}

/**
 * Returns the header of the last transaction, or what is wrong. Transactions write the two headers in turn, and LMDB
 * needs both.
 */
function readNewestMeta(fd: number): Meta | string {
  const first = readMeta(fd, 0)
  if (typeof first === 'string') return first
  const second = readMeta(fd, first.pageSize)
  if (typeof second === 'string') return second
  const apart = second.transaction - first.transaction
  const areInTurn = first.transaction % 2n === 0n && (apart === 1n || apart === -1n)
  if (second.pageSize !== first.pageSize || !areInTurn) return damagedHeader
  return second.transaction > first.transaction ? second : first
}

const damagedHeader = 'is damaged in its header'

function readMeta(fd: number, offset: number): Meta | string {
  const bytes = Buffer.alloc(headerBytes + 144)
  if (readSync(fd, bytes, 0, bytes.length, offset) < bytes.length) return 'is cut off in its header'
  const meta = bytes.subarray(headerBytes)
  if (bytes.readUInt16LE(18) !== pageFlags.meta || meta.readUInt32LE(0) !== 0xbeefc0de) return damagedHeader
  if ((meta.readUInt32LE(4) & 0xffff) !== 2) return 'was written by another version of LMDB'
  const pageSize = meta.readUInt32LE(24)
  const lastPage = Number(meta.readBigUInt64LE(120))
  const [free, main] = [24, 72].map(at => ({
    isMain: at === 72,
    root: Number(meta.readBigInt64LE(at + 40)),
    depth: meta.readUInt16LE(at + 6),
  })) as [Tree, Tree]
  const isPageSize = pageSize >= 512 && pageSize <= 65_536 && (pageSize & (pageSize - 1)) === 0
  // The trees have no other flags than that the keys of the free pages are integers, and none for duplicate keys.
  const hasFlags = (meta.readUInt16LE(28) & 0x7f) === 8 && (meta.readUInt16LE(76) & 0x7f) === 0
  const fits = lastPage >= 1 && (lastPage + 1) * pageSize <= mapBytes && meta.readBigUInt64LE(8) === 0n
  if (!isPageSize || !hasFlags || !fits || free.depth > maxDepth || main.depth > maxDepth)
    return damagedHeader
  return {
    pageSize,
    lastPage,
    transaction: meta.readBigUInt64LE(128),
    entries: Number(meta.readBigUInt64LE(104)),
    free,
    main,
  }
}

function makeDataFile(fd: number, { pageSize, lastPage, transaction, entries, free, main }: Meta): DataFile {
  /** A bit for each page that is in one of the trees. */
  const used = new Uint8Array((lastPage >> 3) + 1)
  const pages = new Map<string, Buffer>()
  const header = Buffer.alloc(headerBytes)

  /** Marks pages as used. Returns the problem when they are outside the file or used elsewhere. */
  function claim(first: number, count: number): string | undefined {
    if (!(first >= 2 && count >= 1 && first + count - 1 <= lastPage)) return 'is outside the file'
    for (let page = first; page < first + count; page++) {
      if (used[page >> 3]! & (1 << (page & 7))) return 'is used twice'
      used[page >> 3]! |= 1 << (page & 7)
    }
    return undefined
  }

  /** Returns the buffer of one level of a tree, so that reading allocates nothing. */
  function bufferOf(tree: Tree, level: number): Buffer {
    const name = `${tree.isMain} ${level}`
    if (!pages.has(name)) pages.set(name, Buffer.from(new ArrayBuffer(pageSize)))
    return pages.get(name)!
  }

  function* walk(
    tree: Tree,
    page: number,
    level: number,
    report: (damage: Damage) => void,
    from?: Buffer,
    to?: Buffer,
  ): Generator<Leaf> {
    const offset = page * pageSize
    const tell = (problem: string) => report({ page, offset, problem, from, to })
    const outside = claim(page, 1)
    if (outside) return tell(outside)
    const bytes = bufferOf(tree, level)
    if (readSync(fd, bytes, 0, pageSize, offset) < pageSize) return tell('is beyond the end of the file')
    const problem =
      headProblem(bytes, page, level > 1, transaction) ?? nodesProblem(bytes, level > 1, tree, from, to)
    if (problem) return tell(problem)
    const nodes = nodesOf(bytes)
    if (level === 1) {
      for (const damage of overflowDamages(bytes, nodes)) report({ ...damage, from, to })
      yield makeLeaf(page, bytes, nodes)
      return
    }
    for (let i = 0; i < nodes.length; i++) {
      const [node, next] = [nodes[i]!, nodes[i + 1]]
      yield* walk(
        tree,
        bytes.readUIntLE(node, 6),
        level - 1,
        report,
        i > 0 ? keyAt(bytes, node) : from,
        next === undefined ? to : keyAt(bytes, next),
      )
    }
  }

  /** Checks the values that have pages of their own. */
  function* overflowDamages(bytes: Buffer, nodes: number[]): Generator<Damage> {
    for (const node of nodes) {
      if (!(bytes.readUInt16LE(node + 4) & bigValue)) continue
      const { first, count, writtenBy } = overflowAt(bytes, node)
      const needed = Math.floor((headerBytes - 1 + bytes.readUInt32LE(node)) / pageSize) + 1
      const outside = count < needed ? 'is too short for its value' : claim(first, count)
      const at = { page: first, offset: first * pageSize }
      if (outside) yield { ...at, problem: outside }
      else if (readSync(fd, header, 0, headerBytes, at.offset) < headerBytes || isCutOff(first, count))
        yield { ...at, problem: 'is beyond the end of the file' }
      else if (
        writtenBy > transaction ||
        header.readBigUInt64LE(8) > transaction ||
        Number(header.readBigUInt64LE(0)) !== first ||
        header.readUInt16LE(18) !== pageFlags.overflow ||
        header.readUInt32LE(20) !== count
      )
        yield { ...at, problem: 'has a damaged head' }
    }
  }

  function isCutOff(first: number, count: number): boolean {
    return fstatSync(fd).size < (first + count) * pageSize
  }

  function makeLeaf(page: number, bytes: Buffer, nodes: number[]): Leaf {
    const isBig = (node: number) => (bytes.readUInt16LE(node + 4) & bigValue) !== 0
    const valueStart = (node: number) => node + nodeHeaderBytes + bytes.readUInt16LE(node + 6)
    const valueOffset = (index: number) => {
      const node = nodes[index]!
      return isBig(node)
        ? overflowAt(bytes, node).first * pageSize + headerBytes
        : page * pageSize + valueStart(node)
    }
    return {
      page,
      offset: page * pageSize,
      count: nodes.length,
      key: index => keyAt(bytes, nodes[index]!),
      value: index => {
        const node = nodes[index]!
        const size = bytes.readUInt32LE(node)
        if (!isBig(node)) return bytes.subarray(valueStart(node), valueStart(node) + size)
        const value = Buffer.allocUnsafe(size)
        readSync(fd, value, 0, size, valueOffset(index))
        return value
      },
      valueOffset,
    }
  }

  return {
    pageSize,
    transaction,
    entries,
    leaves: function* (report) {
      if (main.root !== -1) yield* walk(main, main.root, main.depth, report)
    },
    checkFreePages: report => {
      if (free.root === -1) return
      for (const leaf of walk(free, free.root, free.depth, report))
        for (let i = 0; i < leaf.count; i++) {
          const problem = freeListProblem(leaf.value(i), lastPage, used)
          if (problem) report({ page: leaf.page, offset: leaf.offset, problem })
        }
    },
    close: () => closeSync(fd),
  }
}

/**
 * Checks the number, transaction and kind of a page, which its first 24 bytes say. LMDB changes a page of a later
 * transaction in place, where it can't write.
 */
function headProblem(
  bytes: Buffer,
  page: number,
  isBranch: boolean,
  transaction: bigint,
): string | undefined {
  const kind = isBranch ? pageFlags.branch : pageFlags.leaf
  const isRight =
    Number(bytes.readBigUInt64LE(0)) === page &&
    bytes.readUInt16LE(18) === kind &&
    bytes.readBigUInt64LE(8) <= transaction
  return isRight ? undefined : 'has a damaged head'
}

/**
 * Checks the entries of a page: they fill it from the end without gaps, their keys ascend, and the keys are those that
 * belong on the page.
 */
function nodesProblem(
  bytes: Buffer,
  isBranch: boolean,
  { isMain }: Tree,
  from?: Buffer,
  to?: Buffer,
): string | undefined {
  const words = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
  const [lower, upper] = [words[10]!, words[11]!]
  const count = lower >> 1
  const isBounded = lower % 2 === 0 && lower <= upper && upper <= bytes.length - headerBytes
  if (!isBounded || count < (isBranch && isMain ? 2 : 1)) return 'has a damaged head'
  let filled = 0
  let previous = -1
  for (let i = 0; i < count; i++) {
    const pointer = words[12 + i]!
    const node = headerBytes + pointer
    if (pointer < upper || pointer % 2 !== 0 || node + nodeHeaderBytes > bytes.length)
      return 'has an entry outside the page'
    const word = node >> 1
    const [flags, keySize] = [words[word + 2]!, words[word + 3]!]
    let size = nodeHeaderBytes + keySize
    if (!isBranch) {
      if (flags > bigValue) return 'has an entry of an unknown kind'
      size += flags === bigValue ? overflowBytes : words[word]! + words[word + 1]! * 65_536
    }
    if (node + size > bytes.length) return 'has an entry outside the page'
    filled += size + (size % 2)
    // The first key of a branch is never read.
    const isFirst = i === 0 && isBranch
    if (!isFirst && (isMain ? keySize === 0 : keySize !== 8)) return 'has an entry without a key'
    if (previous !== -1 && !isBefore(bytes, previous, node, isMain)) return 'has keys out of order'
    previous = isFirst ? -1 : node
  }
  if (filled !== bytes.length - headerBytes - upper) return 'has entries that overlap'
  const [first, last] = [headerBytes + words[12]!, headerBytes + words[11 + count]!]
  const isInside =
    !isMain ||
    ((!from || isBranch || keyAt(bytes, first).compare(from) >= 0) &&
      (!to || keyAt(bytes, last).compare(to) < 0))
  return isInside ? undefined : 'has keys that belong elsewhere'
}

/** Compares the keys of two entries: byte by byte, or as integers of 8 bytes. A loop is faster than two views here. */
function isBefore(bytes: Buffer, a: number, b: number, isMain: boolean): boolean {
  const [startA, startB] = [a + nodeHeaderBytes, b + nodeHeaderBytes]
  if (!isMain) return bytes.readBigUInt64LE(startA) < bytes.readBigUInt64LE(startB)
  const [sizeA, sizeB] = [bytes[a + 6]! + bytes[a + 7]! * 256, bytes[b + 6]! + bytes[b + 7]! * 256]
  for (let i = 0; i < sizeA; i++) {
    if (i === sizeB) return false
    const difference = bytes[startA + i]! - bytes[startB + i]!
    if (difference !== 0) return difference < 0
  }
  return sizeA < sizeB
}

function nodesOf(bytes: Buffer): number[] {
  const nodes: number[] = new Array(bytes.readUInt16LE(20) >> 1)
  for (let i = 0; i < nodes.length; i++) nodes[i] = headerBytes + bytes.readUInt16LE(headerBytes + 2 * i)
  return nodes
}

function keyAt(bytes: Buffer, node: number): Buffer {
  const start = node + nodeHeaderBytes
  return bytes.subarray(start, start + bytes.readUInt16LE(node + 6))
}

function overflowAt(bytes: Buffer, node: number): { first: number; count: number; writtenBy: bigint } {
  const start = node + nodeHeaderBytes + bytes.readUInt16LE(node + 6)
  return {
    first: Number(bytes.readBigUInt64LE(start)),
    writtenBy: bytes.readBigUInt64LE(start + 8),
    count: Number(bytes.readBigUInt64LE(start + 16)),
  }
}

/**
 * Checks one list of free pages: its length, then page numbers, negative lengths of blocks, which start at the page
 * that follows, and zeros, which mean nothing.
 */
function freeListProblem(list: Buffer, lastPage: number, used: Uint8Array): string | undefined {
  const length = list.length >= 8 ? Number(list.readBigInt64LE(0)) : -1
  if (length < 0 || (length + 1) * 8 > list.length) return 'has a damaged list of free pages'
  for (let i = 1; i <= length; i++) {
    const entry = Number(list.readBigInt64LE(i * 8))
    if (entry === 0) continue
    if (entry < 0 && i === length) return 'has a damaged list of free pages'
    const [first, count] = entry > 0 ? [entry, 1] : [Number(list.readBigInt64LE(++i * 8)), -entry]
    // What is left of a block that was used up.
    if (first === 0) continue
    if (first < 2 || count < 1 || first + count - 1 > lastPage) return 'has a damaged list of free pages'
    for (let page = first; page < first + count; page++)
      if (used[page >> 3]! & (1 << (page & 7))) return `lists page ${page} as free, which is used`
  }
  return undefined
}
