import {
  ABOUT_LENGTH_MAX,
  LANGUAGES_MAX,
  MINIMUM_MIN_MAX,
  RATE_MINOR_MAX,
  TAG_LENGTH_MAX,
  TAGS_MAX,
} from '@contract/limits.ts';
import type { Me } from '@contract/people.ts';
import { createSignal, Show } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { useServices } from '~/app/services.tsx';
import { errorWords, t } from '~/i18n';
import { amountProblem, minorToDecimal, readAmount } from '~/money';
import { Button, Card, Chips, Field, FormError, PageHead, TextArea, toast } from '~/ui';
import { PictureField } from './PictureField.tsx';
import { RingTermsCard } from './RingTermsCard.tsx';
import { areTagsValid, readTags } from './tags.ts';

/** What is offered; a code that she has already stays. */
const LANGUAGES = 'en es fr de it pt nl pl ro ru uk cs hu sv el tr ar hi zh ja ko tl th vi'.split(' ');

export default function ProfilePage() {
  const { session } = useServices();
  return (
    <div class="grid max-w-3xl gap-5">
      <PageHead title={t('model.profileTitle')} lead={t('model.profileLead')} />
      <Card>
        <PictureField />
        <hr class="my-6 border-line" />
        {/* Keyed by person, so that what is typed is never overwritten by an update. */}
        <Show when={session.me()?.personId} keyed>
          <ProfileForm profile={session.me()?.profile ?? null} />
        </Show>
      </Card>
      <RingTermsCard />
    </div>
  );
}

function ProfileForm(props: { profile: Me['profile'] }) {
  const { session, locale } = useServices();
  const currency = () => session.appliance()?.currency ?? { code: 'USD', minorDigits: 2 };
  const [rate, setRate] = createSignal(
    props.profile ? minorToDecimal(props.profile.rateMinor, currency().minorDigits) : '',
  );
  const [minimum, setMinimum] = createSignal(String(props.profile?.minimumMin ?? 0));
  const [about, setAbout] = createSignal(props.profile?.about ?? '');
  const [languages, setLanguages] = createSignal<string[]>(props.profile?.languages ?? []);
  const [tags, setTags] = createSignal((props.profile?.tags ?? []).join(', '));
  const [isTried, setTried] = createSignal(false);
  const [isBusy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string | null>(null);

  const rateProblem = () => amountProblem(rate(), currency(), RATE_MINOR_MAX);
  const minimumProblem = () =>
    /^\d{1,2}$/.test(minimum().trim()) && Number(minimum()) <= MINIMUM_MIN_MAX
      ? undefined
      : t('form.wholeMinutes', { max: MINIMUM_MIN_MAX });

  const tagsProblem = () =>
    areTagsValid(readTags(tags())) ? undefined : t('model.tagsWrong', { max: TAGS_MAX, length: TAG_LENGTH_MAX });
  const languageOptions = () => {
    const words = new Intl.DisplayNames([locale, 'en'], { type: 'language', fallback: 'code' });
    return [...new Set([...LANGUAGES, ...languages()])].map((code) => ({ value: code, words: words.of(code) ?? code }));
  };

  async function submit(event: Event) {
    event.preventDefault();
    setTried(true);
    setProblem(null);
    const rateMinor = readAmount(rate(), currency(), RATE_MINOR_MAX);
    if (rateMinor === null || minimumProblem() || tagsProblem()) return;
    setBusy(true);
    try {
      const me = await api.setProfile({
        rateMinor,
        minimumMin: Number(minimum()),
        about: about().trim(),
        languages: languages(),
        tags: readTags(tags()),
      });
      session.update({ profile: me.profile, isProfileSet: me.isProfileSet });
      toast(t('model.profileSaved'));
    } catch (thrown) {
      setProblem(errorWords(toUserFacing(thrown)));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} class="grid gap-5" novalidate>
      <div class="grid items-start gap-5 sm:grid-cols-2">
        <Field
          label={t('model.rate')}
          inputmode="decimal"
          suffix={currency().code}
          value={rate()}
          onInput={(event) => setRate(event.currentTarget.value)}
          error={isTried() ? rateProblem() : undefined}
        />
        <Field
          label={t('model.minimumMin')}
          inputmode="numeric"
          value={minimum()}
          onInput={(event) => setMinimum(event.currentTarget.value)}
          hint={t('model.minimumHint')}
          error={isTried() ? minimumProblem() : undefined}
        />
      </div>
      <TextArea
        label={t('model.about')}
        maxlength={ABOUT_LENGTH_MAX}
        value={about()}
        onInput={(event) => setAbout(event.currentTarget.value)}
        hint={t('model.aboutHint', { max: ABOUT_LENGTH_MAX })}
      />
      <div>
        <p class="mb-2 font-medium">{t('model.languages')}</p>
        <Chips
          label={t('model.languages')}
          options={languageOptions()}
          chosen={languages()}
          onChange={(chosen) => setLanguages(chosen.slice(-LANGUAGES_MAX))}
        />
      </div>
      <Field
        label={t('model.tags')}
        value={tags()}
        onInput={(event) => setTags(event.currentTarget.value)}
        hint={t('model.tagsHint', { max: TAGS_MAX })}
        error={isTried() ? tagsProblem() : undefined}
      />
      <FormError words={problem()} />
      <div>
        <Button type="submit" busy={isBusy()}>
          {t('model.saveProfile')}
        </Button>
      </div>
    </form>
  );
}
