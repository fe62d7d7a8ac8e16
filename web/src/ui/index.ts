// Room: ui. The design system: tokens (theme.css) and the parts that every page is made of. Knows nothing
// of calls, people or money.
export { Announcer, announce } from './Announcer.tsx';
export { Avatar } from './Avatar.tsx';
export { Badge, type Tone } from './Badge.tsx';
export { Button, type ButtonTone, DownloadLink, LinkButton } from './Button.tsx';
export { Card } from './Card.tsx';
export { CopyField } from './CopyField.tsx';
export { EmptyState } from './EmptyState.tsx';
export { AmountField, Field, FormError, PasswordField, SearchField, TextArea } from './Field.tsx';
export { Failed, Listed, More } from './Listed.tsx';
export { Notice } from './Notice.tsx';
export { Chips, type Option, RadioCards, Segments, Tile } from './Options.tsx';
export { PageHead } from './PageHead.tsx';
export { Rows } from './Rows.tsx';
export { Select } from './Select.tsx';
export { Skeleton, SkeletonCards } from './Skeleton.tsx';
export { type Step, Steps } from './Steps.tsx';
export { Tabs } from './Tabs.tsx';
export { Toasts, toast } from './Toast.tsx';
export { Wordmark } from './Wordmark.tsx';
