// Module: ui. The design system: tokens (theme.css) and the parts that every page is made of. Knows nothing
// of calls, people or money.
export { Announcer, announce } from './announcer.tsx';
export { Avatar } from './avatar.tsx';
export { Badge, type Tone } from './badge.tsx';
export { Button, type ButtonTone, DownloadLink, LinkButton } from './button.tsx';
export { Card } from './card.tsx';
export { CopyField } from './copy-field.tsx';
export { EmptyState } from './empty-state.tsx';
export { AmountField, Field, FormError, PasswordField, SearchField, TextArea } from './field.tsx';
export { Failed, Listed, More } from './listed.tsx';
export { Notice } from './notice.tsx';
export { Chips, RadioCards, Segments, Tile } from './options.tsx';
export { PageHead } from './page-head.tsx';
export { Rows } from './rows.tsx';
export { Select } from './select.tsx';
export { Skeleton, SkeletonCards } from './skeleton.tsx';
export { type Step, Steps } from './steps.tsx';
export { Tabs } from './tabs.tsx';
export { Toasts, toast } from './toast.tsx';
export { Wordmark } from './wordmark.tsx';
