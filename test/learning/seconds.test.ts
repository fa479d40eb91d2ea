import {
  truncateRanges,
  totalSeconds,
  markWatched,
  mergeRanges,
  type Range,
} from '../../src/learning/watched-seconds'

test('a part that was played twice counts once', () => {
  expect(
    mergeRanges([
      [10, 20],
      [0, 5],
      [15, 25],
      [4, 6],
    ]),
  ).toEqual([
    [0, 6],
    [10, 25],
  ])
})

test('ranges are cut to the elapsed time', () => {
  const ranges: Range[] = [
    [0, 10],
    [30, 40],
  ]
  expect(truncateRanges(ranges, 14)).toEqual([
    [0, 10],
    [30, 34],
  ])
  expect(truncateRanges(ranges, 0)).toEqual([])
  expect(totalSeconds(truncateRanges(ranges, 100))).toBe(20)
})

test('successive heartbeats mark each second once and miss none', () => {
  let bitmap: string | undefined
  let seconds = 0
  const times = [0, 9.9, 10.4, 19.6, 30, 30.2, 59.5, 60]
  for (let n = 1; n < times.length; n++) {
    ;({ bitmap, seconds } = markWatched(bitmap, [[times[n - 1]!, times[n]!]], 60))
  }
  expect(seconds).toBe(60)
})

test('no range marks more seconds than the video has', () => {
  const { seconds } = markWatched(undefined, [[0, 1000]], 61)
  expect(seconds).toBe(61)
  expect(markWatched('', [[60.4, 61]], 61).seconds).toBe(1)
})
