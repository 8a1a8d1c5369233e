/** First step: where the kubeconfig comes from. */
import { type DragEvent, useRef, useState } from 'react';
import type { KubeconfigContents, KubeconfigSource } from '#shared/contract/clusters.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import { KUBECONFIG_TEXT_LIMIT } from '#shared/limits.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction, useRead } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Button, Input, Segmented } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';

type Way = 'found' | 'file' | 'text';

/** One kubeconfig that was read, and where it came from. */
export interface Found {
  contents: KubeconfigContents;
  source: KubeconfigSource;
  /** Name of the file it came from, where the source does not say it. */
  origin?: string;
}

/** A file of several that is no kubeconfig, and why. */
export interface Refused {
  origin: string;
  problem: AppErrorShape;
}

/** Files on this machine may be changed beside us: what is listed follows. */
const LOOK_AGAIN_MS = 4_000;

export interface SourceStepProps {
  active: boolean;
  /** What can be gone on with; of several files some may have been refused. */
  onContents: (found: readonly Found[], refused?: readonly Refused[]) => void;
}

export function SourceStep({ active, onContents }: SourceStepProps) {
  const { t } = useText();
  const [way, setWay] = useState<Way>('found');
  const [path, setPath] = useState('');
  const [text, setText] = useState('');
  const [dragging, setDragging] = useState(false);
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  const picker = useRef<HTMLInputElement>(null);
  const read = useAction(async (source: KubeconfigSource) => {
    setRefused([]);
    const contents = await engine.clusters.readKubeconfig.mutate({ source });
    if (contents.problem !== null) throw contents.problem;
    onContents([{ contents, source }]);
  });
  /** Each file is a source of its own: contexts of one name in several files stay apart, and a bad one holds up no other. */
  const readFiles = useAction(async (files: readonly File[]) => {
    const answers = await Promise.all(files.map(readFile));
    const found = answers.filter((answer) => 'contents' in answer);
    const bad = answers.filter((answer) => 'problem' in answer);
    setRefused(found.length === 0 ? bad : []);
    if (found.length > 0) onContents(found, bad);
  });
  function drop(event: DragEvent) {
    event.preventDefault();
    setDragging(false);
    const files = [...event.dataTransfer.files];
    if (files.length === 0) return;
    setWay('text');
    read.reset();
    void readFiles.run(files);
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a drop target; the same is possible by keyboard with the text field.
    <div
      className="stack wide register-source"
      data-dragging={dragging}
      onDragOver={(event) => {
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        // From one part of it to another is not away.
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setDragging(false);
      }}
      onDrop={drop}
    >
      <Segmented<Way>
        value={way}
        onChange={(next) => {
          setWay(next);
          read.reset();
          setRefused([]);
        }}
        options={(['found', 'file', 'text'] as const).map((each) => ({
          value: each,
          label: <span data-testid={`source-${each}`}>{t(`clusters.wizard.sources.${each}`)}</span>,
        }))}
      />
      {dragging && <div className="register-drop">{t('clusters.wizard.drop')}</div>}
      {way === 'found' && <FoundHere active={active} onContents={onContents} onOther={setWay} />}
      {way === 'file' && (
        <div className="stack">
          <Field label={t('clusters.wizard.path')} help={t('clusters.wizard.pathHelp')}>
            <Input
              value={path}
              onChange={(event) => setPath(event.target.value)}
              onPressEnter={() => path.trim() !== '' && void read.run({ kind: 'file', path: path.trim() })}
              className="mono"
              placeholder="~/.kube/config"
              data-testid="source-path"
            />
          </Field>
          <div>
            <Button
              type="primary"
              disabled={path.trim() === ''}
              loading={read.pending}
              onClick={() => void read.run({ kind: 'file', path: path.trim() })}
              data-testid="source-read"
            >
              {t('clusters.wizard.read')}
            </Button>
          </div>
        </div>
      )}
      {way === 'text' && (
        <div className="stack">
          <Field label={t('clusters.wizard.text')} help={t('clusters.wizard.textHelp')}>
            <Input.TextArea
              value={text}
              onChange={(event) => setText(event.target.value)}
              rows={14}
              className="mono"
              spellCheck={false}
              autoComplete="off"
              data-testid="source-paste"
            />
          </Field>
          <div className="row">
            <Button
              type="primary"
              disabled={text.trim() === ''}
              loading={read.pending}
              onClick={() => void read.run({ kind: 'text', text })}
              data-testid="source-read"
            >
              {t('clusters.wizard.read')}
            </Button>
            <Button loading={readFiles.pending} onClick={() => picker.current?.click()} data-testid="source-pick">
              {t('clusters.wizard.pick')}
            </Button>
            <input
              ref={picker}
              type="file"
              multiple
              hidden
              aria-label={t('clusters.wizard.pick')}
              data-testid="source-files"
              onChange={(event) => {
                const files = [...(event.target.files ?? [])];
                event.target.value = '';
                if (files.length > 0) void readFiles.run(files);
              }}
            />
          </div>
        </div>
      )}
      {readFiles.error !== null && <ErrorNotice error={readFiles.error} onClose={readFiles.reset} />}
      {read.error !== null && <ErrorNotice error={read.error} />}
      <RefusedFiles refused={refused} level="error" />
    </div>
  );
}

