import Eye from 'lucide-solid/icons/eye';
import EyeOff from 'lucide-solid/icons/eye-off';
import { type ComponentProps, createSignal, createUniqueId, type JSX, Show, splitProps } from 'solid-js';
import { t } from '~/i18n';

type Around = { label: string; hint?: string | undefined; error?: string | undefined };
const BOX =
  'w-full rounded-xl border bg-card px-3.5 text-ink placeholder:text-ink-soft/70 border-line-strong aria-invalid:border-danger';

/** Label, hint and error around a control, tied together for screen readers. */
function Frame(props: Around & { id: string; children: JSX.Element }) {
  return (
    <div class="grid gap-1.5">
      <label for={props.id} class="font-medium">
        {props.label}
      </label>
      {props.children}
      <Show when={props.error} fallback={<Hint id={props.id} text={props.hint} />}>
        <p id={`${props.id}-error`} class="text-sm font-medium text-danger">
          {props.error}
        </p>
      </Show>
    </div>
  );
}

function Hint(props: { id: string; text: string | undefined }) {
  return (
    <Show when={props.text}>
      <p id={`${props.id}-hint`} class="text-sm text-ink-soft">
        {props.text}
      </p>
    </Show>
  );
}

const describedBy = (id: string, around: Around) =>
  around.error ? `${id}-error` : around.hint ? `${id}-hint` : undefined;

export function Field(props: Around & { suffix?: string } & Omit<ComponentProps<'input'>, 'class'>) {
  const id = createUniqueId();
  const [around, rest] = splitProps(props, ['label', 'hint', 'error', 'suffix']);
  return (
    <Frame id={id} label={around.label} hint={around.hint} error={around.error}>
      <div class="relative">
        <input
          {...rest}
          id={id}
          class={`${BOX} min-h-12 ${around.suffix ? 'pr-16' : ''}`}
          aria-invalid={around.error ? 'true' : undefined}
          aria-describedby={describedBy(id, around)}
        />
        <Show when={around.suffix}>
          <span
            class="pointer-events-none absolute inset-y-0 right-4 flex items-center text-ink-soft"
            aria-hidden="true"
          >
            {around.suffix}
          </span>
        </Show>
      </div>
    </Frame>
  );
}

type Typed = { label: string; value: string; onValue: (value: string) => void };

/** A sum of money, as people write it. */
export function AmountField(props: Typed & { code: string; hint?: string | undefined; error: string | undefined }) {
  return (
    <Field
      label={props.label}
      hint={props.hint}
      inputmode="decimal"
      autocomplete="off"
      suffix={props.code}
      value={props.value}
      onInput={(event) => props.onValue(event.currentTarget.value)}
      error={props.error}
    />
  );
}

/** Narrows a list while it is typed in. */
export function SearchField(props: Typed) {
  return (
    <Field
      label={props.label}
      type="search"
      autocomplete="off"
      value={props.value}
      onInput={(event) => props.onValue(event.currentTarget.value)}
    />
  );
}

export function PasswordField(props: Around & Omit<ComponentProps<'input'>, 'class' | 'type'>) {
  const id = createUniqueId();
  const [shown, setShown] = createSignal(false);
  const [around, rest] = splitProps(props, ['label', 'hint', 'error']);
  return (
    <Frame id={id} label={around.label} hint={around.hint} error={around.error}>
      <div class="relative">
        <input
          {...rest}
          id={id}
          type={shown() ? 'text' : 'password'}
          class={`${BOX} min-h-12 pr-14`}
          autocapitalize="none"
          spellcheck={false}
          aria-invalid={around.error ? 'true' : undefined}
          aria-describedby={describedBy(id, around)}
        />
        <button
          type="button"
          onClick={() => setShown(!shown())}
          aria-label={shown() ? t('common.hidePassword') : t('common.showPassword')}
          class="absolute top-1 right-1 flex size-10 items-center justify-center rounded-lg text-ink-soft hover:bg-sunken"
        >
          <Show when={shown()} fallback={<Eye size={20} />}>
            <EyeOff size={20} />
          </Show>
        </button>
      </div>
    </Frame>
  );
}

export function TextArea(props: Around & Omit<ComponentProps<'textarea'>, 'class'>) {
  const id = createUniqueId();
  const [around, rest] = splitProps(props, ['label', 'hint', 'error']);
  return (
    <Frame id={id} label={around.label} hint={around.hint} error={around.error}>
      <textarea
        rows={4}
        {...rest}
        id={id}
        class={`${BOX} py-3`}
        aria-invalid={around.error ? 'true' : undefined}
        aria-describedby={describedBy(id, around)}
      />
    </Frame>
  );
}

/** What went wrong with a whole form. */
export function FormError(props: { text: string | null | undefined }) {
  return (
    <div role="alert" class="empty:absolute">
      <Show when={props.text}>
        <p class="rounded-xl bg-danger-soft px-4 py-3 font-medium text-on-danger-soft">{props.text}</p>
      </Show>
    </div>
  );
}
