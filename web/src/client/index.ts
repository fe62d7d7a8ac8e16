// Module: client. The Video Calls section: who can be called, at what price, and the Call button. Its page is
// loaded by the router.
export { createModels, ModelsProvider } from './models.ts';
