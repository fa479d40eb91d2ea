/** An image whose name has a space. */
export const openings = {
  path: 'assets/two openings.png',
  hash: 'a'.repeat(64),
  size: 10,
  type: 'image/png',
  width: 640,
  height: 400,
}
