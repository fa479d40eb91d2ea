import { Types } from 'mongoose'
import { Leads } from '../../src/leads/lead'
import { People } from '../../src/people/person'
import { config } from '../../src/platform/config'
import { Scores } from '../../src/scoring/score'
import { documentsOf, fillStore } from './fill-store'
import { leadOf, personOf, readAcademy, scoreOf } from './made-people'

// Adds as many leads as `LEADS` says to the academy in `DATA_DIR`.

async function fill(count: number): Promise<void> {
  const academy = await readAcademy()
  const ids = Array.from({ length: count }, () => new Types.ObjectId())
  await fillStore(config.dataDir, [
    [People, documentsOf(ids, personOf)],
    [Leads, documentsOf(ids, (n, id) => leadOf(n, id, academy))],
    [Scores, documentsOf(ids, scoreOf)],
  ])
}

fill(Number(process.env.LEADS)).then(
  () => process.exit(0),
  error => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
