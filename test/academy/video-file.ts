import { saveAsset } from '../../src/courses/asset'
import type { Lesson } from '../../src/courses/course'
import type { Asset } from '../../src/courses/asset'

const captions = `WEBVTT

1
00:00:01.000 --> 00:00:04.000
This is the <i>catalogue</i> &amp; its walk.

00:00:05.000 --> 00:00:09.000
Each column is a lesson.
`
const chapters = `WEBVTT

00:00:05.000 --> 00:00:30.000
The columns
`

type VideoLesson = Extract<Lesson, { kind: 'video' }>

/** A video lesson of the given length with captions and chapters; its files are saved as assets. */
export async function videoLesson(
  seconds: number,
): Promise<{ lesson: Partial<VideoLesson>; assets: Asset[] }> {
  const save = async (path: string, text: string, type: string, seconds: number) => {
    const bytes = Buffer.from(text)
    return { path, hash: await saveAsset(bytes, type), size: bytes.length, type, seconds }
  }
  return {
    lesson: {
      kind: 'video',
      completion: 'watch',
      video: 'assets/tour.webm',
      mediaSeconds: seconds,
      captions: 'assets/tour.en.vtt',
    },
    assets: [
      await save('assets/tour.webm', '0123456789'.repeat(100), 'video/webm', seconds),
      await save('assets/tour.en.vtt', captions, 'text/vtt', 9),
      await save('assets/tour.chapters.en.vtt', chapters, 'text/vtt', 30),
    ],
  }
}