/** Files that were not taken, each with the reason. */
export function RefusedFiles({ refused, level }: { refused: readonly Refused[]; level: 'error' | 'warning' }) {
  return refused.map(({ origin, problem }, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: two files may have one name, and their order is theirs.
    <div className="stack" key={place} data-testid="source-refused">
      <code>{origin}</code>
      <ErrorNotice error={problem} level={level} />
    </div>
  ));
}

async function readFile(file: File): Promise<Found | Refused> {
  const unreadable = (message: string, hint?: string): Refused => ({
    origin: file.name,
    problem: { code: 'KUBECONFIG_UNREADABLE', message, retryable: false, hint },
  });
  if (file.size > KUBECONFIG_TEXT_LIMIT)
    return unreadable(`${file.name} has ${file.size} bytes`, 'hints.kubeconfigTooLarge');
  let text: string;
  try {
    text = await file.text();
  } catch (error) {
    // A folder, or gone since it was chosen.
    return unreadable(String(error));
  }
  const source: KubeconfigSource = { kind: 'text', text };
  const contents = await engine.clusters.readKubeconfig.mutate({ source });
  return contents.problem === null
    ? { source, contents, origin: file.name }
    : { origin: file.name, problem: contents.problem };
}

interface FoundHereProps {
  active: boolean;
  onContents: (found: readonly Found[]) => void;
  onOther: (way: Way) => void;
}

function FoundHere({ active, onContents, onOther }: FoundHereProps) {
  const { t } = useText();
  const found = useRead(
    active ? ['clusters', 'defaultKubeconfigs'] : null,
    (signal) => engine.clusters.defaultKubeconfigs.query(undefined, { signal }),
    LOOK_AGAIN_MS,
  );
  if (found.error !== null) return <ErrorNotice error={found.error} onRetry={found.again} />;
  if (found.data === undefined) return <Loading rows={3} />;
  if (found.data.length === 0)
    return (
      <EmptyState
        title={t('clusters.wizard.foundNone')}
        hint={t('clusters.wizard.foundNoneHint')}
        action={(['file', 'text'] as const).map((way) => (
          <Button key={way} onClick={() => onOther(way)} data-testid={`source-other-${way}`}>
            {t(`clusters.wizard.other.${way}`)}
          </Button>
        ))}
      />
    );
  const usable = found.data.flatMap((contents): Found[] =>
    contents.problem === null && contents.source.path !== undefined
      ? [{ contents, source: { kind: 'file', path: contents.source.path } }]
      : [],
  );
  return (
    <ul className="stack">
      {usable.length > 1 && (
        <li>
          <Button onClick={() => onContents(usable)} data-testid="source-use-all">
            {t('clusters.wizard.useAll', { count: usable.length })}
          </Button>
        </li>
      )}
      {found.data.map((contents) => (
        <li key={contents.source.path} className="register-found">
          <div className="row between">
            <div className="grow">
              <code>{contents.source.path}</code>
              <div className="muted">{t('clusters.wizard.contexts', { count: contents.contexts.length })}</div>
            </div>
            {contents.problem === null && contents.source.path !== undefined && (
              <Button
                type="primary"
                onClick={() => onContents([{ contents, source: { kind: 'file', path: contents.source.path ?? '' } }])}
                data-testid="source-use"
              >
                {t('clusters.wizard.use')}
              </Button>
            )}
          </div>
          {contents.problem !== null && <ErrorNotice error={contents.problem} level="warning" />}
        </li>
      ))}
    </ul>
  );
}
