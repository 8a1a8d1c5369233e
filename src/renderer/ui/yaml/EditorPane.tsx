/** The editor and the diff themselves; loaded lazily through `YamlEditor` and `YamlDiff`. */
import { useEffect, useRef } from 'react';
import type { KindSchema } from '#shared/contract/resources.ts';
import { useEffectiveTheme } from '../theme.tsx';
import { applyTheme, monaco } from './monaco.ts';
import type { Problem } from './schema.ts';
import { attachSchema } from './schema-help.ts';

const options: monaco.editor.IEditorOptions & monaco.editor.IGlobalEditorOptions = {
  automaticLayout: true,
  minimap: { enabled: false },
  fontSize: 12,
  lineHeight: 18,
  fontFamily: "ui-monospace, 'SF Mono', 'JetBrains Mono', Menlo, Consolas, 'Liberation Mono', monospace",
  scrollBeyondLastLine: false,
  renderLineHighlight: 'line',
  tabSize: 2,
  wordWrap: 'off',
  folding: true,
  fixedOverflowWidgets: true,
  stickyScroll: { enabled: false },
  links: false,
  padding: { top: 6, bottom: 6 },
};

/**
 * Tells the echo of our own typing from a value set by somebody else. The page renders behind a fast typist: a value it
 * hands back may be one or two keystrokes old, and putting that into the editor would swallow the newer ones.
 */
class Echoes {
  private readonly sent: string[] = [];

  send(value: string): string {
    this.sent.push(value);
    if (this.sent.length > 200) this.sent.shift();
    return value;
  }

  isEcho(value: string): boolean {
    const at = this.sent.lastIndexOf(value);
    if (at < 0) return false;
    this.sent.splice(0, at);
    return true;
  }
}

export interface EditorPaneProps {
  value: string;
  onChange?: ((value: string) => void) | undefined;
  label: string;
  /** What the kind of the text is made of: fields are offered, explained and checked by it. */
  schema?: KindSchema | undefined;
  /** A problem in the person's language. */
  describe?: ((problem: Problem) => string) | undefined;
}

export function EditorPane({ value, onChange, label, schema, describe }: EditorPaneProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<monaco.editor.IStandaloneCodeEditor | null>(null);
  const tell = useRef(onChange);
  tell.current = onChange;
  const echoes = useRef(new Echoes());
  const theme = useEffectiveTheme();
  useEffect(() => applyTheme(theme), [theme]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; later values go through the effects below.
  useEffect(() => {
    if (host.current === null) return;
    const model = monaco.editor.createModel(value, 'yaml');
    const made = monaco.editor.create(host.current, {
      ...options,
      model,
      readOnly: onChange === undefined,
      domReadOnly: onChange === undefined,
      ariaLabel: label,
    });
    const changes = model.onDidChangeContent(() => tell.current?.(echoes.current.send(model.getValue())));
    editor.current = made;
    return () => {
      // Editor first, then its model: the other order leaks both.
      changes.dispose();
      made.dispose();
      model.dispose();
      editor.current = null;
    };
  }, []);
  useEffect(() => {
    const model = editor.current?.getModel();
    if (model != null && model.getValue() !== value && !echoes.current.isEcho(value)) model.setValue(value);
  }, [value]);
  useEffect(() => {
    const model = editor.current?.getModel();
    if (model == null || schema === undefined || describe === undefined) return;
    return attachSchema(model, schema, describe);
  }, [schema, describe]);
  useEffect(() => {
    editor.current?.updateOptions({ readOnly: onChange === undefined, domReadOnly: onChange === undefined });
  }, [onChange]);
  return <div ref={host} className="yaml-host" data-testid="yaml-editor" />;
}

export interface DiffPaneProps {
  /** Read out for the two sides. */
  label: string;
  before: string;
  after: string;
  /** Given: the right side can be edited. */
  onChange?: ((value: string) => void) | undefined;
  inline?: boolean;
}

export function DiffPane({ label, before, after, onChange, inline = false }: DiffPaneProps) {
  const host = useRef<HTMLDivElement>(null);
  const models = useRef<{ before: monaco.editor.ITextModel; after: monaco.editor.ITextModel } | null>(null);
  const tell = useRef(onChange);
  tell.current = onChange;
  const echoes = useRef(new Echoes());
  const theme = useEffectiveTheme();
  useEffect(() => applyTheme(theme), [theme]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; later values go through the effect below.
  useEffect(() => {
    if (host.current === null) return;
    const made = monaco.editor.createDiffEditor(host.current, {
      ...options,
      renderSideBySide: !inline,
      useInlineViewWhenSpaceIsLimited: true,
      readOnly: onChange === undefined,
      originalEditable: false,
      hideUnchangedRegions: { enabled: true },
      renderOverviewRuler: false,
    });
    for (const side of [made.getOriginalEditor(), made.getModifiedEditor()]) side.updateOptions({ ariaLabel: label });
    const pair = {
      before: monaco.editor.createModel(before, 'yaml'),
      after: monaco.editor.createModel(after, 'yaml'),
    };
    made.setModel({ original: pair.before, modified: pair.after });
    const changes = pair.after.onDidChangeContent(() => tell.current?.(echoes.current.send(pair.after.getValue())));
    models.current = pair;
    return () => {
      changes.dispose();
      made.dispose();
      pair.before.dispose();
      pair.after.dispose();
      models.current = null;
    };
  }, []);
  useEffect(() => {
    if (models.current === null) return;
    if (models.current.before.getValue() !== before) models.current.before.setValue(before);
    if (models.current.after.getValue() !== after && !echoes.current.isEcho(after))
      models.current.after.setValue(after);
  }, [before, after]);
  return <div ref={host} className="yaml-host" data-testid="yaml-diff" />;
}
