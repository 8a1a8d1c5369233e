/** What the federation decided and did, over all its workloads (U12). */
import type { Federation } from '#shared/contract/federations.ts';
import { changeQuery, useRoute } from '../../../app/router.ts';
import { useText } from '../../../stores/text.ts';
import { EmptyState, ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { FilterInput } from '../../../ui/FilterInput.tsx';
import { Panel } from '../../../ui/Page.tsx';
import { JOURNAL, useJournal } from '../live.ts';
import { TimeLine } from './TimeLine.tsx';
import { eventText } from './words.ts';

export function HistoryTab({ federation }: { federation: Federation }) {
  const text = useText();
  const { t } = text;
  const { query } = useRoute();
  const { id } = federation;
  const live = useJournal(id);
  if (live.data === undefined) return live.error === null ? <Loading rows={8} /> : <ErrorNotice error={live.error} />;
  if (live.data.length === 0) {
    const texts =
      federation.engine === 'external'
        ? (['why.noRecord', 'why.noRecordHint'] as const)
        : (['why.noHistory', 'why.historyHint'] as const);
    return <EmptyState title={t(texts[0])} hint={t(texts[1])} />;
  }
  const words = (query['q'] ?? '').toLowerCase().split(/\s+/);
  const shown = live.data.filter((entry) => {
    const { kind, namespace, name } = entry.object;
    const line = `${kind} ${namespace}/${name} ${eventText(entry, text)}`.toLowerCase();
    return words.every((word) => line.includes(word));
  });
  return (
    <div className="stack fill-column">
      {live.error !== null && <ErrorNotice error={live.error} level="warning" />}
      <FilterInput
        value={query['q'] ?? ''}
        onChange={(q) => changeQuery({ q })}
        placeholder={t('why.historyFilter')}
        width={380}
      />
      <div className="scroll-column">
        {shown.length === 0 ? (
          <EmptyState title={t('resources.noneMatch.title')} hint={t('resources.noneMatch.hint')} />
        ) : (
          <Panel flush>
            <TimeLine entries={shown} federationId={id} />
            {live.data.length >= JOURNAL && <p className="muted panel-body">{t('why.older', { count: JOURNAL })}</p>}
          </Panel>
        )}
      </div>
    </div>
  );
}
