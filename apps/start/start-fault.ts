/** A fault that its message tells in full; any other is a surprise, and is told with its stack. */
export class StartFault extends Error {}
