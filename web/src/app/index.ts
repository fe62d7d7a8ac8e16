// Module: app. The top of the pages: the router, the shell around them, and what outlives them. In: every module
// below. Out: the App.
export { App } from './app.tsx';
export { preloadHome } from './home.tsx';
