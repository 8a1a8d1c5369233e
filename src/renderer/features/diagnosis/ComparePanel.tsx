/** What has changed since the run before of the same object. */
import type { Link } from '#shared/contract/diagnosis.ts';
import { engine } from '../../app/engine/client.ts';
import { useRead } from '../../app/engine/hooks.ts';
import { formatRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Panel } from '../../ui/Page.tsx';
import { type Level, Status } from '../../ui/Status.tsx';

const LEVELS: Readonly<Record<'appeared' | 'gone' | 'still', Level>> = {
  appeared: 'error',
  gone: 'ok',
  still: 'warning',
};

export function ComparePanel({ id }: { id: string }) {
  const { t, language, dateTime } = useText();
  const read = useRead(['diagnosis', 'compare', id], (signal) => engine.diagnosis.compare.query({ id }, { signal }));
  const { data } = read;
  if (data === undefined || data.before === null) return null;
  const groups: ['appeared' | 'gone' | 'still', readonly Link[]][] = [
    ['appeared', data.appeared],
    ['gone', data.gone],
    ['still', data.still],
  ];
  return (
    <Panel
      testId="comparison"
      title={
        <a href={formatRoute(['diagnosis', 'report', data.before.id])}>
          {t('diagnosis.compare', { time: dateTime(data.before.startedAt) })}
        </a>
      }
    >
      {data.appeared.length === 0 && data.gone.length === 0 && <p className="muted">{t('diagnosis.noChange')}</p>}
      <ul className="stack">
        {groups.flatMap(([what, links]) =>
          links.map((link) => (
            <li key={`${what}/${link.cause}/${link.object.kind}/${link.object.name}`} data-change={what}>
              <Status level={LEVELS[what]}>{t(`diagnosis.${what}`)}</Status> <span>{link.sentence[language]}</span>
            </li>
          )),
        )}
      </ul>
    </Panel>
  );
}
