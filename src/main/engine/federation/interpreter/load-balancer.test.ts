import { expect, test } from 'vitest';
import { mergePoints } from './load-balancer.ts';

test('the same address in two members is one point with the ports of both', () => {
  const merged = mergePoints([
    { ip: '10.0.0.1', ports: [{ port: 443, protocol: 'TCP' }] },
    {
      ip: '10.0.0.1',
      ports: [
        { port: 80, protocol: 'TCP' },
        { port: 443, protocol: 'TCP' },
      ],
    },
  ]);
  expect(merged).toEqual([
    {
      ip: '10.0.0.1',
      ports: [
        { port: 80, protocol: 'TCP' },
        { port: 443, protocol: 'TCP' },
      ],
    },
  ]);
});

test('host names come first, then addresses, what has a mode before what has none', () => {
  const points = [
    { ip: '10.0.0.2' },
    { ip: '10.0.0.1' },
    { ip: '10.0.0.1', ipMode: 'VIP' },
    { hostname: 'b.example' },
    { hostname: 'a.example', ip: '10.0.0.9' },
  ];
  expect(mergePoints(points)).toEqual([points[4], points[3], points[2], points[1], points[0]]);
});
