// Module: messages. Threads: what a client and a model write to each other, and a line for everything
// that happened in their calls. In: texts, and word that a call has moved on. Out: lines, kept and sent
// to every page of both. Lines of a call are made from its meter log and its row, so that they can be
// made again after a crash and stand there once.
export { CallLines, type CallSummary, linesOfCall } from './call-lines.ts';
export { Threads } from './threads.ts';
