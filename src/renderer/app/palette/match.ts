/** Which commands fit what was typed, best first. Pure. */

export interface Command {
  id: string;
  title: string;
  group: 'pages' | 'actions' | 'clusters' | 'federations' | 'kinds' | 'objects';
  /** Shown in the place of the group's name. */
  detail?: string;
  /** Further words it can be found by: the other language, short names. */
  words?: string;
  run: () => void;
}

/**
 * Every typed word must occur; the start of a title counts most, then the start of a word, then anywhere, then letters
 * in order (`depl` finds Deployments, `rc` finds "Register a cluster").
 */
export function matchCommands<T extends Pick<Command, 'title' | 'words'>>(commands: readonly T[], query: string): T[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return [...commands];
  const scored: { command: T; score: number; index: number }[] = [];
  commands.forEach((command, index) => {
    let score = 0;
    for (const word of words) {
      const best = Math.max(scoreOf(command.title, word), scoreOf(command.words ?? '', word) - 1);
      if (best <= 0) return;
      score += best;
    }
    scored.push({ command, score, index });
  });
  return scored.sort((a, b) => b.score - a.score || a.index - b.index).map(({ command }) => command);
}

function scoreOf(text: string, word: string): number {
  const lower = text.toLowerCase();
  const at = lower.indexOf(word);
  if (at === 0) return 10;
  if (at > 0) return /[\s/.-]/.test(lower[at - 1] ?? '') ? 8 : 6;
  const initials = lower
    .split(/[\s/.-]+/)
    .map((part) => part[0] ?? '')
    .join('');
  if (word.length > 1 && initials.startsWith(word)) return 5;
  return 0;
}
