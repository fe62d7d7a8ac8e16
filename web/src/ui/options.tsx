import Check from 'lucide-solid/icons/check';
import { createUniqueId, type JSX, Show } from 'solid-js';
import { Rows } from './rows.tsx';

export type Option<T extends string> = { value: T; label: string };

/** Options that are put together anew, with the same values, stay the same buttons. */
export const valueIn = <T extends string>(option: Option<T>): T => option.value;

const CHIP =
  'inline-flex min-h-10 items-center gap-1.5 rounded-full border px-3.5 text-sm font-medium transition-colors';
const ON = 'border-transparent bg-brand text-on-brand';
const OFF = 'border-line-strong bg-card text-ink hover:bg-sunken';

/** Any number of several; each is a button that is pressed or not. */
export function Chips<T extends string>(props: {
  label: string;
  options: Option<T>[];
  chosen: T[];
  onChange: (chosen: T[]) => void;
}) {
  const toggle = (value: T) =>
    props.onChange(
      props.chosen.includes(value) ? props.chosen.filter((one) => one !== value) : [...props.chosen, value],
    );
  return (
    <fieldset class="flex flex-wrap gap-2">
      <legend class="sr-only">{props.label}</legend>
      <Rows each={props.options} idOf={valueIn}>
        {(option) => (
          <button
            type="button"
            aria-pressed={props.chosen.includes(option().value)}
            class={`${CHIP} ${props.chosen.includes(option().value) ? ON : OFF}`}
            onClick={() => toggle(option().value)}
          >
            <Show when={props.chosen.includes(option().value)}>
              <Check size={16} aria-hidden="true" />
            </Show>
            {option().label}
          </button>
        )}
      </Rows>
    </fieldset>
  );
}

/** One of several: radio buttons that look like one control. */
export function Segments<T extends string>(props: {
  label: string;
  options: Option<T>[];
  value: T;
  onChange: (value: T) => void;
}) {
  const name = createUniqueId();
  return (
    <fieldset class="flex w-fit flex-wrap gap-1 rounded-3xl bg-sunken p-1 ring-1 ring-line">
      <legend class="sr-only">{props.label}</legend>
      <Rows each={props.options} idOf={valueIn}>
        {(option) => (
          <label
            class={`inline-flex min-h-9 grow items-center justify-center rounded-full px-3.5 text-sm font-medium whitespace-nowrap transition-colors has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-brand ${
              props.value === option().value ? 'bg-brand text-on-brand' : 'text-ink-soft hover:text-ink'
            }`}
          >
            <input
              type="radio"
              class="sr-only"
              name={name}
              checked={props.value === option().value}
              onChange={() => props.onChange(option().value)}
            />
            {option().label}
          </label>
        )}
      </Rows>
    </fieldset>
  );
}

/** One of a few, each with a word of explanation. */
export function RadioCards<T extends string>(props: {
  label: string;
  options: (Option<T> & { why: string })[];
  value: T;
  onChange: (value: T) => void;
}) {
  const name = createUniqueId();
  return (
    <fieldset>
      <legend class="mb-2 font-medium">{props.label}</legend>
      <div class="grid gap-3 sm:grid-cols-2">
        <Rows each={props.options} idOf={valueIn}>
          {(option) => (
            <label class="flex min-h-12 items-start gap-3 rounded-2xl border border-line-strong p-3.5 has-checked:border-brand has-checked:bg-brand-soft has-checked:text-on-brand-soft">
              <input
                type="radio"
                class="mt-1 size-4 accent-(--brand)"
                name={name}
                checked={props.value === option().value}
                onChange={() => props.onChange(option().value)}
              />
              <span>
                <span class="block font-semibold">{option().label}</span>
                <span class="block text-sm">{option().why}</span>
              </span>
            </label>
          )}
        </Rows>
      </div>
    </fieldset>
  );
}

/** A figure with its name, in a row of such (inside of a `dl`). */
export function Tile(props: { label: string; small?: boolean; children: JSX.Element }) {
  return (
    <div
      class="@container rounded-card border border-line bg-card shadow-card"
      classList={{ 'p-4 sm:p-6': !props.small, 'p-4 sm:px-5': props.small ?? false }}
    >
      <dt class="text-sm text-ink-soft">{props.label}</dt>
      <dd
        class="figures mt-1 font-semibold break-words"
        classList={{
          'text-[clamp(1.125rem,14cqi,1.875rem)]': !props.small,
          'text-[clamp(1.125rem,13cqi,1.5rem)]': props.small ?? false,
        }}
      >
        {props.children}
      </dd>
    </div>
  );
}
