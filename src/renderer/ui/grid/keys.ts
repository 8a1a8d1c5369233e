/** Where the active row goes on a key. Pure. */

/** The next active row, or null when the key does not move it. `active` -1: none yet. */
export function moveActive(key: string, active: number, total: number, page: number): number | null {
  if (total === 0) return null;
  const last = total - 1;
  const clamp = (index: number) => Math.max(0, Math.min(last, index));
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return clamp(active + 1);
    case 'ArrowUp':
    case 'k':
      return active < 0 ? last : clamp(active - 1);
    case 'PageDown':
      return clamp(Math.max(active, 0) + page);
    case 'PageUp':
      return clamp(active - page);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
