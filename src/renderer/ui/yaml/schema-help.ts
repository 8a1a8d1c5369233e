/** Completion, hover and marks of problems in the editor, by the schema of the kind that a text is of. */
import type { KindSchema } from '#shared/contract/resources.ts';
import { monaco } from './monaco.ts';
import { type Problem, placeAt, problemsOf, resolve, schemaAt, suggestionsAt, typeText } from './schema.ts';

const OWNER = 'schema';
const PAUSE_MS = 250;
/** By the address of the model: providers belong to the language, schemas to a text. */
const schemas = new Map<string, KindSchema>();
let registered = false;

/** Until the returned function is called. */
export function attachSchema(
  model: monaco.editor.ITextModel,
  schema: KindSchema,
  describe: (problem: Problem) => string,
): () => void {
  register();
  schemas.set(model.uri.toString(), schema);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const check = () => {
    if (model.isDisposed()) return;
    const marks = problemsOf(schema, model.getValue()).map((problem) => {
      const from = model.getPositionAt(problem.from);
      const to = model.getPositionAt(problem.to);
      return {
        severity: problem.kind === 'unknown' ? monaco.MarkerSeverity.Warning : monaco.MarkerSeverity.Error,
        message: describe(problem),
        startLineNumber: from.lineNumber,
        startColumn: from.column,
        endLineNumber: to.lineNumber,
        endColumn: to.column,
      };
    });
    monaco.editor.setModelMarkers(model, OWNER, marks);
  };
  check();
  const changes = model.onDidChangeContent(() => {
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE_MS);
  });
  return () => {
    clearTimeout(timer);
    changes.dispose();
    schemas.delete(model.uri.toString());
    if (!model.isDisposed()) monaco.editor.setModelMarkers(model, OWNER, []);
  };
}

function register(): void {
  if (registered) return;
  registered = true;
  monaco.languages.registerCompletionItemProvider('yaml', {
    triggerCharacters: [' ', '-', '\n'],
    provideCompletionItems(model, position) {
      const schema = schemas.get(model.uri.toString());
      if (schema === undefined) return { suggestions: [] };
      const word = model.getWordUntilPosition(position);
      const range = {
        startLineNumber: position.lineNumber,
        endLineNumber: position.lineNumber,
        startColumn: word.startColumn,
        endColumn: word.endColumn,
      };
      const found = suggestionsAt(schema, model.getValue(), position.lineNumber - 1, position.column - 1);
      return {
        suggestions: found.map(({ label, insert, detail, description }) => ({
          label,
          insertText: insert,
          detail,
          // Descriptions come from clusters: text, never markup.
          documentation: description,
          kind: monaco.languages.CompletionItemKind.Field,
          range,
        })),
      };
    },
  });
  monaco.languages.registerHoverProvider('yaml', {
    provideHover(model, position) {
      const schema = schemas.get(model.uri.toString());
      const word = model.getWordAtPosition(position);
      if (schema === undefined || word === null) return null;
      const { path, key } = placeAt(model.getValue(), position.lineNumber - 1, word.endColumn - 1);
      const parent = schemaAt(schema, path);
      const node = resolve(schema, parent?.properties?.[key ?? ''] ?? parent?.entries);
      if (node?.description === undefined) return null;
      const plain = node.description.replaceAll(/[\\`*_{}[\]()#+\-.!|<>]/g, '\\$&');
      return { contents: [{ value: `**${word.word}** ${typeText(node)}` }, { value: plain }] };
    },
  });
}
