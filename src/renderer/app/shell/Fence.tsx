/** Where a failure of the interface itself ends: what is outside goes on, what is inside says what happened. */
import { Component, type ReactNode } from 'react';
import { useText } from '../../stores/text.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { toShape } from '../engine/client.ts';
import './fence.css';

/** Catches what is thrown while its content renders and shows it instead; another place is another chance. */
export class Fence extends Component<{ place: string; children: ReactNode }, { error: unknown }> {
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
