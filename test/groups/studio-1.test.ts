import { runTogether } from '../setup/run-together'

runTogether(['studio'], 1, 2)
