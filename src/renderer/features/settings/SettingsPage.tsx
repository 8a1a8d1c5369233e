/** Language, appearance, how secrets are protected, what runs where, and the keys to know. */
import type { Language } from '#shared/i18n/index.ts';
import { useSystemInfo } from '../../app/engine/hooks.ts';
import { pageShortcut, paletteShortcut } from '../../app/shortcuts.ts';
import type { ThemeChoice } from '../../stores/settings.ts';
import { useSettings, useText } from '../../stores/text.ts';
import { CopyText } from '../../ui/CopyText.tsx';
import { Alert, Segmented } from '../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { Facts, Page, Panel } from '../../ui/Page.tsx';
import { SignInPanel } from './SignInPanel.tsx';

export default function SettingsPage() {
  const { t, dateTime } = useText();
  const { language, theme, setLanguage, setTheme } = useSettings();
  const read = useSystemInfo();
  const info = read.data;
  const keys: readonly [string, string][] = [
    [paletteShortcut(), t('settings.keys.palette')],
    [`${pageShortcut(1)} – ${pageShortcut(7)}`, t('settings.keys.pages')],
    ['/', t('settings.keys.filter')],
    ['↑ ↓ PgUp PgDn Home End', t('settings.keys.move')],
    ['Enter', t('settings.keys.open')],
    ['Esc', t('settings.keys.close')],
  ];
  return (
    <Page testId="settings-page" title={t('settings.title')}>
      <div className="stack wide settings">
        <Panel title={t('settings.appearance')}>
          <Facts
            facts={[
              {
                label: t('shell.language'),
                value: (
                  <Segmented<Language>
                    value={language}
                    onChange={setLanguage}
                    options={[
                      // A language is named in itself, for whoever cannot read the present one.
                      { value: 'zh', label: '中文' },
                      { value: 'en', label: 'English' },
                    ]}
                  />
                ),
              },
              {
                label: t('shell.theme.label'),
                value: (
                  <Segmented<ThemeChoice>
                    value={theme}
                    onChange={setTheme}
                    options={(['light', 'dark', 'system'] as const).map((choice) => ({
                      value: choice,
                      label: t(`shell.theme.${choice}`),
                    }))}
                  />
                ),
              },
            ]}
          />
        </Panel>
        <SignInPanel />
        {read.error !== null && <ErrorNotice error={read.error} onRetry={read.again} />}
        {info === undefined ? (
          read.error === null && <Loading rows={6} />
        ) : (
          <>
            <Panel title={t('settings.secrets')} testId="settings-secrets">
              <div className="stack">
                <p data-testid="secrets-backend" data-backend={info.secrets.backend}>
                  {t(`settings.backend.${info.secrets.backend}`)}
                </p>
                {info.secrets.keyFile !== undefined && (
                  <>
                    <Facts
                      facts={[
                        { label: t('settings.keyFile'), value: <CopyText text={info.secrets.keyFile} />, wide: true },
                      ]}
                    />
                    <Alert
                      type="warning"
                      showIcon
                      title={t(info.host === 'electron' ? 'settings.keyFileAdviceDesktop' : 'settings.keyFileAdvice')}
                    />
                  </>
                )}
              </div>
            </Panel>
            <Panel title={t('settings.about')}>
              <Facts
                facts={[
                  { label: t('settings.version'), value: info.version },
                  { label: t('settings.host'), value: t(`settings.hosts.${info.host}`) },
                  { label: t('settings.platform'), value: info.platform },
                  { label: t('settings.node'), value: info.nodeVersion },
                  { label: t('settings.started'), value: dateTime(info.startedAt) },
                  {
                    label: t('settings.operator'),
                    value: `${info.operator.name} (${t(`settings.policy.${info.operator.policy}`)})`,
                  },
                  { label: t('settings.dataDir'), value: <CopyText text={info.dataDir} />, wide: true },
                ]}
              />
            </Panel>
          </>
        )}
        <Panel title={t('settings.shortcuts')}>
          <dl className="keys">
            {keys.map(([key, what]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </Panel>
      </div>
    </Page>
  );
}
