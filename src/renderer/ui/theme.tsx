/**
 * The look of everything: antd's compact theme in dark and light, and its locale. Our own style sheets use the CSS variables that this puts on the root element.
 */
import { App as AntApp, theme as antTheme, ConfigProvider, type ThemeConfig } from 'antd';
import enLocale from 'antd/locale/en_US';
import zhLocale from 'antd/locale/zh_CN';
import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import { useSettings } from '../stores/text.ts';
import { addNonceToStyleElements } from './csp.ts';
import 'antd/dist/antd.css';
import './base.css';

addNonceToStyleElements();

const VARIABLES = 'fleetdeck';

type Algorithm = Extract<NonNullable<ThemeConfig['algorithm']>, (...args: never[]) => unknown>;

/** Compact spacing, but letters at which Chinese text can be read for a day. */
const readable: Algorithm = (_seed, map) => {
  if (map === undefined) throw new Error('runs after the compact algorithm');
  return {
    ...map,
    fontSize: 13,
    fontSizeSM: 12,
    fontSizeLG: 14,
    fontSizeXL: 16,
    fontHeight: 20,
    lineHeight: 20 / 13,
    lineHeightSM: 18 / 12,
    fontHeightSM: 18,
    controlHeight: 28,
    controlHeightSM: 24,
    controlHeightLG: 34,
  };
};

const shared: ThemeConfig = {
  cssVar: { key: VARIABLES, prefix: 'ant' },
  hashed: false,
  zeroRuntime: true,
  token: {
    borderRadius: 5,
    fontFamily:
      "system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif",
    fontFamilyCode: "ui-monospace, 'SF Mono', 'JetBrains Mono', Menlo, Consolas, 'Liberation Mono', monospace",
    motionDurationFast: '0.08s',
    motionDurationMid: '0.12s',
    motionDurationSlow: '0.16s',
    wireframe: false,
  },
};
/** Colours of text keep 4.5:1 against every ground they stand on (WCAG 2.2 AA); the accessibility test measures it. */
const themes: Record<'dark' | 'light', ThemeConfig> = {
  light: {
    ...shared,
    algorithm: [antTheme.defaultAlgorithm, antTheme.compactAlgorithm, readable],
    token: {
      ...shared.token,
      colorPrimary: '#1c5fd4',
      colorPrimaryHover: '#1650b8',
      colorInfo: '#1c5fd4',
      colorLink: '#1c5fd4',
      colorLinkHover: '#1650b8',
      colorError: '#c62828',
      colorTextPlaceholder: 'rgba(0,0,0,0.56)',
      colorBgLayout: '#f3f5f8',
      colorTextTertiary: 'rgba(0,0,0,0.56)',
    },
  },
  dark: {
    ...shared,
    algorithm: [antTheme.darkAlgorithm, antTheme.compactAlgorithm, readable],
    token: {
      ...shared.token,
      colorPrimary: '#83b3ff',
      colorPrimaryBg: '#1c2942',
      colorInfo: '#83b3ff',
      colorLink: '#83b3ff',
      colorError: '#ff9a93',
      colorTextPlaceholder: 'rgba(232,237,245,0.62)',
      colorBgBase: '#101215',
      colorTextBase: '#e8edf5',
      colorTextTertiary: 'rgba(232,237,245,0.62)',
    },
    // What is light enough to be read as text on a dark ground is too light under white text.
    components: { Button: { primaryColor: '#10151d', dangerColor: '#10151d' } },
  },
};

/** For persons whom movement makes unwell, and for remote desktops that redraw slowly: nothing slides or fades. */
const still = (theme: ThemeConfig): ThemeConfig => ({ ...theme, token: { ...theme.token, motion: false } });
const stillThemes = { dark: still(themes.dark), light: still(themes.light) };

const systemDark = systemPreference('(prefers-color-scheme: dark)');
const systemStill = systemPreference('(prefers-reduced-motion: reduce)');

/** `dark` or `light`, after the system's preference where the person chose `system`. */
export function useEffectiveTheme(): 'dark' | 'light' {
  const choice = useSettings((state) => state.theme);
  const dark = useSyncExternalStore(systemDark.subscribe, systemDark.matches);
  return choice === 'system' ? (dark ? 'dark' : 'light') : choice;
}

export function ThemeRoot({ children }: { children: ReactNode }) {
  const effective = useEffectiveTheme();
  const noMotion = useSyncExternalStore(systemStill.subscribe, systemStill.matches);
  const language = useSettings((state) => state.language);
  useEffect(() => {
    const root = document.documentElement;
    root.classList.add(VARIABLES);
    root.dataset['theme'] = effective;
    root.lang = language === 'zh' ? 'zh-CN' : 'en';
  }, [effective, language]);
  return (
    <ConfigProvider
      theme={(noMotion ? stillThemes : themes)[effective]}
      locale={language === 'zh' ? zhLocale : enLocale}
      button={{ autoInsertSpace: false }}
      form={{ colon: false, requiredMark: false }}
    >
      <AntApp component={false} message={{ maxCount: 3 }}>
        {children}
      </AntApp>
    </ConfigProvider>
  );
}

/** What the operating system was told to prefer, as a store that React reads. */
function systemPreference(media: string) {
  const query = () => window.matchMedia(media);
  return {
    matches: () => query().matches,
    subscribe(listener: () => void): () => void {
      const list = query();
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
  };
}
