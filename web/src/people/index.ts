// Module: people. How one person meets another outside of a call: face and marks, what others think of
// them, blocks and reports. In: cards of the contract. Out: parts for other pages.
export { BlockDialog } from './block-dialog.tsx';
export { FindModels } from './find-models.tsx';
export { Marks } from './marks.tsx';
export { PersonMenu } from './person-menu.tsx';
export { RatingForm } from './rating-form.tsx';
export { RatingLine } from './rating-line.tsx';
export { ReportCard } from './report-card.tsx';
export { ReportDialog } from './report-dialog.tsx';
