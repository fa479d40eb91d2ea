import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'

const isWindows = process.platform === 'win32'

/** The path of a Unix socket is limited to about 107 bytes (`sun_path` in unix(7)). */
const maxSocketPathBytes = 100

/** The folder of sockets in a data folder. */
export const socketFolderOf = (folder: string) => join(folder, 'run')

/**
 * Chooses where to listen. Other users of the machine cannot enter the socket's folder; on Windows they
 * cannot guess the name of the named pipe.
 */
export function chooseAddress(folder: string, socketFolder?: string): ShortAddress {
  const name = `${randomBytes(8).toString('hex')}.sock`
  if (isWindows) return { address: `\\\\.\\pipe\\lyceum-${name}`, clean: () => {} }
  const home = socketFolder ?? socketFolderOf(folder)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  chmodSync(home, 0o700)
  const socket = join(home, name)
  const short = shorten(socket)
  const clean = () => {
    rmSync(socket, { force: true })
    short.clean()
  }
  return { address: short.address, clean }
}

/** An address to connect to, and what removes the way there. */
type ShortAddress = { address: string; clean: () => void }

/** Returns a path to a socket that isn't too long for the system: where it is, a link leads to the socket's folder. */
function shorten(socket: string): ShortAddress {
  if (isWindows || Buffer.byteLength(socket) <= maxSocketPathBytes)
    return { address: socket, clean: () => {} }
  const temporary = mkdtempSync(join(tmpdir(), 'lyceum-'))
  symlinkSync(dirname(socket), join(temporary, 'run'))
  return {
    address: join(temporary, 'run', basename(socket)),
    clean: () => rmSync(temporary, { recursive: true, force: true }),
  }
}

/** Listens on an address that only this user can reach. */
export async function listen(
  address: string,
  serve: (socket: Socket) => void,
): Promise<ReturnType<typeof createServer>> {
  const server = createServer(serve)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, resolve)
  })
  if (!isWindows) chmodSync(address, 0o600)
  return server
}

/**
 * The owner of a data folder is named by the symbolic link `owner.N` with the highest number. Its target is the owner's
 * address, relative to the folder if it is inside. A link needs no block of a full disk.
 */
const ownerFile = /^owner\.(\d{1,12})$/
/** How often a claim is tried while others come first. */
const maxClaims = 1000

/** Returns the numbers of the links that name an owner, the highest first. */
function ownerNumbers(folder: string): number[] {
  const numbers = readdirSync(folder).flatMap(name => ownerFile.exec(name)?.[1] ?? [])
  return numbers.map(Number).sort((a, b) => b - a)
}

const ownerPath = (folder: string, number: number) => join(folder, `owner.${number}`)

/** Returns the address of an owner, or undefined when there is no such link any more. */
function readOwner(folder: string, number: number): string | undefined {
  const path = ownerPath(folder, number)
  try {
    const address = isWindows ? readFileSync(path, 'utf8') : readlinkSync(path)
    return isWindows ? address : resolve(folder, address)
  } catch {
    return undefined
  }
}

/** Returns where a socket is, without links. */
const socketOf = (address: string) => join(realpathSync(dirname(address)), basename(address))

/** Adds an owner. Returns false when there is one with this number already. */
function addOwner(folder: string, number: number, address: string): boolean {
  const inside = isWindows ? address : relative(realpathSync(folder), socketOf(address))
  try {
    if (isWindows) writeFileSync(ownerPath(folder, number), address, { flag: 'wx' })
    else symlinkSync(inside.startsWith('..') ? socketOf(address) : inside, ownerPath(folder, number))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Takes ownership of a data folder, before its file is opened, for a process that listens on `address`. LMDB must not
 * open a file that another process writes, not even to read it: `mdb_env_open2` of LMDB 1.0 resets the number of the
 * last transaction to the one that it has just read, and the writer then overwrites the transaction it has made since.
 *
 * An owner counts as alive as long as something listens on its address, so a killed process leaves no stale lock. A
 * new owner adds the link with the next number, which fails if another process was faster. The highest link is never
 * removed, so a process that acted on an outdated list either fails or finds a number higher than its own, and
 * withdraws. The ownership ends when nothing listens on the address any more, so close the file first.
 *
 * @throws Error when another process has the folder open
 */
export async function takeOwnership(folder: string, address: string): Promise<void> {
  for (let claims = 0; claims < maxClaims; claims++) {
    const [last = 0] = ownerNumbers(folder)
    const owners = last === 0 ? formerOwners(folder, address) : [readOwner(folder, last)]
    for (const owner of owners) if (owner && (await isAlive(owner))) throw openElsewhere(folder, owner)
    const number = last + 1
    if (!addOwner(folder, number, address)) continue
    const [highest, ...others] = ownerNumbers(folder)
    if (highest !== number) {
      rmSync(ownerPath(folder, number), { force: true })
      continue
    }
    for (const other of others) rmSync(ownerPath(folder, other), { recursive: true, force: true })
    // A process that owned the folder in between may have taken this one's socket for a stale one.
    if (await isAlive(address)) return
    throw new Error(`The data folder ${folder} was opened by another process meanwhile. Try again.`)
  }
  throw new Error(
    `The data folder ${folder} can't be taken: remove its files owner.* when no process uses it.`,
  )
}

/** Versions before this one named the owner in the data file. Their sockets still tell whether one is running. */
function formerOwners(folder: string, address: string): string[] {
  const sockets = socketFolderOf(folder)
  if (!existsSync(join(folder, 'data.mdb')) || !existsSync(sockets)) return []
  return readdirSync(sockets)
    .filter(name => name !== basename(address))
    .map(name => join(sockets, name))
}

function openElsewhere(folder: string, owner: string): Error {
  return new Error(
    `The data folder ${folder} is open in another process (listening on ${owner}). ` +
      'Stop that process first, or use another folder.',
  )
}

/**
 * Takes ownership for a tool that works on the files without serving them.
 *
 * @returns what gives it back
 * @throws Error when another process has the folder open
 */
export async function ownStore(folder: string): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { address, clean } = chooseAddress(folder)
  const server = await listen(address, socket => socket.destroy())
  const end = () => new Promise<void>(resolve => server.close(() => resolve())).then(clean)
  try {
    await takeOwnership(folder, address)
  } catch (error) {
    await end()
    throw error
  }
  return end
}

/**
 * Runs `work` with the address of the process that has a data folder open, or with undefined when none has.
 */
export async function withOwner<Result>(
  folder: string,
  work: (address: string | undefined) => Promise<Result>,
): Promise<Result> {
  const [last] = existsSync(folder) ? ownerNumbers(folder) : []
  const owner = last ? readOwner(folder, last) : undefined
  if (!owner || !(await isAlive(owner))) return work(undefined)
  const { address, clean } = shorten(owner)
  return work(address).finally(clean)
}

/**
 * Whether something listens on a socket. Only a refusal says that nothing does: the queue of a process that was stopped
 * may be full.
 */
function isAlive(path: string): Promise<boolean> {
  const { address, clean } = shorten(path)
  return answers(address).finally(clean)
}

function answers(address: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(address)
    const settle = (alive: boolean) => {
      socket.destroy()
      resolve(alive)
    }
    socket.setTimeout(2000, () => settle(true))
    socket.once('connect', () => settle(true))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => settle(!absences.has(code ?? '')))
  })
}

/** What a connection fails with when there is no socket, or nobody listens on it. */
const absences = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK', 'ENOTDIR'])
