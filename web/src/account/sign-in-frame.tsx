import { createEffect, type JSX } from 'solid-js';
import { t } from '~/i18n';
import { useSession } from '~/state';
import { Wordmark } from '~/ui';

/** Around the pages before anybody has signed in: the name of the studio, lamplight, one card. */
export function SignInFrame(props: { title: string; children: JSX.Element }) {
  const session = useSession();
  const name = () => session.appliance()?.name ?? t('app.name');
  createEffect(() => {
    document.title = `${props.title} · ${name()}`;
  });
  return (
    <main class="flex min-h-dvh flex-col items-center justify-center bg-[radial-gradient(circle_at_50%_0%,var(--glow),transparent_60%)] px-5 py-10">
      <div class="mb-8 flex flex-col items-center gap-1.5">
        <Wordmark name={name()} />
        <p class="text-center text-ink-soft">{t('app.line')}</p>
      </div>
      <div class="w-full max-w-md animate-rise rounded-card border border-line bg-card p-6 shadow-float sm:p-9">
        {props.children}
      </div>
    </main>
  );
}
