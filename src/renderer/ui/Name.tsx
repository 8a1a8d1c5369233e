/**
 * A name that has no room loses letters before its end, not at it: what tells pods of one workload, or nodes of one pool,
 * from each other is their last letters. Bold, as the name of a row is, unless `plain`.
 */
import './name.css';

/** A dash and the five letters of a generated name. */
const END = 6;
/** Shorter ones have room. */
const SPLIT_FROM = 16;

export function Name({ children, plain = false }: { children: string; plain?: boolean }) {
  const look = plain ? 'name' : 'name strong';
  if (children.length < SPLIT_FROM)
    return (
      <span className={look} title={children}>
        {children}
      </span>
    );
  return (
    <span className={look} title={children}>
      <span className="name-start">{children.slice(0, -END)}</span>
      {children.slice(-END)}
    </span>
  );
}
