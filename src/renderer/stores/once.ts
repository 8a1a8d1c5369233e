/** Whether something has ever been so: for what is made when it is first opened, and stays. */
import { useState } from 'react';

/** True from the first time on: what has been open stays, to close with a movement and to keep what was typed. */
export function useOnce(now: boolean): boolean {
  const [ever, setEver] = useState(now);
  if (now && !ever) setEver(true);
  return ever || now;
}
