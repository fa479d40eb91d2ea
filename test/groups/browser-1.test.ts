import { runTogether } from '../setup/run-together'

runTogether(['browser'], 1, 2)
