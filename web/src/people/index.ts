// Room: people. How one person meets another outside of a call: face and marks, what others think of
// them, blocks and reports. In: cards of the contract. Out: parts for other pages.
export { BlockDialog } from './BlockDialog.tsx';
export { FindModels } from './FindModels.tsx';
export { Marks } from './Marks.tsx';
export { PersonMenu } from './PersonMenu.tsx';
export { RatingForm } from './RatingForm.tsx';
export { RatingLine } from './RatingLine.tsx';
export { ReportCard } from './ReportCard.tsx';
export { ReportDialog } from './ReportDialog.tsx';
