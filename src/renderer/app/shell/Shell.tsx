/** The window: navigation, top bar, notices, and the page in the middle. One page's failure leaves the frame standing. */
import type { ReactNode } from 'react';
import { useText } from '../../stores/text.ts';
import { useHeartbeat } from '../engine/sources.ts';
import { Palette } from '../palette/Palette.tsx';
import { useRoute } from '../router.ts';
import { useShortcuts } from '../shortcuts.ts';
import { Banners } from './Banners.tsx';
import { Fence } from './Fence.tsx';
import { Navigation } from './Navigation.tsx';
import { TopBar } from './TopBar.tsx';
import './shell.css';

export function Shell({ children }: { children: ReactNode }) {
  const { t } = useText();
  const { path } = useRoute();
  useHeartbeat();
  useShortcuts();
  return (
    <div className="shell" data-testid="shell">
      <a
        className="skip-link"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('content')?.focus();
        }}
      >
        {t('shell.nav.skip')}
      </a>
      <Navigation />
      <div className="shell-main">
        <TopBar />
        <Banners />
        <main id="content" tabIndex={-1}>
          <Fence place={path.join('/')}>{children}</Fence>
        </main>
      </div>
      <Palette />
    </div>
  );
}
