import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// The settings that src/platform/config.ts reads when a test file first imports something of the app.
process.env.NODE_ENV = 'test'
process.env.LOG_LEVEL ??= 'silent'
process.env.DATA_DIR = mkdtempSync(join(tmpdir(), 'lyceum-test-'))
process.env.SESSION_SECRET = 'a secret for tests that is long enough'
process.env.ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64')
process.env.WEBHOOK_ALLOW_LOOPBACK = 'true'
delete process.env.MONGODB_URI
