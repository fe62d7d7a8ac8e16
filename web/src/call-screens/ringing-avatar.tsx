import { Avatar } from '~/ui';

/** A face that rings: two rings of light go out from it. */
export function RingingAvatar(props: { name: string; personId: number; pictureUrl: string | null }) {
  return (
    <span class="relative inline-flex shrink-0 short:my-3 short:scale-75">
      <span class="absolute inset-0 animate-ring rounded-full bg-lamp/40" aria-hidden="true" />
      <span class="absolute inset-0 animate-ring rounded-full bg-lamp/40 [animation-delay:0.8s]" aria-hidden="true" />
      <span class="relative rounded-full ring-4 ring-lamp/70">
        <Avatar name={props.name} personId={props.personId} pictureUrl={props.pictureUrl} size="xl" />
      </span>
    </span>
  );
}
