/** The line above every page: what one works on, search, connection, language, appearance. */
import { useConnection } from '../../stores/connection.ts';
import { useFrame } from '../../stores/frame.ts';
import type { ThemeChoice } from '../../stores/settings.ts';
import { useSettings, useText } from '../../stores/text.ts';
import { Button, Dropdown, Tag, Tooltip } from '../../ui/controls.ts';
import { LanguageIcon, SearchIcon, ThemeIcon } from '../../ui/icons.ts';
import { Status } from '../../ui/Status.tsx';
import { useSystemInfo } from '../engine/hooks.ts';
import { paletteShortcut } from '../shortcuts.ts';
import { TargetBadge } from './TargetBadge.tsx';

const themeChoices: readonly ThemeChoice[] = ['light', 'dark', 'system'];

export function TopBar() {
  const { t, language } = useText();
  const setLanguage = useSettings((state) => state.setLanguage);
  const theme = useSettings((state) => state.theme);
  const setTheme = useSettings((state) => state.setTheme);
  const setPaletteOpen = useFrame((state) => state.setPaletteOpen);
  const info = useSystemInfo().data;
  return (
    <header className="top-bar">
      <TargetBadge />
      <button type="button" className="search-button" onClick={() => setPaletteOpen(true)} data-testid="palette-open">
        <SearchIcon />
        <span className="grow">{t('shell.palette.open')}</span>
        <kbd>{paletteShortcut()}</kbd>
      </button>
      <span className="grow" />
      {info?.demo === true && (
        <Tag className="demo-tag" data-testid="demo-tag">
          {t('shell.demo')}
        </Tag>
      )}
      <ConnectionIndicator />
      {/* Beside it: below, it would cover the button that most pages have there. */}
      <Tooltip title={t('shell.language')} placement="left">
        <Button
          type="text"
          icon={<LanguageIcon />}
          onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
          data-testid="language-switch"
          lang={language === 'zh' ? 'en' : 'zh-CN'}
        >
          {language === 'zh' ? 'English' : '中文'}
        </Button>
      </Tooltip>
      <Dropdown
        trigger={['click']}
        menu={{
          selectable: true,
          selectedKeys: [theme],
          items: themeChoices.map((choice) => ({ key: choice, label: t(`shell.theme.${choice}`) })),
          onClick: ({ key }) => setTheme(key as ThemeChoice),
        }}
      >
        <Button type="text" icon={<ThemeIcon />} aria-label={t('shell.theme.label')} data-testid="theme-switch" />
      </Dropdown>
    </header>
  );
}

function ConnectionIndicator() {
  const { t } = useText();
  const status = useConnection((state) => state.status);
  const level = status === 'open' ? 'ok' : status === 'lost' ? 'warning' : 'progressing';
  return (
    <span className="connection" data-testid="connection" data-status={status} role="status">
      <Status level={level}>{t(`shell.connection.${status}`)}</Status>
    </span>
  );
}
