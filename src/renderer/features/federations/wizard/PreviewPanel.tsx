/** What would happen, calculated by the real scheduler while one types: replicas, clusters left out and why, the objects per cluster (U11). */
import { useState } from 'react';
import type { SchedulePreview } from '#shared/contract/federations.ts';
import { engine } from '../../../app/engine/client.ts';
import { type Read, useRead } from '../../../app/engine/hooks.ts';
import { useDelayed } from '../../../stores/delayed.ts';
import { useHueOf } from '../../../stores/hues.ts';
import { useText } from '../../../stores/text.ts';
import { Alert, Select } from '../../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { TargetName } from '../../../ui/Status.tsx';
import { YamlDiff } from '../../../ui/yaml/Yaml.tsx';
import { ruleText } from '../why/words.ts';
import type { DistributedObjects } from './objects.ts';

const PAUSE_MS = 300;

export interface Preview extends Read<SchedulePreview> {
  /** What is shown belongs to an earlier state of the form. */
  outdated: boolean;
}

export function usePreview(federationId: string, objects: DistributedObjects | null): Preview {
  const settled = useDelayed(objects, PAUSE_MS);
  const [last, setLast] = useState<SchedulePreview | undefined>();
  const read = useRead<SchedulePreview>(
    settled === null ? null : ['wizard-preview', federationId, settled],
    async () => {
      if (settled === null) throw new Error('incomplete');
      const preview = await engine.federations.preview.mutate({ federationId, ...settled });
      setLast(preview);
      return preview;
    },
  );
  const data = read.data ?? (settled === null ? undefined : last);
  // By content: the same objects made anew are no change.
  const changed = JSON.stringify(objects) !== JSON.stringify(settled);
  return { ...read, data, outdated: changed || (read.data === undefined && data !== undefined) };
}

export function PreviewPanel({ preview, complete }: { preview: Preview; complete: boolean }) {
  const { t } = useText();
  return (
    <aside className="wizard-preview" aria-live="polite" aria-label={t('wizard.preview.title')} data-testid="preview">
      <h2>
        {t('wizard.preview.title')}
        {complete && preview.outdated && <span className="muted"> {t('wizard.preview.outdated')}</span>}
      </h2>
      {!complete ? (
        <p className="muted">{t('wizard.preview.waiting')}</p>
      ) : preview.error !== null ? (
        <ErrorNotice error={preview.error} onRetry={preview.again} />
      ) : preview.data === undefined ? (
        <Loading rows={5} />
      ) : (
        <Result preview={preview.data} />
      )}
    </aside>
  );
}

function Result({ preview }: { preview: SchedulePreview }) {
  const text = useText();
  const { t } = text;
  const hueOf = useHueOf();
  const [shown, setShown] = useState<string | undefined>();
  const most = Math.max(1, ...preview.clusters.map(({ replicas }) => replicas ?? 0));
  const total = preview.clusters.reduce((sum, { replicas }) => sum + (replicas ?? 0), 0);
  const manifest =
    preview.manifests.find(({ cluster }) => cluster === shown) ??
    // What differs is what one wants to see.
    preview.manifests.find(({ overrides }) => overrides.length > 0) ??
    preview.manifests[0];
  const counted = preview.clusters.some(({ name, replicas }) => name === manifest?.cluster && replicas !== null);
  return (
    <div className="stack wide fill-column">
      {preview.error !== null && (
        <Alert
          type="error"
          showIcon
          title={t('wizard.preview.nothing')}
          description={preview.error.message}
          data-testid="preview-error"
        />
      )}
      {preview.warnings.map((warning) => (
        <ErrorNotice key={`${warning.code}${warning.message}`} error={warning} level="warning" />
      ))}
      {preview.clusters.length > 0 && (
        <div className="stack" data-testid="preview-clusters">
          {preview.clusters.map(({ name, replicas }) => (
            <div
              className="preview-bar"
              key={name}
              data-hue={hueOf(name)}
              data-testid={`preview-${name}`}
              data-replicas={replicas}
            >
              <TargetName name={name} />
              {replicas !== null && (
                <>
                  <span className="preview-track">
                    <span style={{ width: `${(replicas / most) * 100}%` }} />
                  </span>
                  <span className="nowrap">{t('wizard.preview.replicas', { count: replicas })}</span>
                </>
              )}
            </div>
          ))}
          {total > 0 && <span className="muted">{t('wizard.preview.total', { count: total })}</span>}
        </div>
      )}
      {preview.filtered.length > 0 && (
        <div className="stack" data-testid="preview-filtered">
          <span className="strong">{t('wizard.preview.filtered')}</span>
          {preview.filtered.map(({ name, plugin, reason, subject }) => (
            <div key={name} title={`${plugin}: ${reason}`}>
              <TargetName name={name} />
              <div className="muted">{ruleText({ rule: plugin, reason, subject }, null, text)}</div>
            </div>
          ))}
        </div>
      )}
      {manifest !== undefined && (
        <div className="stack fill-column">
          <div className="row between wrap">
            <span className="strong">{t('wizard.preview.manifests')}</span>
            <Select
              value={manifest.cluster}
              onChange={setShown}
              aria-label={t('wizard.preview.manifests')}
              popupMatchSelectWidth={false}
              options={preview.manifests.map(({ cluster }) => ({ value: cluster, label: cluster }))}
            />
          </div>
          <span className="muted">
            {manifest.overrides.length === 0
              ? t(counted ? 'wizard.preview.asTemplateShare' : 'wizard.preview.asTemplate')
              : t('wizard.preview.differences', { names: manifest.overrides.join(', ') })}
          </span>
          <YamlDiff label={t('wizard.preview.manifests')} before={preview.template} after={manifest.yaml} inline />
        </div>
      )}
    </div>
  );
}
