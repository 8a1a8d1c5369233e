/** Public face of engine/kubeconfig: files of contexts become identities. Apart from engine/kube, so that an API server starts without it. */
export {
  contextOf,
  defaultKubeconfigPaths,
  filesBesideDefault,
  type Kubeconfig,
  type KubeconfigEntry,
  parseKubeconfig,
  readKubeconfigFile,
} from './kubeconfig.ts';
