import fs from 'node:fs';

/** Compiles the metering core; done once, at start. */
export function loadCore(file: string): WebAssembly.Module {
  return new WebAssembly.Module(fs.readFileSync(file));
}
