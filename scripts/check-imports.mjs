/** Fails when a file under src/ imports what it may not (docs/architecture.md, "Who may import whom"). */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { checkImports } from './lib/import-rules.mjs';
import { inRoot, root } from './lib/paths.mjs';

const files = globSync('src/**/*.{ts,tsx}', { cwd: root }).map((file) => file.replaceAll('\\', '/'));
const sources = new Map(files.sort().map((file) => [file, readFileSync(inRoot(file), 'utf8')]));
const problems = checkImports(sources, (file) => existsSync(inRoot(file)));
for (const { file, line, message } of problems) console.log(`${file}:${line}: ${message}`);
console.log(`${files.length} files, ${problems.length} forbidden imports`);
process.exitCode = problems.length === 0 && files.length > 0 ? 0 : 1;
