import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { openCanvas } from '../drawings/canvas'
import { frameAt, seconds } from './scenes'
import { pumpSound, sampleRate } from './sound'

const framesPerSecond = 10
/** The second whose frame stands for the video before it plays. */
const posterAt = 40

/** Draws each frame, adds the sound and writes `mill-lane.webm` (VP9 and Opus) and its poster. */
export async function makeVideo(folder: string): Promise<void> {
  const frames = await mkdtemp(join(tmpdir(), 'tarnwell-frames-'))
  const canvas = await openCanvas(1)
  try {
    let last = { svg: '', file: '' }
    for (let n = 0; n < seconds * framesPerSecond; n++) {
      const svg = frameAt(n / framesPerSecond)
      const file = join(frames, `${String(n).padStart(4, '0')}.jpg`)
      if (svg === last.svg) await copyFile(last.file, file)
      else await writeFile(file, await canvas.shoot(svg, { type: 'jpeg', quality: 95 }))
      last = { svg, file }
    }
    await writeFile(join(frames, 'pump.raw'), pumpSound(sound, [31.1, 35.6]))
    const poster = join(frames, `${String(posterAt * framesPerSecond).padStart(4, '0')}.jpg`)
    await sharp(poster).webp({ quality: 84, effort: 6 }).toFile(join(folder, 'mill-lane.webp'))
    const video = join(folder, 'mill-lane.webm')
    await encode(frames, video)
    console.log(`mill-lane.webm: ${Math.round((await readFile(video)).length / 1024)} kB`)
  } finally {
    await canvas.close()
    await rm(frames, { recursive: true, force: true })
  }
}

/** Healthy, wearing out, then quieter under the explanation, and healthy again. */
const sound = [
  { at: 0, volume: 0, wear: 0 },
  { at: 1.5, volume: 1, wear: 0 },
  { at: 16, volume: 1, wear: 0 },
  { at: 27, volume: 1, wear: 1 },
  { at: 31, volume: 0.7, wear: 1 },
  { at: 36, volume: 0.35, wear: 1 },
  { at: 58, volume: 0.3, wear: 0.9 },
  { at: 63, volume: 0.12, wear: 0.4 },
  { at: 67, volume: 0.3, wear: 0 },
  { at: seconds, volume: 0, wear: 0 },
]

async function encode(frames: string, video: string): Promise<void> {
  const raw = ['-f', 's16le', '-ar', String(sampleRate), '-ac', '1', '-i', join(frames, 'pump.raw')]
  const codec = ['-c:v', 'libvpx-vp9', '-crf', '38', '-b:v', '0', '-deadline', 'good', '-cpu-used', '4']
  const reproducible = ['-g', '240', '-row-mt', '1', '-threads', '2', '-fflags', '+bitexact']
  await promisify(execFile)('ffmpeg', [
    ...['-y', '-loglevel', 'error', '-framerate', String(framesPerSecond), '-i', join(frames, '%04d.jpg')],
    ...[...raw, ...codec, '-pix_fmt', 'yuv420p', '-c:a', 'libopus', '-b:a', '48k', ...reproducible],
    ...['-flags:v', '+bitexact', '-flags:a', '+bitexact', '-t', String(seconds), video],
  ])
}
