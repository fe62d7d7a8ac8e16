import { createSignal, Show } from 'solid-js';

/** First letters of the first two words of a name. */
function initials(name: string): string {
  const words = name.trim().split(/\s+/).slice(0, 2);
  return words.map((word) => [...word][0]?.toLocaleUpperCase() ?? '').join('');
}

const GROUNDS = ['#7a4a2b', '#1f5a45', '#5b3f74', '#2f4f79', '#86394b', '#5d5a1e', '#1e5b66', '#6b3f63'];

const SIZES = {
  sm: 'size-9 text-sm',
  md: 'size-14 text-xl',
  lg: 'size-24 text-4xl',
  xl: 'size-32 text-5xl sm:size-40 sm:text-6xl',
};

/** A person's picture, or the first letters of their name. */
export function Avatar(props: {
  name: string;
  personId: number;
  pictureUrl?: string | null | undefined;
  size?: keyof typeof SIZES;
}) {
  const [broken, setBroken] = createSignal<string | null>(null);
  const picture = () => (props.pictureUrl && props.pictureUrl !== broken() ? props.pictureUrl : null);
  return (
    <Show when={picture()} fallback={<Initials {...props} />}>
      {(url) => (
        <img
          src={url()}
          alt=""
          draggable={false}
          onError={() => setBroken(url())}
          class={`shrink-0 rounded-full bg-sunken object-cover ${SIZES[props.size ?? 'md']}`}
        />
      )}
    </Show>
  );
}

function Initials(props: { name: string; personId: number; size?: keyof typeof SIZES }) {
  return (
    <span
      aria-hidden="true"
      class={`font-display inline-flex shrink-0 select-none items-center justify-center rounded-full text-white ${SIZES[props.size ?? 'md']}`}
      style={{
        'background-color': GROUNDS[props.personId % GROUNDS.length],
        'background-image': 'radial-gradient(circle at 30% 20%, rgb(255 235 200 / 0.35), transparent 65%)',
      }}
    >
      {initials(props.name)}
    </span>
  );
}
