import type { JSX } from 'solid-js';
import { t } from '~/i18n';
import { PageHead, Tabs } from '~/ui';

/** The head of every page about the appliance itself, with the way to the others. */
export function ApplianceFrame(props: { lead: string; aside?: JSX.Element; children: JSX.Element }) {
  return (
    <>
      <PageHead title={t('studio.title')} lead={props.lead}>
        {props.aside}
      </PageHead>
      <Tabs
        label={t('studio.title')}
        tabs={[
          { href: '/operator/studio', label: t('studio.tabs.selfTest'), end: true },
          { href: '/operator/studio/settings', label: t('studio.tabs.settings') },
          { href: '/operator/studio/audit', label: t('studio.tabs.audit') },
          { href: '/operator/studio/design', label: t('studio.tabs.design') },
        ]}
      />
      {props.children}
    </>
  );
}
