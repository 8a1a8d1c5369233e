import { resourceRule } from '../families.ts';
import { BLIND, lacks } from '../missing-resource.ts';

export const noCpuRequests = resourceRule(
  'NoCPURequests',
  {
    zh: ['没有 CPU 请求', BLIND.zh, '按通常用量设置 resources.requests.cpu。'],
    en: ['No CPU request', BLIND.en, 'Set resources.requests.cpu to what the container usually uses.'],
  },
  lacks('requests', 'cpu'),
);
