import { runTogether } from '../setup/run-together'

runTogether(['checkout', 'sessions', 'scoring'])
