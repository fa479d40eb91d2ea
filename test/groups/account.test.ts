import { runTogether } from '../setup/run-together'

runTogether(['account', 'people', 'mail', 'api'])
