import { runTogether } from '../setup/run-together'

runTogether(['brand', 'demo', 'events', 'fuzz'])
