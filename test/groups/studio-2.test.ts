import { runTogether } from '../setup/run-together'

runTogether(['studio'], 2, 2)
