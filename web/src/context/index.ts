// Module: context. How a feature hands its state to the pages: one context for one feature. Knows no feature.
import { type ContextProviderComponent, createContext, useContext } from 'solid-js';

/** A feature's context: what provides it, and what reads it. `name` is for the error of who reads it outside. */
export function defineContext<T>(name: string): [ContextProviderComponent<T>, () => T] {
  const context = createContext<T | undefined>();
  const use = (): T => {
    const value = useContext(context);
    if (value === undefined) throw new Error(`${name} is used outside of its provider`);
    return value;
  };
  return [context.Provider as ContextProviderComponent<T>, use];
}
