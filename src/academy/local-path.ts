/** A path of this site, as it came in an address; undefined for anything that could lead elsewhere. */
export function localPath(value: unknown): string | undefined {
  return typeof value === 'string' && /^\/(?![/\\])[\w\-./?=&%~+:@,]*$/.test(value) ? value : undefined
}
