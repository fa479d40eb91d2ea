import { runTogether } from '../setup/run-together'

runTogether(['browser'], 2, 2)
