import type { SettingLine, SettingRange, SettingsChecked } from '@contract/studio.ts';
import CircleCheck from 'lucide-solid/icons/circle-check';
import FileCog from 'lucide-solid/icons/file-cog';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import { createResource, createSignal, For, Show } from 'solid-js';
import { api, toUserFacing } from '~/api';
import { errorText, t } from '~/i18n';
import { createForm, kept } from '~/state';
import { Badge, Button, Card, FormError, Listed, Notice, SearchField, TextArea } from '~/ui';
import { ApplianceFrame } from './appliance-frame.tsx';

const SECTION_TEXTS = {
  name: () => t('settings.section.general'),
  data: () => t('settings.section.general'),
  front: () => t('settings.section.front'),
  database: () => t('settings.section.database'),
  media: () => t('settings.section.media'),
  money: () => t('settings.section.money'),
  people: () => t('settings.section.people'),
  payments: () => t('settings.section.payments'),
  push: () => t('settings.section.push'),
  meter: () => t('settings.section.meter'),
  log: () => t('settings.section.log'),
};

const sectionOf = (line: SettingLine): string => {
  const [section = ''] = line.key.split('.');
  return (SECTION_TEXTS as Record<string, (() => string) | undefined>)[section]?.() ?? section;
};

/** What a setting is for, in the words of the page's language. */
function aboutOf(line: SettingLine): string {
  const key = line.key.replaceAll('.', '_') as 'money_tariff';
  return (t(`settings.about.${key}`) as string | undefined) ?? line.description;
}

function rangeText(range: SettingRange): string {
  switch (range.kind) {
    case 'integer':
      return t('settings.range.integer', { minimum: range.minimum, maximum: range.maximum });
    case 'choice':
      return range.choices.join(', ');
    case 'boolean':
      return 'true, false';
    case 'list':
      return t('settings.range.list');
    case 'text':
      return range.form === '' ? t('settings.range.text') : t('settings.range.form', { form: range.form });
  }
}

/** Why a file would be refused, in the words of the page's language where it is about a setting. */
function refusalText({ refused, problem }: SettingsChecked): string {
  if (!refused) return t('settings.refusedText', { problem: problem ?? '' });
  if (!refused.allowed) return t('settings.refusedUnknown', { key: refused.key });
  const allowed = rangeText(refused.allowed);
  if (refused.value === null) return t('settings.refusedSecret', { key: refused.key, allowed });
  return t('settings.refusedValue', { key: refused.key, value: refused.value, allowed });
}

/** What the appliance was started with: each setting, what it is for, what is allowed; and a check of a new file. */
export default function SettingsPage() {
  const [read, { refetch }] = createResource(() => api.settings());
  const known = kept(read);
  const [search, setSearch] = createSignal('');
  const sections = () => {
    const words = search().trim().toLowerCase();
    const fits = (line: SettingLine) => `${line.key} ${line.variable} ${aboutOf(line)}`.toLowerCase().includes(words);
    const groups = new Map<string, SettingLine[]>();
    for (const line of known()?.settings.filter(fits) ?? [])
      groups.set(sectionOf(line), [...(groups.get(sectionOf(line)) ?? []), line]);
    return [...groups];
  };
  return (
    <ApplianceFrame lead={t('settings.lead')}>
      <div class="grid items-start gap-5 xl:grid-cols-[3fr_2fr]">
        <div class="grid gap-5">
          <Notice tone="quiet" icon={<FileCog size={22} />} title={t('settings.howTitle')}>
            <p class="mt-1">{t('settings.how', { file: known()?.file ?? 'parlour.toml' })}</p>
          </Notice>
          <div class="max-w-sm">
            <SearchField label={t('settings.search')} value={search()} onValue={setSearch} />
          </div>
          <Listed
            items={known() && sections()}
            error={read.error && !known() ? errorText(toUserFacing(read.error)) : undefined}
            onRetry={refetch}
            empty={<p class="text-ink-soft">{t('settings.none')}</p>}
          >
            {(groups) => (
              <For each={groups()}>
                {([title, lines]) => (
                  <Card title={title} flush>
                    <ul class="divide-y divide-line">
                      <For each={lines}>{(line) => <Line line={line} />}</For>
                    </ul>
                  </Card>
                )}
              </For>
            )}
          </Listed>
        </div>
        <CheckCard />
      </div>
    </ApplianceFrame>
  );
}

