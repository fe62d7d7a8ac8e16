// What Node has of WebAssembly and its types (es2023 without the DOM) leave out; the page has lib.dom's.
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]?: string;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  interface Instance {
    readonly exports: Record<string, unknown>;
  }
  interface ModuleImport {
    module: string;
    name: string;
    kind: string;
  }
  const Module: { new (bytes: Uint8Array): Module; imports(module: Module): ModuleImport[] };
  const Instance: { new (module: Module, imports?: object): Instance };
  function compile(bytes: Uint8Array): Promise<Module>;
}
