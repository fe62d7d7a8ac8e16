import { ISSUE_WORDS_LENGTH_MAX } from '@contract/limits.ts';
import type { IssueKind } from '@contract/trust.ts';
import { createUniqueId, For } from 'solid-js';
import { t } from '~/i18n';
import { TextArea } from '~/ui';

/** The kind of an issue and the words for it. */
export function IssueFields(props: {
  kinds: IssueKind[];
  kind: IssueKind | null;
  words: string;
  isTried: boolean;
  onKind: (kind: IssueKind) => void;
  onWords: (words: string) => void;
}) {
  const name = createUniqueId();
  const errorId = createUniqueId();
  const isMissing = () => props.isTried && props.kind === null;
  return (
    <div class="grid gap-4">
      <fieldset aria-describedby={isMissing() ? errorId : undefined}>
        <legend class="mb-2 font-medium">{t('issue.what')}</legend>
        <div class="flex flex-wrap gap-2">
          <For each={props.kinds}>
            {(kind) => (
              <label class="inline-flex min-h-11 cursor-pointer items-center rounded-full border border-line-strong px-4 text-sm font-medium has-checked:border-transparent has-checked:bg-brand has-checked:text-on-brand has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-brand">
                <input
                  type="radio"
                  class="sr-only"
                  name={name}
                  checked={props.kind === kind}
                  onChange={() => props.onKind(kind)}
                />
                {t(`issue.kind.${kind}`)}
              </label>
            )}
          </For>
        </div>
        <p id={errorId} class="mt-1.5 text-sm font-medium text-danger empty:hidden">
          {isMissing() ? t('issue.chooseOne') : ''}
        </p>
      </fieldset>
      <TextArea
        label={t('issue.words')}
        hint={t('issue.wordsHint')}
        rows={3}
        maxLength={ISSUE_WORDS_LENGTH_MAX}
        value={props.words}
        onInput={(event) => props.onWords(event.currentTarget.value)}
      />
    </div>
  );
}
