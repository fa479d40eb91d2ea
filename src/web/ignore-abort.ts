/** A client that closes the connection early, as a player does on every seek, is no error: the rest isn't sent. */
export function ignoreAbort(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET') throw error
}
