import { A } from '@solidjs/router';
import { type ComponentProps, type JSX, Show, splitProps } from 'solid-js';

export type ButtonTone = 'primary' | 'quiet' | 'plain' | 'danger' | 'stage' | 'stageDanger' | 'stageGo';
type Size = 'sm' | 'md' | 'lg';
type Look = { tone?: ButtonTone; size?: Size; wide?: boolean; icon?: JSX.Element };

const TONES: Record<ButtonTone, string> = {
  primary: 'bg-brand text-on-brand hover:bg-brand-hover disabled:bg-sunken disabled:text-ink-soft',
  quiet:
    'border border-line bg-card text-ink hover:border-line-strong hover:bg-sunken disabled:text-ink-soft disabled:hover:border-line',
  plain: 'text-ink hover:bg-sunken disabled:text-ink-soft',
  danger: 'bg-danger text-on-danger hover:bg-danger-hover disabled:bg-sunken disabled:text-ink-soft',
  stage: 'bg-white/12 text-on-stage hover:bg-white/20 disabled:text-on-stage-soft disabled:hover:bg-white/12',
  stageDanger: 'bg-alarm text-white hover:bg-[#a8231a]',
  stageGo: 'bg-live text-[#0b2a1c] hover:bg-[#a9e8cb] disabled:bg-white/12 disabled:text-on-stage-soft',
};
const SIZES: Record<Size, string> = {
  sm: 'min-h-10 px-3.5 text-sm',
  md: 'min-h-11 px-5',
  lg: 'min-h-13 px-5 text-lg sm:px-7',
};

const classes = (look: Look) =>
  `inline-flex items-center justify-center gap-2 rounded-full font-semibold transition-colors [&>svg]:shrink-0 ${TONES[look.tone ?? 'primary']} ${SIZES[look.size ?? 'md']} ${look.wide ? 'w-full' : ''}`;

/** A button; `busy` keeps it in place but refuses another press. */
export function Button(props: Look & { busy?: boolean } & Omit<ComponentProps<'button'>, 'class'>) {
  const [look, rest] = splitProps(props, ['tone', 'size', 'wide', 'icon', 'busy', 'children', 'disabled']);
  return (
    <button
      type="button"
      {...rest}
      class={classes(look)}
      disabled={look.disabled || look.busy}
      aria-busy={look.busy ? 'true' : undefined}
    >
      <Show when={look.busy} fallback={look.icon}>
        <span
          class="size-4 animate-spin rounded-full border-2 border-current border-r-transparent"
          aria-hidden="true"
        />
      </Show>
      {look.children}
    </button>
  );
}

export function LinkButton(
  props: Look & { href: string; children: JSX.Element; onClick?: () => void; 'aria-label'?: string },
) {
  return (
    <A href={props.href} class={classes(props)} onClick={() => props.onClick?.()} aria-label={props['aria-label']}>
      {props.icon}
      {props.children}
    </A>
  );
}

/** A file to fetch: the browser saves it, the page stays. */
export function DownloadLink(props: Look & { href: string; children: JSX.Element; 'aria-label'?: string }) {
  return (
    <a href={props.href} download="" class={classes(props)} aria-label={props['aria-label']}>
      {props.icon}
      {props.children}
    </a>
  );
}
