import { runTogether } from '../setup/run-together'

runTogether(['community'])
