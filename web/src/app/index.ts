// Room: app. The router, the shell around the pages, and what all pages share: who is signed in, the hub,
// the call. In: everything below. Out: the App.
export { App } from './App.tsx';
export { preloadHome } from './Home.tsx';
