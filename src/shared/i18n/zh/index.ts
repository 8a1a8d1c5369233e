/** 中文文案目录，每个领域一个文件；键必须与英文目录一致。 */
import type { en } from '../en/index.ts';
import type { Translation } from '../types.ts';
import { clusters } from './clusters.ts';
import { common } from './common.ts';
import { control } from './control.ts';
import { whatIf, why } from './decisions.ts';
import { demo } from './demo.ts';
import { diagnosis, health } from './diagnosis.ts';
import { errors, hints, titles } from './errors.ts';
import { federationOverview, members, operationLog, policies, promotion, runs } from './federation-operations.ts';
import { federations, wizard } from './federations.ts';
import { fleets } from './fleets.ts';
import { host } from './host.ts';
import { inspection } from './inspection.ts';
import { inspectionEvidence } from './inspection-evidence.ts';
import { audit, columns, overview, resources } from './resources.ts';
import { settings, shell } from './shell.ts';

export const zh: Translation<typeof en> = {
  audit,
  clusters,
  columns,
  common,
  control,
  demo,
  diagnosis,
  errors,
  federationOverview,
  operationLog,
  federations,
  fleets,
  health,
  hints,
  host,
  inspection,
  inspectionEvidence,
  members,
  overview,
  policies,
  promotion,
  resources,
  runs,
  settings,
  shell,
  titles,
  whatIf,
  why,
  wizard,
};
