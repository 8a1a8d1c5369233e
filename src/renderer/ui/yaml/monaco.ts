/**
 * The editor library, loaded in a chunk of its own when the first YAML is shown: the core, YAML colouring and the few
 * abilities an operator needs (find, fold, brackets, hover, context menu). Its worker comes from our own files.
 */
import * as monaco from 'monaco-editor/editor/editor.api.js';
import EditorWorker from 'monaco-editor/editor/editor.worker.js?worker';
import 'monaco-editor/languages/definitions/yaml/register.js';
import 'monaco-editor/features/bracketMatching/register.js';
import 'monaco-editor/features/caretOperations/register.js';
import 'monaco-editor/features/clipboard/register.js';
import 'monaco-editor/features/codicon/register.js';
import 'monaco-editor/features/codeEditor/register.js';
import 'monaco-editor/features/comment/register.js';
import 'monaco-editor/features/contextmenu/register.js';
import 'monaco-editor/features/cursorUndo/register.js';
import 'monaco-editor/features/diffEditor/register.js';
import 'monaco-editor/features/find/register.js';
import 'monaco-editor/features/folding/register.js';
import 'monaco-editor/features/hover/register.js';
import 'monaco-editor/features/indentation/register.js';
import 'monaco-editor/features/linesOperations/register.js';
import 'monaco-editor/features/multicursor/register.js';
import 'monaco-editor/features/readOnlyMessage/register.js';
// The library's own entry for suggestions registers only those inside a line; this is the list that one chooses from.
import 'monaco-editor/editor/contrib/suggest/browser/suggestController.js';

self.MonacoEnvironment = { getWorker: () => new EditorWorker() };

/** Colours of the page's theme, so that the editor is part of the page. */
export function applyTheme(theme: 'dark' | 'light'): void {
  const style = getComputedStyle(document.documentElement);
  const background = style.getPropertyValue('--ant-color-bg-container').trim();
  const name = `fleetdeck-${theme}`;
  monaco.editor.defineTheme(name, {
    base: theme === 'dark' ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [],
    colors: /^#[0-9a-f]{6}$/i.test(background) ? { 'editor.background': background } : {},
  });
  monaco.editor.setTheme(name);
}

export { monaco };
