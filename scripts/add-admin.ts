import { config } from '../src/platform/config'
import { secretRoutes, secretUrl } from '../src/platform/secret-routes'
import { connectDatabase, disconnectDatabase } from '../src/platform/database'
import { signUp } from '../src/people/sign-up'
import { issueLink } from '../src/people/link'
import { changeRole } from '../src/people/change-role'

/**
 * Creates the first administrator of an academy and prints a sign-in link that works once, within 15 minutes:
 *
 *     node dist/scripts/add-admin.js ines@example.com "Ines Halvorsen"
 *
 * Stop the academy first if it uses the embedded store, which only one process can open.
 */
async function addAdmin(email: string | undefined, name: string | undefined): Promise<void> {
  if (!email?.includes('@') || !name) throw new Error('Usage: add-admin <email> <name>')
  await connectDatabase(config.mongodbUri)
  const { person, isNew } = await signUp({ email, name, role: 'admin', how: 'invited' })
  if (!isNew) await changeRole(person._id, 'admin')
  const token = await issueLink({ purpose: 'sign-in', email: person.email, next: '/admin/people' })
  console.log(
    `${person.name} is now an administrator. Sign in within 15 minutes: ${secretUrl(config.baseUrl, secretRoutes.link, token)}`,
  )
  await disconnectDatabase()
}

addAdmin(process.argv[2], process.argv[3]).catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
