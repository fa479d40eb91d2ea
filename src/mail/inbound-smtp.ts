import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { config } from '../platform/config'
import { log } from '../platform/log'
import { networkOf } from '../platform/network'
import { StartError } from '../platform/errors'
import { maxKeptBytes, storeInboundEmail } from './inbound-email'
import { readReplyAddress } from './reply-address'

/** The most bytes of an email, connections at a time, recipients of an email, and connections of a network a minute. */
const caps = { bytes: 25 * 1024 * 1024, clients: 30, recipients: 5, perMinute: 60 }

/** A refusal with its reply code (RFC 5321): 4xx asks to try again later. */
const refusal = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode })

/**
 * Listens for emails to reply addresses, and accepts each once it is stored. It takes no others, relays nothing, and
 * nobody can sign in; it encrypts when there is a certificate.
 *
 * @returns the port, and a function that closes it when the emails under way are stored.
 */
export async function openInboundSmtp(): Promise<{ port: number; close: () => Promise<void> }> {
  const { SMTPServer } = await import('smtp-server')
  const { smtpPort, smtpHost, smtpTls, domain } = config.inbound
  const limit = new RateLimiterMemory({ points: caps.perMinute, duration: 60 })
  const server = new SMTPServer({
    name: domain,
    banner: '',
    logger: false,
    authOptional: true,
    disabledCommands: smtpTls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    ...(smtpTls && { cert: readFileSync(smtpTls.cert), key: readFileSync(smtpTls.key) }),
    disableReverseLookup: true,
    size: caps.bytes,
    maxClients: caps.clients,
    socketTimeout: 60_000,
    closeTimeout: 4000,
    onConnect: ({ remoteAddress }, done) => {
      limit.consume(networkOf(remoteAddress)).then(
        () => done(),
        () => done(refusal(421, 'Too many connections, try again in a minute')),
      )
    },
    onRcptTo: ({ address }, { envelope }, done) => {
      if (!readReplyAddress(address)) done(refusal(550, 'No such mailbox'))
      else if (envelope.rcptTo.length >= caps.recipients) done(refusal(452, 'Too many recipients'))
      else done()
    },
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = []
      let length = 0
      stream.on('data', (chunk: Buffer) => {
        if (length < maxKeptBytes) chunks.push(chunk)
        length += chunk.length
      })
      stream.once('error', done)
      stream.once('end', () => {
        if (stream.sizeExceeded) return done(refusal(552, 'The email is too large'))
        const sender = envelope.mailFrom ? envelope.mailFrom.address : ''
        // The final server records it (RFC 5321, 4.4); bounces have none.
        const raw = Buffer.concat([Buffer.from(`Return-Path: <${sender}>\r\n`), ...chunks])
        const recipients = envelope.rcptTo.map(({ address }) => address)
        storeInboundEmail(recipients, raw, false).then(
          () => done(),
          (error: unknown) => {
            log.error({ err: error }, 'could not store an email')
            done(refusal(451, 'Try again later'))
          },
        )
      })
    },
  })
  server.on('error', error => log.info({ err: error }, 'a connection to the mail port failed'))
  await new Promise<void>((resolve, reject) => {
    const refuse = ({ message }: Error) =>
      reject(new StartError(`Port ${smtpPort} of ${smtpHost} can't be opened for emails: ${message}.`))
    server.server.once('error', refuse)
    server.listen(smtpPort, smtpHost, () => resolve())
  })
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise<void>(resolve => server.close(() => resolve())),
  }
}
