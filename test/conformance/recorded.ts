/** Reads recorded cases. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One JSON object a line, plain or gzip. Throws with the number of a line that is no JSON. */
export function readCases<T>(file: string | URL): T[] {
  const bytes = readFileSync(file);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as T];
    } catch (error) {
      throw new Error(`${file} line ${index + 1}: ${(error as Error).message}`);
    }
  });
}
