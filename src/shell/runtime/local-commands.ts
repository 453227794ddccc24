// Functions and the shell's own commands, gathered so that they are loaded together when the first of them is called.
export { builtinTarget } from './builtin-target.ts';
export { functionTarget } from './function-target.ts';
export { builtinStage } from './stage-builtin.ts';
export { functionStage } from './stage-function.ts';
