/** Chooses the set of regions with the highest score that has enough clusters; fewer regions win a tie by prefix. */

export interface RegionGroup {
  name: string;
  /** Number of feasible clusters in it. */
  value: number;
  weight: number;
}

interface Path {
  groups: RegionGroup[];
  weight: number;
  value: number;
  found: number;
}

/** Null when no combination of `min` to `max` regions has `target` clusters. */
export function chooseRegions(
  groups: readonly RegionGroup[],
  min: number,
  max: number,
  target: number,
): RegionGroup[] | null {
  const paths = findPaths(groups, min, max, target);
  paths.sort((a, b) => b.weight - a.weight || b.value - a.value || a.found - b.found);
  const best = paths[0];
  if (best === undefined) return null;
  let chosen = best;
  for (const path of paths.slice(1)) if (isProperPrefix(path.groups, chosen.groups)) chosen = path;
  return chosen.groups;
}

function findPaths(groups: readonly RegionGroup[], min: number, max: number, target: number): Path[] {
  const sorted = [...groups].sort((a, b) => a.value - b.value || b.weight - a.weight || byName(a, b));
  const paths: Path[] = [];
  const stack: RegionGroup[] = [];
  let sum = 0;

  const visit = (from: number): boolean => {
    if (sum >= target && stack.length >= min && stack.length <= max && stack.length > 0) {
      const members = [...stack].sort((a, b) => b.weight - a.weight || byName(a, b));
      const weight = members.reduce((total, group) => total + group.weight, 0);
      paths.push({ groups: members, weight, value: sum, found: paths.length });
      return true;
    }
    if (stack.length >= max) return false;
    for (let index = from; index < sorted.length; index++) {
      const group = sorted[index] as RegionGroup;
      stack.push(group);
      sum += group.value;
      visit(index + 1);
      stack.pop();
      sum -= group.value;
      // Every region is needed: only the branch that takes them all can succeed.
      if (sorted.length === min) break;
    }
    return false;
  };
  visit(0);
  return paths;
}

function byName(a: RegionGroup, b: RegionGroup): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function isProperPrefix(short: readonly RegionGroup[], long: readonly RegionGroup[]): boolean {
  return short.length < long.length && short.every((group, index) => group.name === long[index]?.name);
}
