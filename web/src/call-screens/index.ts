// Module: call-screens. The call over the whole page: rings, confirmation, stage, suspension, end. Loaded by the shell.
export {};
