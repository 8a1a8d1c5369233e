/**
 * Divides replicas among weighted clusters by the Webster (Sainte-Laguë) method, with Karmada's tie-break (v1.16 and
 * later): the highest average votes/(2*seats+1) takes the next seat; ties go to fewer seats, then by name, ascending or
 * descending as the hash of the template's UID is even or odd, so that not every workload favours the same cluster.
 */
import { fnv1a32 } from '../naming.ts';

export interface Votes {
  name: string;
  votes: number;
}
export interface Seats {
  name: string;
  replicas: number;
}

/** Entries come back sorted by name, those without a seat included. Nothing is assigned when no cluster has votes. */
export function divide(seatsToGive: number, parties: readonly Votes[], uid: string): Seats[] {
  const sorted = [...parties].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const seats = new Array<number>(sorted.length).fill(0);
  if (sorted.some((party) => party.votes > 0)) {
    const descending = uid !== '' && fnv1a32(uid) % 2 === 1;
    for (let given = 0; given < seatsToGive; given++) {
      const winner = highestAverage(sorted, seats, descending);
      seats[winner] = (seats[winner] as number) + 1;
    }
  }
  return sorted.map((party, index) => ({ name: party.name, replicas: seats[index] as number }));
}

function highestAverage(parties: readonly Votes[], seats: readonly number[], descending: boolean): number {
  let best = -1;
  let bestBid = -1;
  for (let index = 0; index < parties.length; index++) {
    const held = seats[index] as number;
    const bid = (parties[index] as Votes).votes / (2 * held + 1);
    const wins =
      bid > bestBid || (bid === bestBid && (held < (seats[best] as number) || (held === seats[best] && descending)));
    if (wins) {
      best = index;
      bestBid = bid;
    }
  }
  return best;
}
