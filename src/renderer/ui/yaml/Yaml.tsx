/** YAML to read, edit and compare. The editor library is fetched when the first of these is shown. */
import { lazy, Suspense, useCallback } from 'react';
import { useSettings, useText } from '../../stores/text.ts';
import { Loading } from '../Feedback.tsx';
import type { DiffPaneProps, EditorPaneProps } from './EditorPane.tsx';
import type { Problem } from './schema.ts';
import './yaml.css';

/** The editor takes its texts when it is loaded and keeps them: the language of that moment. */
async function editor() {
  if (useSettings.getState().language === 'zh') await import('monaco-editor/nls/lang/zh-cn.js');
  return import('./EditorPane.tsx');
}
const EditorPane = lazy(() => editor().then((module) => ({ default: module.EditorPane })));
const DiffPane = lazy(() => editor().then((module) => ({ default: module.DiffPane })));

/** Fills the height it is given (`height`), or its parent's. */
export function YamlEditor({ height, ...props }: Omit<EditorPaneProps, 'describe'> & { height?: number | string }) {
  const { t } = useText();
  const describe = useCallback(
    ({ kind, field, expected }: Problem) => t(`resources.yaml.problems.${kind}`, { field, expected }),
    [t],
  );
  return (
    <div className="yaml" style={height === undefined ? undefined : { flex: 'none', height }}>
      <Suspense fallback={<Loading rows={8} />}>
        <EditorPane {...props} describe={describe} />
      </Suspense>
    </div>
  );
}

export function YamlDiff({ height, ...props }: DiffPaneProps & { height?: number | string }) {
  return (
    <div className="yaml" style={height === undefined ? undefined : { flex: 'none', height }}>
      <Suspense fallback={<Loading rows={8} />}>
        <DiffPane {...props} />
      </Suspense>
    </div>
  );
}
