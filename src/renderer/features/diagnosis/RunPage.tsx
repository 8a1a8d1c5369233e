/** A diagnosis under way: what is being read, and how far it is. The report takes its place when it is there. */
import { useEffect, useState } from 'react';
import type { DiagnosisProgress, DiagnosisTarget } from '#shared/contract/diagnosis.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import { engine, toShape } from '../../app/engine/client.ts';
import { queries } from '../../app/engine/hooks.ts';
import { useClusters } from '../../app/engine/sources.ts';
import { formatRoute, navigate } from '../../app/router.ts';
import { useConnection } from '../../stores/connection.ts';
import { useText } from '../../stores/text.ts';
import { Progress } from '../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { Page, Panel } from '../../ui/Page.tsx';
import { TargetName } from '../../ui/Status.tsx';
import './diagnosis.css';
import type { Chosen } from './FurtherDialog.tsx';

/** `chosen`: checks beyond reading, which a person has just asked for. */
export function RunPage({ target, chosen }: { target: DiagnosisTarget; chosen?: Chosen }) {
  const { t, language } = useText();
  const [progress, setProgress] = useState<Extract<DiagnosisProgress, { type: 'progress' }> | null>(null);
  const [error, setError] = useState<AppErrorShape | null>(null);
  const [attempt, setAttempt] = useState(0);
  const connected = useConnection((connection) => connection.status === 'open');
  const { clusterId, kind, namespace, name } = target;
  const cluster = useClusters().data?.find(({ id }) => id === clusterId)?.name ?? clusterId;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt runs the same again.
  useEffect(() => {
    if (!connected) return;
    setError(null);
    setProgress(null);
    const about = { clusterId, kind, namespace, name };
    const listener = {
      onData(event: DiagnosisProgress) {
        if (event.type === 'progress') {
          setProgress(event);
          return;
        }
        queries.setQueryData(['diagnosis', 'report', event.report.id], event.report);
        void queries.invalidateQueries({ queryKey: ['diagnosis', 'history'] });
        // The report that further checks were chosen from stays behind this one.
        navigate(['diagnosis', 'report', event.report.id], {}, chosen === undefined ? 'replace' : 'push');
      },
      onError: (cause: unknown) => setError(toShape(cause)),
    };
    const subscription =
      chosen === undefined
        ? engine.diagnosis.run.subscribe(about, listener)
        : engine.diagnosis.runFurther.subscribe({ ...about, ...chosen }, listener);
    return () => subscription.unsubscribe();
  }, [clusterId, kind, namespace, name, chosen, attempt, connected]);
  const object = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
  return (
    <Page
      testId="diagnosis-run"
      title={t('diagnosis.running', { object })}
      aside={<TargetName name={cluster} />}
      back={{ href: formatRoute(['diagnosis']), label: t('diagnosis.title') }}
    >
      <Panel>
        {error !== null ? (
          <ErrorNotice error={{ ...error, cluster }} onRetry={() => setAttempt((count) => count + 1)} />
        ) : (
          <div className="stack" role="status" aria-live="polite">
            <Progress
              percent={progress === null ? 0 : Math.round((100 * progress.done) / Math.max(1, progress.total))}
              status="active"
              aria-label={t('diagnosis.running', { object })}
            />
            <span className="muted">
              {progress === null
                ? t('common.loading')
                : t('diagnosis.progress', {
                    done: progress.done,
                    total: progress.total,
                    what: progress.what[language],
                  })}
            </span>
            <Loading rows={6} />
          </div>
        )}
      </Panel>
    </Page>
  );
}
