import { decode, decodeCommand } from './decode'
import { encode } from './encode'
import { serverError } from './errors'
import { isDoc, type Doc, type Value } from './value'
import { makeYieldTimer, yieldPoint } from './yielding'

/**
 * MongoDB manual, "MongoDB Wire Protocol":
 * https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
 */
const opcodes = { reply: 1, query: 2004, message: 2013 }
const maxMessage = 48_000_000

/** A request of a client. */
export interface Request {
  id: number
  opcode: number
  command: Doc
  /** The client does not expect a reply (the moreToCome flag). */
  noReply: boolean
}

/**
 * Splits a stream of bytes into messages.
 *
 * @returns a function that takes the next chunk, and returns false when the bytes cannot be a message
 */
export function makeMessageReader(onMessage: (message: Buffer) => void): (chunk: Buffer) => boolean {
  /** Fewer than the four bytes of a length. */
  let head = Buffer.alloc(0)
  let unfinished: { message: Buffer; filled: number } | undefined
  return chunk => {
    let rest = chunk
    while (rest.length > 0) {
      if (!unfinished) {
        if (head.length > 0) rest = Buffer.concat([head, rest])
        head = rest.length < 4 ? Buffer.from(rest) : Buffer.alloc(0)
        if (rest.length < 4) return true
        const length = rest.readInt32LE(0)
        if (length < 16 || length > maxMessage) return false
        unfinished = { message: Buffer.allocUnsafe(length), filled: 0 }
      }
      const { message, filled } = unfinished
      const taken = rest.copy(message, filled)
      rest = rest.subarray(taken)
      unfinished.filled += taken
      if (unfinished.filled < message.length) continue
      unfinished = undefined
      onMessage(message)
    }
    return true
  }
}

/** Work that yields to others on the way to its result. */
type InTurns<T> = Generator<typeof yieldPoint, T, undefined>

/**
 * Decodes a request, with yield points, because a message may have 48 MB.
 *
 * @throws 115 for an unsupported opcode, 2 for a malformed message, 22 for invalid BSON
 */
export function* readRequest(message: Buffer): InTurns<Request> {
  const id = message.readInt32LE(4)
  const opcode = message.readInt32LE(12)
  if (opcode === opcodes.message) return { id, opcode, ...(yield* readSections(message)) }
  if (opcode === opcodes.query) return { id, opcode, command: readQuery(message), noReply: false }
  throw serverError(115, `Opcode ${opcode} is not supported`)
}

const checksumPresent = 1
const moreToCome = 2

function* readSections(message: Buffer): InTurns<{ command: Doc; noReply: boolean }> {
  const flags = message.readUInt32LE(16)
  if (flags & 0xfffc) throw serverError(2, `The message has unknown flags ${flags}`)
  const end = message.length - (flags & checksumPresent ? 4 : 0)
  let at = 20
  let command: Doc | undefined
  const sequences: Array<[string, Value[]]> = []
  while (at < end) {
    const kind = message[at]!
    if (kind !== 0 && kind !== 1) throw serverError(2, `The message has a section of unknown kind ${kind}`)
    const next = at + 1 + readLength(message, at + 1, end)
    if (kind === 1) sequences.push(yield* readSequence(message, at + 1, next))
    else if (command) throw serverError(2, 'The message has two bodies')
    else command = yield* decodeCommand(message, at + 1)
    at = next
  }
  if (!command) throw serverError(2, 'The message has no body')
  for (const [name, docs] of sequences) {
    if (command.has(name)) throw serverError(2, `The message has '${name}' twice`)
    command.set(name, docs)
  }
  return { command, noReply: (flags & moreToCome) !== 0 }
}

/**
 * Reads the length of a document or a sequence at `at`, which includes its own four bytes.
 *
 * @throws 22 when it is shorter than an empty document, or leads beyond `end`
 */
function readLength(message: Buffer, at: number, end: number): number {
  const length = at + 4 <= end ? message.readInt32LE(at) : 0
  if (length < 5 || at + length > end) throw serverError(22, 'The length of a section is wrong')
  return length
}

function* readSequence(message: Buffer, start: number, end: number): InTurns<[string, Value[]]> {
  const nameEnd = message.subarray(0, end).indexOf(0, start + 4)
  if (nameEnd < 0) throw serverError(22, 'The name of a section is not terminated')
  const docs: Value[] = []
  const due = makeYieldTimer(1)
  let at = nameEnd + 1
  while (at < end) {
    const length = readLength(message, at, end)
    docs.push(decode(message, at))
    at += length
    if (due()) yield yieldPoint
  }
  return [message.toString('utf8', start + 4, nameEnd), docs]
}

/**
 * Reads an OP_QUERY. Drivers use it for their first hello, before they know the server; everything else uses
 * OP_MSG.
 *
 * @throws 352 for anything but a command
 */
function readQuery(message: Buffer): Doc {
  const nameEnd = message.indexOf(0, 20)
  if (nameEnd < 0) throw serverError(22, 'The name of the collection is not terminated')
  const namespace = message.toString('utf8', 20, nameEnd)
  const query = decode(message, nameEnd + 9)
  const inner = query.get('$query') ?? query.get('query')
  const command: Doc = isDoc(inner) ? inner : query
  if (!namespace.endsWith('.$cmd')) throw serverError(352, 'Unsupported OP_QUERY command')
  return new Map([...command, ['$db', namespace.slice(0, -5)]])
}

/** Encodes the reply to a request as OP_MSG, or as OP_REPLY for an OP_QUERY. */
export function writeReply(request: Pick<Request, 'id' | 'opcode'>, body: Doc | Buffer): Buffer {
  const bytes = Buffer.isBuffer(body) ? body : encode(body)
  const isQuery = request.opcode === opcodes.query
  const head = Buffer.alloc(isQuery ? 36 : 21)
  head.writeInt32LE(head.length + bytes.length, 0)
  head.writeInt32LE(request.id, 8)
  head.writeInt32LE(isQuery ? opcodes.reply : opcodes.message, 12)
  if (isQuery) {
    head.writeInt32LE(8, 16)
    head.writeInt32LE(1, 32)
  }
  return Buffer.concat([head, bytes])
}
