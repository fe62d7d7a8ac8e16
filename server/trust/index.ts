// Module: trust. What people think of each other, and what the studio makes of it: blocks, ratings,
// reports to the operator, and who asked to be told when a model is free. In: what a person says of
// another. Out: who may reach whom, what others see of a person. It knows nothing of media or money.
export { Blocks, pairOf } from './blocks.ts';
export { callerCard } from './caller.ts';
export { Favourites } from './favourites.ts';
export { forgetPerson } from './forget.ts';
export { FreeNotices } from './free-notices.ts';
export { Ratings } from './ratings.ts';
export { IssueReports } from './reports.ts';
