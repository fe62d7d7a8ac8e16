// Module: presence. Which models take calls. In: who has a page open, who is in a call, whose calls are on. Out: the
// list of models for every client as it changes, and a notice for whoever wants to hear that a model is free.
export { Presence } from './presence.ts';
