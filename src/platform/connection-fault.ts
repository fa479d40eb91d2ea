/** Returns why a server couldn't be reached, from the error of Node's http client. */
export function connectionFault({
  code = '',
}: NodeJS.ErrnoException): 'unknownHost' | 'certificate' | 'noConnection' {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'unknownHost'
  return /CERT|SSL|TLS|SIGNED|ALTNAME|SIGNATURE/.test(code) ? 'certificate' : 'noConnection'
}
