import { decode } from './decode'
import { encode } from './encode'
import { serverError } from './errors'
import { isDoc, type Doc, type Value } from './value'

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
  let chunks: Buffer[] = []
  let size = 0
  return chunk => {
    chunks.push(chunk)
    size += chunk.length
    for (;;) {
      if (size < 4) return true
      if (chunks[0]!.length < 4) chunks = [Buffer.concat(chunks)]
      const length = chunks[0]!.readInt32LE(0)
      if (length < 16 || length > maxMessage) return false
      if (size < length) return true
      const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
      onMessage(all.subarray(0, length))
      size -= length
      chunks = size > 0 ? [all.subarray(length)] : []
    }
  }
}

/**
 * Decodes a request.
 *
 * @throws 115 for an unsupported opcode, 2 for a malformed message, 22 for invalid BSON
 */
export function readRequest(message: Buffer): Request {
  const id = message.readInt32LE(4)
  const opcode = message.readInt32LE(12)
  if (opcode === opcodes.message) return { id, opcode, ...readSections(message) }
  if (opcode === opcodes.query) return { id, opcode, command: readQuery(message), noReply: false }
  throw serverError(115, `Opcode ${opcode} is not supported`)
}

const checksumPresent = 1
const moreToCome = 2

function readSections(message: Buffer): { command: Doc; noReply: boolean } {
  const flags = message.readUInt32LE(16)
  if (flags & 0xfffc) throw serverError(2, `The message has unknown flags ${flags}`)
  const end = message.length - (flags & checksumPresent ? 4 : 0)
  let at = 20
  let command: Doc | undefined
  const sequences: Array<[string, Value[]]> = []
  while (at < end) {
    const kind = message[at]!
    const size = message.readInt32LE(at + 1)
    if (kind === 0) command = decode(message, at + 1)
    else if (kind === 1) sequences.push(readSequence(message, at + 1, at + 1 + size))
    else throw serverError(2, `The message has a section of unknown kind ${kind}`)
    at += 1 + size
  }
  if (!command) throw serverError(2, 'The message has no body')
  for (const [name, docs] of sequences) command.set(name, docs)
  return { command, noReply: (flags & moreToCome) !== 0 }
}

function readSequence(message: Buffer, start: number, end: number): [string, Value[]] {
  const nameEnd = message.indexOf(0, start + 4)
  const docs: Value[] = []
  let at = nameEnd + 1
  while (at < end) {
    docs.push(decode(message, at))
    at += message.readInt32LE(at)
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
