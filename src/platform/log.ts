import { pino } from 'pino'
import { config } from './config'
import { withoutSecrets } from './secret-routes'

/** Logs JSON lines; secrets, passwords, tokens and the links that contain one are redacted. */
export const log = pino({
  level: config.logLevel,
  base: undefined,
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: {
    paths: [
      'req.headers.cookie',
      'req.headers.authorization',
      'res.headers["set-cookie"]',
      '*.password',
      '*.secret',
      '*.token',
    ],
    censor: '[redacted]',
  },
  // An error message may quote a link, such as the reply of a mail server that refuses one.
  hooks: { streamWrite: withoutSecrets },
})