function Line(props: { line: SettingLine }) {
  const value = () => {
    if (props.line.isSecret) return t(props.line.isSet ? 'settings.secretSet' : 'settings.secretNone');
    return props.line.value === '""' ? t('settings.empty') : props.line.value;
  };
  return (
    <li class="grid gap-1 px-5 py-3.5 sm:px-6">
      <div class="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h3 class="min-w-0 font-mono text-sm font-semibold break-all">{props.line.key}</h3>
        <Badge tone={props.line.source === 'default' ? 'quiet' : 'good'}>
          {t(`settings.source.${props.line.source}`)}
        </Badge>
      </div>
      <p>{aboutOf(props.line)}</p>
      <dl class="grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 text-sm">
        <dt class="text-ink-soft">{t('settings.value')}</dt>
        <dd class="font-mono font-semibold break-all">{value()}</dd>
        <Show when={props.line.source !== 'default' && !props.line.isSecret}>
          <dt class="text-ink-soft">{t('settings.default')}</dt>
          <dd class="font-mono break-all">{props.line.defaultValue}</dd>
        </Show>
        <dt class="text-ink-soft">{t('settings.allowed')}</dt>
        <dd class="break-words">{rangeText(props.line.allowed)}</dd>
        <dt class="text-ink-soft">{t('settings.variable')}</dt>
        <dd class="font-mono break-all">{props.line.variable}</dd>
      </dl>
    </li>
  );
}

/** Whether a new file would be taken, before the appliance is started with it. */
function CheckCard() {
  const [text, setText] = createSignal('');
  const [found, setFound] = createSignal<SettingsChecked | null>(null);
  const form = createForm(
    () => true,
    async () => void setFound(await api.checkSettings({ text: text() })),
  );
  return (
    <Card title={t('settings.checkTitle')}>
      <p class="text-ink-soft">{t('settings.checkLead')}</p>
      <form onSubmit={form.submit} class="mt-4 grid gap-4">
        <TextArea
          label={t('settings.checkText')}
          rows={10}
          spellcheck={false}
          value={text()}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setFound(null);
          }}
        />
        <FormError text={form.problem()} />
        <div>
          <Button type="submit" tone="quiet" busy={form.isBusy()}>
            {t('settings.checkButton')}
          </Button>
        </div>
      </form>
      <div role="status" class="mt-4 empty:mt-0">
        <Show when={found()}>{(one) => <Finding found={one()} />}</Show>
      </div>
    </Card>
  );
}

function Finding(props: { found: SettingsChecked }) {
  return (
    <Show
      when={props.found.problem === null}
      fallback={
        <Notice tone="bad" icon={<TriangleAlert size={22} />} title={t('settings.refused')}>
          <p class="mt-1 break-words">{refusalText(props.found)}</p>
        </Notice>
      }
    >
      <Notice tone="good" icon={<CircleCheck size={22} />} title={t('settings.taken')}>
        <Show when={props.found.changes.length > 0} fallback={<p class="mt-1">{t('settings.sameAsNow')}</p>}>
          <ul class="mt-2 grid gap-1.5 text-sm">
            <For each={props.found.changes}>
              {(change) => (
                <li class="break-all">
                  <span class="font-mono font-semibold">{change.key}</span>:{' '}
                  {change.to === null ? t('settings.secretChanges') : `${change.from} → ${change.to}`}
                </li>
              )}
            </For>
          </ul>
        </Show>
      </Notice>
    </Show>
  );
}
