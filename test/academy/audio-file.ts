import { saveAsset } from '../../src/courses/asset'
import type { Lesson } from '../../src/courses/course'
import type { Asset } from '../../src/courses/asset'

type AudioLesson = Extract<Lesson, { kind: 'audio' }>

/**
 * An MP3 of noise of about this length: frames of 36 ms, each 144 bytes (MPEG 1, layer III, 32 kbit/s, 32 kHz, mono).
 */
export function mp3(seconds: number): Buffer {
  const frames = Array.from({ length: Math.round(seconds / 0.036) }, (_, n) => {
    const frame = Buffer.from(Array.from({ length: 144 }, (_each, at) => (n * 31 + at * at * 7) % 251))
    frame.writeUInt32BE(0xfffb18c0)
    return frame
  })
  return Buffer.concat(frames)
}

export const transcriptVtt = `WEBVTT

00:00:01.000 --> 00:00:04.000
<v Ines>A seal &amp; a shaft.

00:00:50.000 --> 00:00:55.000
Water finds a way.
`

/** An audio lesson of the given length with two chapters; its files are saved as assets. */
export async function audioLesson(
  seconds: number,
  transcript: { name: string; text: string; type: string } = {
    name: 'talk.en.vtt',
    text: transcriptVtt,
    type: 'text/vtt',
  },
): Promise<{ lesson: Partial<AudioLesson>; assets: Asset[] }> {
  const save = async (path: string, bytes: Buffer, type: string, length: number | null) => {
    return { path, hash: await saveAsset(bytes, type), size: bytes.length, type, seconds: length }
  }
  const text = `assets/${transcript.name}`
  return {
    lesson: {
      kind: 'audio',
      completion: 'listen',
      audio: 'assets/talk.mp3',
      mediaSeconds: seconds,
      transcript: text,
      chapters: [
        { start: 0, title: 'The <noise> before' },
        { start: 45, title: 'The leak' },
      ],
    },
    assets: [
      await save('assets/talk.mp3', mp3(seconds), 'audio/mpeg', seconds),
      await save(text, Buffer.from(transcript.text), transcript.type, 55),
    ],
  }
}
