import { expect, test } from 'vitest';
import { shortQuantity } from './quantity.ts';

test.each([
  ['7524584Ki', '7.18Gi'],
  ['1Gi', '1Gi'],
  ['512Mi', '512Mi'],
  ['1093Mi', '1093Mi'],
  ['20480Mi', '20Gi'],
  ['3920m', '3.92'],
  ['64000m', '64'],
  ['15792161n', '15.8m'],
  ['2500000000n', '2.5'],
  ['500u', '0.5m'],
  ['250m', '250m'],
  ['4', '4'],
  ['1e3', '1e3'],
  ['', ''],
])('%s is %s', (text, shown) => expect(shortQuantity(text)).toBe(shown));
