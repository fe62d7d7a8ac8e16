import type { CallRating, IssueKind } from '@contract/trust.ts';
import Star from 'lucide-solid/icons/star';
import ThumbsDown from 'lucide-solid/icons/thumbs-down';
import ThumbsUp from 'lucide-solid/icons/thumbs-up';
import { createResource, createSignal, createUniqueId, Index, type JSX, Show } from 'solid-js';
import { api } from '~/api';
import { t } from '~/i18n';
import { createForm, draftOf, keepFresh, kept } from '~/state';
import { Button, FormError } from '~/ui';
import { IssueFields } from './issue-fields.tsx';
import { CALL_ISSUES } from './issues.ts';

type Rated = { callId: number; name: string; onStage?: boolean };

/**
 * Thumb, stars, and the issue when the thumb is down. Shows nothing for a call that cannot be rated.
 * `asOf` is the newest that was heard of the call: a call that has just ended can be rated once its end is written.
 */
export function RatingForm(props: Rated & { asOf?: number }) {
  const [read, { refetch }] = createResource(
    () => ({ callId: props.callId, asOf: props.asOf }),
    ({ callId }, { value }: { value: CallRating | null | undefined }) =>
      value?.canRate ? value : api.rating(callId).catch(() => null),
  );
  const known = kept(read);
  keepFresh(async () => void (await refetch()));
  return (
    <Show when={known()?.canRate && known()} keyed>
      {(rating) => <Form {...props} known={rating} />}
    </Show>
  );
}

/** A thumb up and the stars are sent as they are pressed; a thumb down waits for what was wrong. */
function Form(props: Rated & { known: CallRating }) {
  const { known } = props;
  const [isUp, setUp] = createSignal<boolean | null>(known.rating?.isUp ?? null);
  const [stars, setStars] = createSignal<number | null>(known.rating?.stars ?? null);
  const [kind, setKind] = createSignal<IssueKind | null>(known.issue?.kind ?? null);
  // What was begun when the next ring came is there on the receipt.
  const [words, setWords] = draftOf('rating', props.callId);
  if (words() === '' && known.issue) setWords(known.issue.words);
  const [isSent, setSent] = createSignal(known.rating !== null);
  const form = createForm(
    () => isUp() === true || (isUp() === false && kind() !== null),
    async () => {
      await api.rate(props.callId, {
        isUp: isUp() === true,
        stars: stars(),
        ...(isUp() === false && { issue: { kind: kind() ?? 'other', words: words().trim() } }),
      });
      setSent(true);
    },
  );
  const change = (act: () => void) => {
    act();
    setSent(false);
    if (isUp() === true) void form.submit();
  };
  const isReport = () => isUp() === false;
  return (
    <form
      onSubmit={form.submit}
      aria-label={t('rating.title')}
      class={`grid gap-4 rounded-card p-5 text-left text-ink ${props.onStage ? 'dark-tokens bg-white/8 short:gap-2 short:p-4' : 'border border-line bg-card shadow-card sm:p-6'}`}
      novalidate
    >
      <h2 class="text-lg font-semibold">{t('rating.question', { name: props.name })}</h2>
      <Thumbs isUp={isUp()} onChange={(value) => change(() => setUp(value))} />
      <div class="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <p>{t('rating.liked')}</p>
        <Stars value={stars()} onChange={(value) => change(() => setStars(value))} />
      </div>
      <Show when={isReport() && !isSent()}>
        <IssueFields
          kinds={CALL_ISSUES}
          kind={kind()}
          words={words()}
          isTried={form.isTried()}
          onKind={(value) => change(() => setKind(value))}
          onWords={(value) => change(() => setWords(value))}
        />
      </Show>
      <FormError text={form.problem()} />
      <Footer
        isSent={isSent()}
        isReport={isReport()}
        lacksThumb={isUp() === null && stars() !== null}
        isBusy={form.isBusy()}
        onChange={() => setSent(false)}
      />
    </form>
  );
}

/** What comes of the press: thanks, what is missing, or the button that sends a report. */
function Footer(props: {
  isSent: boolean;
  isReport: boolean;
  lacksThumb: boolean;
  isBusy: boolean;
  onChange: () => void;
}) {
  return (
    <Show
      when={!props.isSent}
      fallback={
        <div class="flex flex-wrap items-center justify-between gap-3">
          <p role="status" class="font-medium text-brand">
            {t(props.isReport ? 'rating.thanksReport' : 'rating.thanks')}
          </p>
          <Show when={props.isReport}>
            <Button size="sm" tone="quiet" onClick={() => props.onChange()}>
              {t('rating.change')}
            </Button>
          </Show>
        </div>
      }
    >
      <Show when={props.lacksThumb}>
        <p role="status" class="text-sm text-ink-soft">
          {t('rating.thumbMissing')}
        </p>
      </Show>
      <Show when={props.isReport}>
        <Button type="submit" busy={props.isBusy}>
          {t('rating.send')}
        </Button>
      </Show>
    </Show>
  );
}

function Thumbs(props: { isUp: boolean | null; onChange: (isUp: boolean) => void }) {
  const thumbsId = createUniqueId();
  return (
    <div class="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
      <p id={thumbsId}>{t('rating.worked')}</p>
      <fieldset aria-labelledby={thumbsId} class="flex gap-3">
        <Thumb label={t('rating.up')} isOn={props.isUp === true} onPress={() => props.onChange(true)}>
          <ThumbsUp size={22} aria-hidden="true" />
        </Thumb>
        <Thumb label={t('rating.down')} isOn={props.isUp === false} onPress={() => props.onChange(false)}>
          <ThumbsDown size={22} aria-hidden="true" />
        </Thumb>
      </fieldset>
    </div>
  );
}

function Thumb(props: { label: string; isOn: boolean; onPress: () => void; children: JSX.Element }) {
  return (
    <button
      type="button"
      aria-label={props.label}
      aria-pressed={props.isOn}
      title={props.label}
      onClick={() => props.onPress()}
      class={`flex size-13 items-center justify-center rounded-full border transition-colors ${props.isOn ? 'border-transparent bg-brand text-on-brand' : 'border-line-strong hover:bg-sunken'}`}
    >
      {props.children}
    </button>
  );
}

const STARS = [1, 2, 3, 4, 5];

function Stars(props: { value: number | null; onChange: (stars: number) => void }) {
  const name = createUniqueId();
  return (
    <fieldset class="flex">
      <legend class="sr-only">{t('rating.stars')}</legend>
      <Index each={STARS}>
        {(count) => (
          <label
            class="flex size-11 cursor-pointer items-center justify-center rounded-full short:size-9 has-focus-visible:outline-3 has-focus-visible:outline-brand"
            title={t('rating.starsOf', count())}
          >
            <input
              type="radio"
              class="sr-only"
              name={name}
              checked={props.value === count()}
              onChange={() => props.onChange(count())}
            />
            <Star
              size={28}
              aria-hidden="true"
              class={(props.value ?? 0) >= count() ? 'fill-current text-brass' : 'text-line-strong'}
            />
            <span class="sr-only">{t('rating.starsOf', count())}</span>
          </label>
        )}
      </Index>
    </fieldset>
  );
}
