import {
  ABOUT_LENGTH_MAX,
  LANGUAGES_MAX,
  MINIMUM_MIN_MAX,
  RATE_MINOR_MAX,
  TAG_LENGTH_MAX,
  TAGS_MAX,
} from '@contract/limits.ts';
import type { Me, Profile } from '@contract/people.ts';
import { createSignal, Show } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, locale, t } from '~/i18n';
import { amountProblem, minorToDecimal, readAmount } from '~/money';
import { useCurrency, useSession } from '~/state';
import { Button, Card, Chips, Field, FormError, PageHead, TextArea, toast } from '~/ui';
import { PictureField } from './picture-field.tsx';
import { RingTermsCard } from './ring-terms-card.tsx';
import { areTagsValid, readTags } from './tags.ts';

/** What is offered; a code that she has already stays. */
const LANGUAGES = 'en es fr de it pt nl pl ro ru uk cs hu sv el tr ar hi zh ja ko tl th vi'.split(' ');

export default function ProfilePage() {
  const session = useSession();
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

/** The profile as it is typed. */
function createProfile(profile: Me['profile']) {
  const currency = useCurrency();
  const [rate, setRate] = createSignal(profile ? minorToDecimal(profile.rateMinor, currency().minorDigits) : '');
  const [minimum, setMinimum] = createSignal(String(profile?.minimumMin ?? 0));
  const [about, setAbout] = createSignal(profile?.about ?? '');
  const [languages, setLanguages] = createSignal<string[]>(profile?.languages ?? []);
  const [tags, setTags] = createSignal((profile?.tags ?? []).join(', '));
  const rateProblem = () => amountProblem(rate(), currency(), RATE_MINOR_MAX);
  const minimumProblem = () =>
    /^\d{1,2}$/.test(minimum().trim()) && Number(minimum()) <= MINIMUM_MIN_MAX
      ? undefined
      : t('form.wholeMinutes', { max: MINIMUM_MIN_MAX });

  const tagsProblem = () =>
    areTagsValid(readTags(tags())) ? undefined : t('model.tagsWrong', { max: TAGS_MAX, length: TAG_LENGTH_MAX });
  /** Null while something is wrong. */
  const read = (): Profile | null => {
    const rateMinor = readAmount(rate(), currency(), RATE_MINOR_MAX);
    if (rateMinor === null || minimumProblem() || tagsProblem()) return null;
    return {
      rateMinor,
      minimumMin: Number(minimum()),
      about: about().trim(),
      languages: languages(),
      tags: readTags(tags()),
    };
  };
  return {
    rate,
    setRate,
    minimum,
    setMinimum,
    about,
    setAbout,
    languages,
    setLanguages,
    tags,
    setTags,
    rateProblem,
    minimumProblem,
    tagsProblem,
    read,
  };
}

type TypedProfile = ReturnType<typeof createProfile>;

function ProfileForm(props: { profile: Me['profile'] }) {
  const session = useSession();
  const typed = createProfile(props.profile);
  const [isTried, setTried] = createSignal(false);
  const [isBusy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string | null>(null);

  async function submit(event: Event) {
    event.preventDefault();
    setTried(true);
    setProblem(null);
    const profile = typed.read();
    if (profile === null) return;
    setBusy(true);
    try {
      const me = await api.setProfile(profile);
      session.update({ profile: me.profile, isProfileSet: me.isProfileSet });
      toast(t('model.profileSaved'));
    } catch (thrown) {
      setProblem(errorText(toUserFacing(thrown)));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} class="grid gap-5" novalidate>
      <PriceFields typed={typed} isTried={isTried()} />
      <AboutFields typed={typed} isTried={isTried()} />
      <FormError text={problem()} />
      <div>
        <Button type="submit" busy={isBusy()}>
          {t('model.saveProfile')}
        </Button>
      </div>
    </form>
  );
}

function PriceFields(props: { typed: TypedProfile; isTried: boolean }) {
  const currency = useCurrency();
  return (
    <div class="grid items-start gap-5 sm:grid-cols-2">
      <Field
        label={t('model.rate')}
        inputmode="decimal"
        suffix={currency().code}
        value={props.typed.rate()}
        onInput={(event) => props.typed.setRate(event.currentTarget.value)}
        error={props.isTried ? props.typed.rateProblem() : undefined}
      />
      <Field
        label={t('model.minimumMin')}
        inputmode="numeric"
        value={props.typed.minimum()}
        onInput={(event) => props.typed.setMinimum(event.currentTarget.value)}
        hint={t('model.minimumHint')}
        error={props.isTried ? props.typed.minimumProblem() : undefined}
      />
    </div>
  );
}

/** What clients find her by. */
function AboutFields(props: { typed: TypedProfile; isTried: boolean }) {
  const languageOptions = () => {
    const words = new Intl.DisplayNames([locale, 'en'], { type: 'language', fallback: 'code' });
    return [...new Set([...LANGUAGES, ...props.typed.languages()])].map((code) => ({
      value: code,
      label: words.of(code) ?? code,
    }));
  };

  return (
    <>
      <TextArea
        label={t('model.about')}
        maxlength={ABOUT_LENGTH_MAX}
        value={props.typed.about()}
        onInput={(event) => props.typed.setAbout(event.currentTarget.value)}
        hint={t('model.aboutHint', { max: ABOUT_LENGTH_MAX })}
      />
      <div>
        <p class="mb-2 font-medium">{t('model.languages')}</p>
        <Chips
          label={t('model.languages')}
          options={languageOptions()}
          chosen={props.typed.languages()}
          onChange={(chosen) => props.typed.setLanguages(chosen.slice(-LANGUAGES_MAX))}
        />
      </div>
      <Field
        label={t('model.tags')}
        value={props.typed.tags()}
        onInput={(event) => props.typed.setTags(event.currentTarget.value)}
        hint={t('model.tagsHint', { max: TAGS_MAX })}
        error={props.isTried ? props.typed.tagsProblem() : undefined}
      />
    </>
  );
}
