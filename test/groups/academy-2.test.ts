import { runTogether } from '../setup/run-together'

runTogether(['academy'], 2, 2)
