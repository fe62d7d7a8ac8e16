import ChevronDown from 'lucide-solid/icons/chevron-down';
import { createUniqueId } from 'solid-js';
import { type Option, valueIn } from './options.tsx';
import { Rows } from './rows.tsx';

/** One of several in the browser's own list. */
export function Select<T extends string>(props: {
  label: string;
  options: Option<T>[];
  value: T;
  onChange: (value: T) => void;
}) {
  const id = createUniqueId();
  return (
    <div class="grid gap-1.5">
      <label for={id} class="font-medium">
        {props.label}
      </label>
      <div class="relative">
        <select
          id={id}
          class="min-h-12 w-full appearance-none rounded-xl border border-line-strong bg-card pr-11 pl-3.5 text-ink"
          value={props.value}
          onChange={(event) => props.onChange(event.currentTarget.value as T)}
        >
          <Rows each={props.options} idOf={valueIn}>
            {(option) => (
              <option value={option().value} selected={option().value === props.value}>
                {option().label}
              </option>
            )}
          </Rows>
        </select>
        <ChevronDown
          size={18}
          class="pointer-events-none absolute top-1/2 right-3.5 -translate-y-1/2 text-ink-soft"
          aria-hidden="true"
        />
      </div>
    </div>
  );
}
