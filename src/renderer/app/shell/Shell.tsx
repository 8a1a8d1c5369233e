/** The window: navigation, top bar, notices, and the page in the middle. One page's failure leaves the frame standing. */
import { Component, type ReactNode } from 'react';
import { useText } from '../../stores/text.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { toShape } from '../engine/client.ts';
import { useHeartbeat } from '../engine/sources.ts';
import { Palette } from '../palette/Palette.tsx';
import { useRoute } from '../router.ts';
import { useShortcuts } from '../shortcuts.ts';
import { Banners } from './Banners.tsx';
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

/** Catches what a page throws while rendering; another place is another chance. The page itself stays as it is. */
class Fence extends Component<{ place: string; children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override componentDidUpdate(before: { place: string }) {
    if (before.place !== this.props.place && this.state.error !== null) this.setState({ error: null });
  }
  override render() {
    return this.state.error === null ? (
      this.props.children
    ) : (
      <Crashed error={this.state.error} onRetry={() => this.setState({ error: null })} />
    );
  }
}

function Crashed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useText();
  return (
    <div className="crashed stack">
      <h1>{t('shell.crashed')}</h1>
      <ErrorNotice error={toShape(error)} onRetry={onRetry} />
    </div>
  );
}
