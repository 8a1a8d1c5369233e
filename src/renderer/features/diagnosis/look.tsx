/** How verdicts, objects and evidence look. */
import type { DiagnosisReport, DiagnosisStep, Evidence, ObjectName } from '#shared/contract/diagnosis.ts';
import { objectRoute } from '../../app/diagnosis-links.ts';
import { useText } from '../../stores/text.ts';
import { type Level, Status } from '../../ui/Status.tsx';

type Verdict = DiagnosisReport['verdict'] | DiagnosisStep['verdict'];

const LEVELS: Readonly<Record<Verdict, Level>> = {
  healthy: 'ok',
  ok: 'ok',
  warning: 'warning',
  fault: 'error',
  unknown: 'none',
  forbidden: 'none',
};

export function Verdict({ verdict, testId }: { verdict: Verdict; testId?: string }) {
  const { t } = useText();
  return (
    <Status level={LEVELS[verdict]} {...(testId === undefined ? {} : { testId })}>
      {t(`diagnosis.verdicts.${verdict}`)}
    </Status>
  );
}

export function placeText({ namespace, name }: ObjectName): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** Kind and name, leading to the object. */
export function ObjectLink({ clusterId, object }: { clusterId: string; object: ObjectName }) {
  const route = objectRoute(clusterId, object);
  return (
    <span className="diagnosis-object">
      <span className="muted">{object.kind}</span>{' '}
      {route === null ? <span>{placeText(object)}</span> : <a href={route}>{placeText(object)}</a>}
    </span>
  );
}

/** Where the evidence stands, what it says, and when. `about`: the object everybody knows it is about. */
export function EvidenceList({ evidence, about }: { evidence: readonly Evidence[]; about: ObjectName }) {
  const { t, dateTime, language } = useText();
  const same = (object: ObjectName) =>
    object.kind === about.kind && object.namespace === about.namespace && object.name === about.name;
  return (
    <ul className="diagnosis-evidence">
      {evidence.map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a report does not change.
        <li key={index} data-source={one.source}>
          <span className="diagnosis-source muted">{t(`diagnosis.sources.${one.source}`)}</span>
          <div className="diagnosis-proof">
            <div className="diagnosis-at">
              {!same(one.object) && (
                <span className="muted">
                  {one.object.kind} {placeText(one.object)}{' '}
                </span>
              )}
              <code>{one.at}</code>
              {one.count > 1 && <span className="muted"> {t('diagnosis.eventTimes', { count: one.count })}</span>}
              {one.time !== null && <span className="muted"> {dateTime(one.time)}</span>}
            </div>
            <code className="diagnosis-text">{one.words?.[language] ?? one.text}</code>
          </div>
        </li>
      ))}
    </ul>
  );
}
