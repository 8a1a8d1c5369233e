import { resourceRule } from '../families.ts';
import { BLIND, lacks } from '../missing-resource.ts';

export const noMemoryRequests = resourceRule(
  'NoMemoryRequests',
  {
    zh: ['没有内存请求', BLIND.zh, '设置 resources.requests.memory；与限制相等时服务质量等级为 Guaranteed。'],
    en: ['No memory request', BLIND.en, 'Set resources.requests.memory; equal to the limit, the pod is Guaranteed.'],
  },
  lacks('requests', 'memory'),
);
