// Module: api. The appliance's HTTP API as typed calls. In: paths and bodies of the contract. Out: their
// answers, or a UserFacing error that a person can act on.
export { callFilePath, EXPORT_PATH, VERIFY_PROGRAM_PATH } from './account.ts';
export { api } from './client.ts';
export { toUserFacing, UserFacing } from './errors.ts';
export { csvPath } from './money.ts';
