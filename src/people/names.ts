import type { Types } from 'mongoose'
import { People, sharesWithSales } from './person'

type Ids = readonly (Types.ObjectId | string)[]

/** Returns the names of people by their id; of someone who was erased, none. */
export async function namesOf(ids: Ids): Promise<Map<string, string>> {
  const people = ids.length ? await People.find({ _id: { $in: ids }, erasedAt: null }, { name: 1 }) : []
  return new Map(people.map(({ _id, name }) => [String(_id), name]))
}

/** Returns the names of those who let sales know who they are, by their id. */
export async function namesForSales(ids: Ids): Promise<Map<string, string>> {
  const fields = { name: 1, consents: 1, sharingPausedAt: 1 } as const
  const people = ids.length ? await People.find({ _id: { $in: ids }, erasedAt: null }, fields) : []
  return new Map(people.filter(sharesWithSales).map(({ _id, name }) => [String(_id), name]))
}
