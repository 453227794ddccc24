// Why the gateway can't start, in one clear line for the operator: main.ts prints it and ends with exit code 2.

export class StartError extends Error {}
