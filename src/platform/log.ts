import { pino } from 'pino'
import { config } from './config'

/** Logs JSON lines; secrets, passwords and tokens are redacted. */
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
})
