/** Where the clusters of the demo fleet stand, in the order in which they are used. Regions and zones as the providers name them. */
import type { PROVIDERS } from './providers.ts';

export interface Site {
  city: string;
  provider: keyof typeof PROVIDERS;
  region: string;
  zones: readonly string[];
}

export const SITES: readonly Site[] = [
  site('hangzhou', 'aliyun', 'cn-hangzhou', ['cn-hangzhou-h', 'cn-hangzhou-i', 'cn-hangzhou-k']),
  site('frankfurt', 'eks', 'eu-central-1', ['eu-central-1a', 'eu-central-1b', 'eu-central-1c']),
  site('guangzhou', 'huawei', 'cn-south-1', ['cn-south-1a', 'cn-south-1c', 'cn-south-1e']),
  site('iowa', 'gke', 'us-central1', ['us-central1-a', 'us-central1-b', 'us-central1-f']),
  site('shanghai', 'tencent', 'ap-shanghai', ['ap-shanghai-4', 'ap-shanghai-5']),
  site('beijing', 'kubeadm', 'dc-beijing', ['rack-a', 'rack-b']),
  site('nanjing', 'ctyun', 'cn-huadong1', ['cn-huadong1-jsnj1a', 'cn-huadong1-jsnj2a', 'cn-huadong1-jsnj3a']),
  site('chengdu', 'k3s', 'edge-southwest', ['plant-1', 'plant-2']),
  site('singapore', 'aliyun', 'ap-southeast-1', ['ap-southeast-1a', 'ap-southeast-1b']),
  site('virginia', 'eks', 'us-east-1', ['us-east-1a', 'us-east-1b', 'us-east-1d']),
  site('amsterdam', 'aks', 'westeurope', ['westeurope-1', 'westeurope-2', 'westeurope-3']),
  site('lyon', 'rke2', 'dc-lyon', ['hall-1', 'hall-2']),
  site('langfang', 'volcengine', 'cn-beijing', ['cn-beijing-a', 'cn-beijing-b']),
  site('tokyo', 'gke', 'asia-northeast1', ['asia-northeast1-a', 'asia-northeast1-b', 'asia-northeast1-c']),
  site('guiyang', 'huawei', 'cn-southwest-2', ['cn-southwest-2a', 'cn-southwest-2b']),
  site('shenzhen', 'aliyun', 'cn-shenzhen', ['cn-shenzhen-e', 'cn-shenzhen-f']),
  site('stockholm', 'eks', 'eu-north-1', ['eu-north-1a', 'eu-north-1b']),
  site('chongqing', 'tencent', 'ap-chongqing', ['ap-chongqing-1']),
  site('wuhan', 'kubeadm', 'dc-wuhan', ['rack-1', 'rack-2', 'rack-3']),
  site('dublin', 'aks', 'northeurope', ['northeurope-1', 'northeurope-2']),
  site('hamburg', 'k3s', 'edge-north', ['harbour-1']),
  site('belgium', 'gke', 'europe-west1', ['europe-west1-b', 'europe-west1-c', 'europe-west1-d']),
  site('hefei', 'ctyun', 'cn-huadong2', ['cn-huadong2-ahhf1a', 'cn-huadong2-ahhf2a']),
  site('oslo', 'rke2', 'dc-oslo', ['hall-1']),
];

function site(city: string, provider: Site['provider'], region: string, zones: readonly string[]): Site {
  return { city, provider, region, zones };
}
