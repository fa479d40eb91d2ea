import { ZipFile } from 'yazl'
import { unzip, zipCaps } from '../../src/courses/unzip'

async function zipOf(entries: { path: string; bytes: Buffer; mode?: number }[]): Promise<Buffer> {
  const zip = new ZipFile()
  for (const { path, bytes, mode = 0o100644 } of entries) zip.addBuffer(bytes, path, { mode })
  zip.end()
  const chunks: Buffer[] = []
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const small = { path: 'seals/course.yml', bytes: Buffer.from('title: Seals\n') }

/** A zip whose file has a name that zip libraries refuse to write. */
async function renamed(name: string): Promise<Buffer> {
  const plain = 'x'.repeat(name.length)
  const zip = await zipOf([{ ...small, path: plain }])
  return Buffer.from(zip.toString('latin1').replaceAll(plain, name), 'latin1')
}

test('a zip is unpacked into its files', async () => {
  expect(await unzip(await zipOf([small]))).toEqual([small])
})

test.each(['../../etc/passwd', '/etc/passwd', 'a/../../b', 'C:/windows/x', '..\\..\\etc'])(
  'a zip cannot write outside its folder: %s',
  async name => {
    await expect(unzip(await renamed(name))).rejects.toThrow('studio:faults.zipBroken')
  },
)

test('a zip bomb is refused before it is unpacked', async () => {
  const bomb = await zipOf([{ path: 'bomb.csv', bytes: Buffer.alloc(20 * 1024 * 1024) }])
  expect(bomb.length).toBeLessThan(100_000)
  await expect(unzip(bomb)).rejects.toThrow('bomb.csv: studio:faults.zipBomb')
})

test('a zip bomb with a false size is stopped at that size', async () => {
  const bytes = Buffer.alloc(1024 * 1024)
  const zip = await zipOf([{ path: 'bomb.csv', bytes }])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(bytes.length)
  const lie = Buffer.alloc(4)
  lie.writeUInt32LE(100)
  for (let at = zip.indexOf(size); at !== -1; at = zip.indexOf(size)) lie.copy(zip, at)
  await expect(unzip(zip)).rejects.toThrow('studio:faults.zipBroken')
})

test('a zip that declares too many bytes is refused', async () => {
  const zip = await zipOf([small])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(small.bytes.length)
  const central = zip.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'))
  zip.writeUInt32LE(zipCaps.bytes + 1, central + 24)
  zip.writeUInt32LE(zipCaps.bytes, central + 20)
  await expect(unzip(zip)).rejects.toThrow('studio:faults.zip')
})

test('too many files, links, encrypted files and duplicate paths are refused', async () => {
  const many = Array.from({ length: zipCaps.entries + 1 }, (_, n) => ({ ...small, path: `${n}.md` }))
  await expect(unzip(await zipOf(many))).rejects.toThrow('studio:faults.zipEntries')
  const link = { path: 'link.md', bytes: Buffer.from('/etc/passwd'), mode: 0o120777 }
  await expect(unzip(await zipOf([link]))).rejects.toThrow('link.md: studio:faults.zipLink')
  await expect(unzip(await zipOf([small, small]))).rejects.toThrow('studio:faults.zipTwice')
  const encrypted = await zipOf([small])
  const central = encrypted.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'))
  encrypted.writeUInt16LE(encrypted.readUInt16LE(central + 8) | 1, central + 8)
  await expect(unzip(encrypted)).rejects.toThrow('studio:faults.zipEncrypted')
})

test('a file that is not a zip, or half of one, is refused', async () => {
  const whole = await zipOf([small])
  for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), whole.subarray(0, 40), Buffer.alloc(5000, 7)]) {
    await expect(unzip(bytes)).rejects.toThrow('studio:faults.notZip')
  }
})
