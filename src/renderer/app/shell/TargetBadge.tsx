/** "Which cluster am I on": always visible, in the cluster's colour; opens the chooser. */
import { useState } from 'react';
import type { Target } from '#shared/contract/views.ts';
import { useHueOf } from '../../stores/hues.ts';
import { sameTargets, targetKey, useTargets } from '../../stores/targets.ts';
import { useText } from '../../stores/text.ts';
import { Button, Checkbox, Popover } from '../../ui/controls.ts';
import { DownIcon } from '../../ui/icons.ts';
import { TargetName } from '../../ui/Status.tsx';
import { resourcesRoute } from '../resource-links.ts';
import { formatRoute, parseRoute } from '../router.ts';
import { type TargetEntry, useTargetEntries } from '../target-entries.ts';

export function TargetBadge() {
  const { t } = useText();
  const entries = useTargetEntries();
  const targets = useTargets((state) => state.targets);
  const [open, setOpen] = useState(false);
  const hueOf = useHueOf();
  const chosen = targets.flatMap(
    (target) => entries.find((entry) => targetKey(entry.target) === targetKey(target)) ?? [],
  );
  const single = chosen.length === 1 ? chosen[0] : undefined;
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomLeft"
      destroyOnHidden
      content={<TargetChooser entries={entries} targets={targets} onDone={() => setOpen(false)} />}
    >
      <button
        type="button"
        className="target-badge"
        data-testid="target-badge"
        data-hue={single === undefined ? undefined : hueOf(single.name)}
        aria-label={`${t('shell.target.label')}: ${chosen.map(({ name }) => name).join(', ')}`}
        aria-expanded={open}
      >
        <span className="muted">{t('shell.target.label')}</span>
        {chosen.length === 0 ? (
          <span>{t('shell.target.none')}</span>
        ) : (
          chosen
            .slice(0, 3)
            .map((entry) => <TargetName key={targetKey(entry.target)} name={entry.name} kind={entry.target.kind} />)
        )}
        {chosen.length > 3 && <span className="muted">+{chosen.length - 3}</span>}
        <DownIcon />
      </button>
    </Popover>
  );
}

/** Takes over the choice: into the store, and into the address when one is looking at resources. */
export function chooseTargets(targets: readonly Target[]): void {
  useTargets.getState().setTargets(targets);
  const route = parseRoute(window.location.hash);
  if (route.path[0] === 'resources') window.location.hash = resourcesRoute({ targets }, route);
}

function TargetChooser({
  entries,
  targets,
  onDone,
}: {
  entries: readonly TargetEntry[];
  targets: readonly Target[];
  onDone: () => void;
}) {
  const { t, known } = useText();
  const chosen = new Set(targets.map(targetKey));
  const running = entries.filter(({ enterable, target }) => enterable && target.kind === 'cluster');
  function toggle(entry: TargetEntry) {
    const key = targetKey(entry.target);
    chooseTargets(chosen.has(key) ? targets.filter((target) => targetKey(target) !== key) : [...targets, entry.target]);
  }
  return (
    <div className="target-chooser" data-testid="target-chooser">
      {(['cluster', 'federation'] as const).map((kind) => {
        const ofKind = entries.filter(({ target }) => target.kind === kind);
        if (ofKind.length === 0) return null;
        return (
          <section key={kind}>
            <h2 className="muted">{t(kind === 'cluster' ? 'shell.target.clusters' : 'shell.target.federations')}</h2>
            <ul>
              {ofKind.map((entry) => (
                <li key={entry.target.id} className="target-option">
                  <Checkbox
                    checked={chosen.has(targetKey(entry.target))}
                    disabled={!entry.enterable && !chosen.has(targetKey(entry.target))}
                    onChange={() => toggle(entry)}
                  >
                    <TargetName name={entry.name} kind={kind} />
                  </Checkbox>
                  {entry.enterable ? (
                    <Button
                      type="link"
                      onClick={() => {
                        chooseTargets([entry.target]);
                        onDone();
                      }}
                    >
                      {t('shell.target.only')}
                    </Button>
                  ) : (
                    <span className="muted">{known(`clusters.states.${entry.state}`, entry.state)}</span>
                  )}
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      <footer className="row between">
        <Button
          disabled={
            running.length === 0 ||
            sameTargets(
              running.map(({ target }) => target),
              targets,
            )
          }
          onClick={() => chooseTargets(running.map(({ target }) => target))}
        >
          {t('shell.target.allRunning')}
        </Button>
        <Button
          type="primary"
          disabled={targets.length === 0}
          onClick={() => {
            window.location.hash = resourcesRoute({ targets }, parseRoute(formatRoute(['resources'])));
            onDone();
          }}
        >
          {t('shell.target.show')}
        </Button>
      </footer>
    </div>
  );
}
