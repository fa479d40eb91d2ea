import { runTogether } from '../setup/run-together'

runTogether(['admin', 'insights', 'integrations'])
