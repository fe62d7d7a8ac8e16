// What @moq/net takes for granted and Node 20 does not have yet; Node 22 does.

declare global {
  interface PromiseConstructor {
    withResolvers<T>(): {
      promise: Promise<T>;
      resolve: (value: T | PromiseLike<T>) => void;
      reject: (reason?: unknown) => void;
    };
  }
  interface Set<T> {
    difference(other: ReadonlySet<unknown>): Set<T>;
  }
}

Promise.withResolvers ??= function withResolvers<T>() {
  let resolve!: (value: T | PromiseLike<T>) => void;
  let reject!: (reason?: unknown) => void;
  const promise = new Promise<T>((take, refuse) => {
    resolve = take;
    reject = refuse;
  });
  return { promise, resolve, reject };
};

Set.prototype.difference ??= function difference<T>(this: Set<T>, other: ReadonlySet<unknown>): Set<T> {
  return new Set([...this].filter((one) => !other.has(one)));
};

export {};
