import { runTogether } from '../setup/run-together'

runTogether(['leads', 'sales'])
