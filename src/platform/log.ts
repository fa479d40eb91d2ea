import { pino } from 'pino'
import { config } from './config'

/** One JSON line each; what could open a door is never written. */
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
    censor: '(withheld)',
  },
})
