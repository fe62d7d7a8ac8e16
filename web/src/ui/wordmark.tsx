/** The mark and the name of the studio. */
export function Wordmark(props: { name: string }) {
  return (
    <span class="inline-flex min-w-0 items-center gap-2.5">
      <img src="/favicon.svg" alt="" width="32" height="32" class="size-8 shrink-0" />
      <span class="font-display truncate text-2xl leading-none">{props.name}</span>
    </span>
  );
}
