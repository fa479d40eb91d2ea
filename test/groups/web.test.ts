import { runTogether } from '../setup/run-together'

runTogether(['web', 'platform'])
