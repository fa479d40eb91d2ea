/** The grade as a cell of a 3x3 grid: rows A to C for fit, columns 1 to 3 for engagement. */
export function gradeGrid({ grade: name }: { grade: string }): string {
  const row = 'ABC'.indexOf(name.charAt(0))
  const column = '123'.indexOf(name.charAt(1))
  const cell = (n: number) => `M${(n % 3) * 6} ${Math.floor(n / 3) * 6}h5v5h-5z`
  const chosen = name.length === 2 && row >= 0 && column >= 0 ? row * 3 + column : -1
  const others = Array.from({ length: 9 }, (_, n) => (n === chosen ? '' : cell(n))).join('')
  return (
    '<svg class="grade" width="17" height="17" viewBox="0 0 17 17" aria-hidden="true">' +
    `<path class="grade-off" d="${others}"/>${chosen < 0 ? '' : `<path class="grade-on" d="${cell(chosen)}"/>`}</svg>`
  )
}
