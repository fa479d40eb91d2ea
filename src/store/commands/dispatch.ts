import { appendFileSync } from 'node:fs'
import { Double } from 'bson'
import { encode, type Reply } from '../encode'
import { isServerError, serverError, type ServerError } from '../errors'
import { sessionId } from '../session'
import { runSteps, type StepResult, type Stepwise } from '../stepwise'
import type { Doc, Value } from '../value'
import { administration } from './administration'
import {
  checkApi,
  checkFields,
  deadlineOf,
  writeConcernError,
  type Call,
  type Command,
  type Commands,
  type Connection,
  type Database,
  type LongWrite,
} from './command'
import { connection, operationTimeFields } from './connection'
import { reads } from './reads'
import { writes } from './writes'

const commands: Commands = { ...connection, ...reads, ...writes, ...administration }

/**
 * Runs one command and returns the BSON of its reply. Server errors and bugs become a reply with `ok: 0`.
 *
 * @throws the failure after which the store must stop
 */
export async function runCommand(database: Database, command: Doc, connection?: Connection): Promise<Buffer> {
  try {
    const name = command.keys().next().value ?? ''
    const db = command.get('$db')
    if (typeof db !== 'string' || db === '')
      throw serverError(40414, "BSON field 'OpMsgRequest.$db' is missing but a required field")
    const handler = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (!handler) throw serverError(59, `no such command: '${name}'`)
    const call: Call = { database, db, command, name, connection }
    checkFields(call, handler)
    checkApi(name, command)
    if (handler.write || handler.writeInSteps) return await runWrite(call, handler)
    return encode(withOk(await handler.read!(call)))
  } catch (error) {
    if (isServerError(error)) return encode(errorReply(command, error))
    if (error instanceof Error && 'fatal' in error) throw error
    // A bug in the store. Nothing was changed, and one command must not end all the others.
    process.stderr.write(
      `The store failed in ${command.keys().next().value}: ${error instanceof Error ? error.stack : String(error)}\n`,
    )
    return encode(errorReply(command, serverError(1, `The embedded store failed: ${String(error)}`)))
  }
}

/** Runs a write. A retried one gets its first reply again, or goes on where the first try was cut off. */
async function runWrite(call: Call, handler: Command): Promise<Buffer> {
  const { storage, sessions } = call.database
  const deadline = deadlineOf(call)
  const session = sessionId(call.command)
  const number = call.command.get('txnNumber')
  if (!handler.retryable || !session || typeof number !== 'bigint')
    return runSteps(storage, replying(call, openWrite(call, handler, [])), deadline)
  return sessions.runAlone(session, number, () => {
    const parts = sessions.findParts(session, number)
    const work = replying(call, openWrite(call, handler, parts))
    return runSteps(storage, retryable(call.database, session, number, work, parts.length), deadline)
  })
}

function openWrite(call: Call, handler: Command, parts: Value[]): LongWrite {
  if (handler.writeInSteps) return handler.writeInSteps(call, parts)
  return { step: () => ({ isDone: true, result: handler.write!(call) }) }
}

/** A write whose result is the BSON of its reply. */
interface RepliedWrite extends Stepwise<Buffer> {
  step(isOver: () => boolean): StepResult<Buffer> & { part?: Value }
}

function replying(call: Call, work: LongWrite): RepliedWrite {
  return {
    ...work,
    step: isOver => {
      const step = work.step(isOver)
      if (!step.isDone) return step
      const unsatisfied = writeConcernError(call.command)
      if (unsatisfied) step.result.set('writeConcernError', unsatisfied)
      return { ...step, result: encode(withOk(step.result)) }
    },
  }
}

/** Stores what each step does, and at the end the reply, in the transaction of the step. */
function retryable(
  { sessions }: Database,
  session: Buffer,
  number: bigint,
  work: RepliedWrite,
  firstPart: number,
): Stepwise<Buffer> {
  let part = firstPart
  return {
    ...work,
    step: isOver => {
      const before = sessions.findReply(session, number)
      if (before) return { isDone: true, result: before }
      const step = work.step(isOver)
      const now = new Date()
      if (step.isDone) sessions.saveReply(session, number, step.result, now, part)
      else if (step.part !== undefined) sessions.savePart(session, number, part, step.part, now)
      const committed = () => {
        step.committed?.()
        if (step.part !== undefined) part++
      }
      return { ...step, committed }
    },
  }
}

function withOk(reply: Reply): Reply {
  reply.set('ok', new Double(1))
  for (const [name, value] of operationTimeFields()) reply.set(name, value)
  return reply
}

function errorReply(command: Doc, { message, code, codeName, extra = {} }: ServerError): Doc {
  logError(command, code, message)
  return new Map<string, Value>([
    ['ok', new Double(0)],
    ['errmsg', message],
    ['code', code],
    ['codeName', codeName],
    ...(Object.entries(extra) as Array<[string, Value]>),
  ])
}

/**
 * Appends each error to the file that the tests name, so that they can check that none was about an
 * unsupported feature.
 */
function logError(command: Doc, code: number, message: string): void {
  const file = process.env.LYCEUM_STORE_ERROR_LOG
  if (!file) return
  const [name, db] = [command.keys().next().value, command.get('$db')]
  appendFileSync(file, `${JSON.stringify({ db, name, code, message })}\n`)
}
