import Armchair from 'lucide-solid/icons/armchair';
import Bell from 'lucide-solid/icons/bell';
import Video from 'lucide-solid/icons/video';
import { createSignal, For, type JSX } from 'solid-js';
import { t } from '~/i18n';
import {
  Avatar,
  Badge,
  Button,
  type ButtonTone,
  Card,
  Chips,
  CopyField,
  EmptyState,
  Field,
  FormError,
  Notice,
  PasswordField,
  RadioCards,
  Segments,
  Select,
  SkeletonCards,
  TextArea,
  Tile,
  type Tone,
  toast,
} from '~/ui';
import { Choice } from '~/ui/choice.tsx';
import { Dialog } from '~/ui/dialog.tsx';
import { ApplianceFrame } from './appliance-frame.tsx';

const TONES: Tone[] = ['good', 'warn', 'bad', 'quiet'];
const BUTTONS: ButtonTone[] = ['primary', 'quiet', 'plain', 'danger'];
const STAGE_BUTTONS: ButtonTone[] = ['stageGo', 'stage', 'stageDanger'];
/** Ground and ink that go together: theme.css has them for both themes. */
const COLOURS = [
  ['paper', 'ink'],
  ['card', 'ink'],
  ['sunken', 'ink-soft'],
  ['brand', 'on-brand'],
  ['brand-soft', 'on-brand-soft'],
  ['brass-soft', 'on-brass-soft'],
  ['danger', 'on-danger'],
  ['danger-soft', 'on-danger-soft'],
] as const;
type Letter = 'a' | 'b' | 'c';
const LETTERS: { value: Letter; label: string }[] = [
  { value: 'a', label: 'Alpha' },
  { value: 'b', label: 'Beta' },
  { value: 'c', label: 'Gamma' },
];

/** The tokens and parts that every page is made of, for whoever builds on them. */
export default function DesignPage() {
  return (
    <ApplianceFrame lead={t('design.lead')}>
      <div class="grid items-start gap-5 xl:grid-cols-2">
        <Colours />
        <Type />
        <Buttons />
        <States />
        <Forms />
        <Choices />
        <Figures />
        <Card title="EmptyState">
          <EmptyState icon={<Armchair size={28} />} title={t('client.none')} why={t('client.noneWhy')} />
        </Card>
        <Card title="SkeletonCards">
          <SkeletonCards count={1} />
        </Card>
      </div>
    </ApplianceFrame>
  );
}

function Row(props: { children: JSX.Element }) {
  return <div class="flex flex-wrap items-center gap-3">{props.children}</div>;
}

function Colours() {
  return (
    <Card title={t('design.colours')}>
      <ul class="grid grid-cols-[repeat(auto-fill,minmax(min(100%,9rem),1fr))] gap-3">
        <For each={COLOURS}>
          {([ground, ink]) => (
            <li
              class="rounded-2xl border border-line p-3 text-sm font-medium"
              style={{ background: `var(--${ground})`, color: `var(--${ink})` }}
            >
              {ground}
              <br />
              {ink}
            </li>
          )}
        </For>
      </ul>
    </Card>
  );
}

function Type() {
  return (
    <Card title={t('design.type')}>
      <p class="font-display text-4xl">{t('app.name')}</p>
      <p class="font-display text-3xl">{t('app.line')}</p>
      <p class="text-lg font-semibold">{t('app.line')}</p>
      <p>{t('app.line')}</p>
      <p class="text-sm text-ink-soft">{t('app.line')}</p>
      <p class="figures text-3xl font-semibold">0123456789</p>
    </Card>
  );
}

function Buttons() {
  const [isOpen, setOpen] = createSignal(false);
  return (
    <Card title="Button, Dialog, Toast">
      <div class="grid gap-3">
        <Row>
          <For each={BUTTONS}>{(tone) => <Button tone={tone}>{tone}</Button>}</For>
        </Row>
        <Row>
          <Button size="sm">sm</Button>
          <Button size="lg" icon={<Video size={20} />}>
            lg
          </Button>
          <Button disabled>disabled</Button>
          <Button busy>busy</Button>
        </Row>
        <div class="on-stage flex flex-wrap gap-3 rounded-2xl bg-stage p-4 text-on-stage">
          <For each={STAGE_BUTTONS}>{(tone) => <Button tone={tone}>{tone}</Button>}</For>
        </div>
        <Row>
          <Button tone="quiet" onClick={() => setOpen(true)}>
            Dialog
          </Button>
          <Button tone="quiet" onClick={() => toast(t('common.copied'))}>
            Toast
          </Button>
          <Button tone="quiet" onClick={() => toast(t('error.no_connection'), 'bad')}>
            Toast, bad
          </Button>
        </Row>
      </div>
      <Dialog open={isOpen()} onClose={() => setOpen(false)} title={t('design.dialog')} lead={t('app.line')}>
        <Choice
          yes={t('common.close')}
          no={t('common.cancel')}
          onYes={() => setOpen(false)}
          onNo={() => setOpen(false)}
        />
      </Dialog>
    </Card>
  );
}

function States() {
  return (
    <Card title="Badge, Notice, Avatar">
      <div class="grid gap-3">
        <Row>
          <For each={TONES}>
            {(tone) => (
              <Badge tone={tone} icon={<Bell size={15} aria-hidden="true" />}>
                {tone}
              </Badge>
            )}
          </For>
        </Row>
        <For each={TONES}>
          {(tone) => (
            <Notice tone={tone} icon={<Bell size={22} />} title={tone}>
              {t('app.line')}
            </Notice>
          )}
        </For>
        <Row>
          <For each={['sm', 'md', 'lg'] as const}>
            {(size) => <Avatar name="Ada Lovelace" personId={size.length} size={size} />}
          </For>
        </Row>
      </div>
    </Card>
  );
}

function Forms() {
  const [letter, setLetter] = createSignal<Letter>('a');
  return (
    <Card title="Field, PasswordField, TextArea, Select, CopyField, FormError">
      <div class="grid gap-4">
        <Field label={t('signIn.username')} hint={t('setUp.usernameHint')} />
        <Field label={t('wallet.payAmount')} suffix="EUR" error={t('form.required')} />
        <PasswordField label={t('signIn.password')} autocomplete="off" />
        <TextArea label={t('model.about')} rows={2} />
        <Select label={t('client.sort')} options={LETTERS} value={letter()} onChange={setLetter} />
        <CopyField label={t('operator.linkField')} value="https://parlour.example/sign-in" />
        <FormError text={t('error.wrong_credentials')} />
      </div>
    </Card>
  );
}

function Choices() {
  const [one, setOne] = createSignal<Letter>('a');
  const [some, setSome] = createSignal<Letter[]>(['b']);
  return (
    <Card title="Chips, Segments, RadioCards">
      <div class="grid gap-4">
        <Chips label="Chips" options={LETTERS} chosen={some()} onChange={setSome} />
        <Segments label="Segments" options={LETTERS} value={one()} onChange={setOne} />
        <RadioCards
          label="RadioCards"
          options={LETTERS.map((option) => ({ ...option, why: t('app.line') }))}
          value={one()}
          onChange={setOne}
        />
      </div>
    </Card>
  );
}

function Figures() {
  return (
    <Card title="Tile">
      <dl class="grid grid-cols-2 gap-3">
        <Tile label={t('operator.revenue')}>1,234.50</Tile>
        <Tile small label={t('operator.credit')}>
          98.00
        </Tile>
      </dl>
    </Card>
  );
}
