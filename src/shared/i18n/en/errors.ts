/** What went wrong and what to do about it, per error code; `hints` hold remedies that fit one situation better. */
import type { ErrorCode } from '../../errors.ts';

export const errors = {
  /** Prefix when an error belongs to one cluster. */
  inCluster: '{{cluster}}: {{title}}',
  INVALID: {
    title: 'The input was not accepted.',
    hint: 'Correct the fields named in the details and try again.',
  },
  NAME_TAKEN: {
    title: 'This name is already in use.',
    hint: 'Choose another name.',
  },
  NOT_FOUND: {
    title: 'It does not exist (any more).',
    hint: 'It may have been deleted meanwhile. Go back to the list and look again.',
  },
  CONFLICT: {
    title: 'Somebody else changed it in the meantime.',
    hint: 'Load the current version, compare, and apply your change again. Nothing was overwritten.',
  },
  REFUSED: {
    title: 'This is not allowed in the current state.',
    hint: 'Remove the reason given in the details first, then try again.',
  },
  CANCELLED: {
    title: 'Cancelled.',
    hint: 'Start it again when you need it.',
  },
  KUBECONFIG_UNREADABLE: {
    title: 'The kubeconfig file cannot be read.',
    hint: 'Check that the path exists and that your account may read the file.',
  },
  KUBECONFIG_NOT_YAML: {
    title: 'This is not a kubeconfig: the text is not valid YAML.',
    hint: 'Copy the whole file, with its indentation. The details name the first line that cannot be read.',
  },
  KUBECONFIG_EMPTY: {
    title: 'The kubeconfig contains no contexts.',
    hint: 'A context joins a cluster and a user. Add one with "kubectl config set-context", or use another file.',
  },
  KUBECONFIG_CONTEXT_MISSING: {
    title: 'The kubeconfig has no such context.',
    hint: 'Choose one of the contexts in the file; names are case-sensitive.',
  },
  KUBECONFIG_INCOMPLETE: {
    title: 'The context is incomplete.',
    hint: 'The cluster or user it refers to is missing or lacks what is needed to connect. Complete the kubeconfig and read it again.',
  },
  CLUSTER_UNREACHABLE: {
    title: 'The API server cannot be reached.',
    hint: 'Check that the cluster is running and that network, VPN and proxy let this machine reach the address.',
  },
  CLUSTER_DNS: {
    title: 'The name of the API server cannot be resolved.',
    hint: 'Check the server address in the kubeconfig, your DNS and your VPN.',
  },
  CLUSTER_TIMEOUT: {
    title: 'The API server did not answer in time.',
    hint: 'The cluster may be overloaded or a firewall may drop packets on the way. Try again; if it stays so, look at network, VPN and proxy.',
  },
  CLUSTER_ERROR: {
    title: 'The API server answered with an error.',
    hint: 'Look at the details; if it lasts, look at the logs of the API server.',
  },
  TLS_UNTRUSTED: {
    title: "The API server's certificate is not trusted.",
    hint: 'The certificate authority in the kubeconfig did not issue it. Fetch a current kubeconfig from the cluster.',
  },
  TLS_NAME_MISMATCH: {
    title: 'The certificate is for another server name.',
    hint: 'Use an address that the certificate names, or set tls-server-name in the kubeconfig.',
  },
  CERT_EXPIRED: {
    title: 'A certificate has expired.',
    hint: 'Renew the certificate (kubeadm: "kubeadm certs renew") and fetch a new kubeconfig.',
  },
  CERT_NOT_YET_VALID: {
    title: 'A certificate is not valid yet.',
    hint: 'Check the clocks of this machine and of the cluster.',
  },
  CREDENTIALS_REJECTED: {
    title: 'The cluster rejects the credentials.',
    hint: 'Token or certificate are invalid, expired or revoked. Fetch a new kubeconfig or sign in again.',
  },
  FORBIDDEN: {
    title: 'The account has no right to do this.',
    hint: 'Ask an administrator of the cluster for the right named in the details (RBAC).',
  },
  EXEC_NOT_APPROVED: {
    title: 'The sign-in command of this kubeconfig was not approved.',
    hint: 'Read the command in full; approve it only if you know and trust it.',
  },
  EXEC_MISSING: {
    title: 'The sign-in command is not installed.',
    hint: 'Install the program named in the details, or give its full path in the kubeconfig.',
  },
  EXEC_TIMEOUT: {
    title: 'The sign-in command did not finish.',
    hint: 'Run it once in a terminal; it may be waiting for a login. If it needs longer, raise its time limit in Settings.',
  },
  EXEC_FAILED: {
    title: 'The sign-in command failed.',
    hint: 'Run it once in a terminal to see why; often a new login is needed.',
  },
  TOO_MANY_REQUESTS: {
    title: 'The API server asks for fewer requests.',
    hint: 'Wait a little, then try again.',
  },
  GONE: {
    title: 'The position in the list has expired.',
    hint: 'The list is read anew by itself.',
  },
  DATA_DIR_LOCKED: {
    title: 'Another Fleetdeck is using this data directory.',
    hint: 'Use the instance that is running, end it, or start this one with another directory (--data).',
  },
  DATA_DIR_UNWRITABLE: {
    title: 'The data directory cannot be written.',
    hint: 'Check owner and permissions of the directory, or choose another one (--data).',
  },
  FILE_UNWRITABLE: {
    title: 'The file {{path}} cannot be written.',
    hint: 'Check that its folder exists and that you may write there, or choose another file.',
  },
  STORE_DAMAGED: {
    title: 'The database is damaged.',
    hint: 'It was left untouched. Restore it from a backup, or move it away to start empty.',
  },
  STORE_NEWER: {
    title: 'The database was written by a newer version.',
    hint: 'It was left untouched. Start the newer version of Fleetdeck, or use another data directory.',
  },
  SECRETS_LOCKED: {
    title: 'The stored secrets cannot be decrypted.',
    hint: 'Give the passphrase or key file they were encrypted with, or unlock the keychain.',
  },
  DISK_FULL: {
    title: 'The disk is full.',
    hint: 'Free some space and try again. Nothing was written by half.',
  },
  PORT_TAKEN: {
    title: 'Port {{port}} is already in use.',
    hint: 'End the program that uses it, or choose another port.',
  },
  POLICY_SELECTS_NOTHING: {
    title: 'The policy selects no template.',
    hint: 'Its resourceSelectors must name the template: apiVersion, kind, name and namespace.',
  },
  POLICY_UNKNOWN_CLUSTER: {
    title: 'The policy names a cluster that is not a member: {{name}}',
    hint: 'Correct the name or join the cluster to the federation; until then it receives nothing.',
  },
  POLICY_ZERO_WEIGHTS: {
    title: 'All weights are zero.',
    hint: 'Give at least one cluster a weight above zero; otherwise the replicas are spread evenly.',
  },
  NO_CLUSTER_FITS: {
    title: 'No member cluster fits the policy.',
    hint: 'The list of filtered clusters says which rule took each one out. Relax that rule or repair the cluster.',
  },
  MANAGED_ELSEWHERE: {
    title: 'Another federation manages this cluster: {{manager}}, since {{since}}.',
    hint: 'Nothing is written to it. Let it leave the other federation, or take it over here on purpose; the other one then stands back.',
  },
  NO_KARMADA: {
    title: 'This is not a Karmada control plane.',
    hint: 'Use the kubeconfig of the Karmada API server (karmada-apiserver.config), not that of the cluster it runs in.',
  },
  FEDERATION_MOVE_WAITS: {
    title: 'The move got no further.',
    hint: 'Still waiting for {{what}}',
  },
  FEDERATION_MOVING: {
    title: 'The federation is being moved.',
    hint: 'Let the move end, go on with it, or take it back; then try again.',
  },
  UNAUTHORISED: {
    title: 'Your role does not permit this.',
    hint: 'An administrator of this Fleetdeck can do it or give you the role.',
  },
  ENGINE_UNAVAILABLE: {
    title: 'The engine does not answer.',
    hint: 'It is restarted by itself; what you typed stays here. Try again in a moment.',
  },
  UNSUPPORTED: {
    title: 'This is not supported here.',
    hint: 'The details say which version or kind would be needed.',
  },
  INTERNAL: {
    title: 'Something unexpected went wrong.',
    hint: 'Try again. If it happens again, report it together with the details.',
  },
} as const satisfies Record<ErrorCode, { title: string; hint: string }> & { inCluster: string };

/** What happened where the remedy of the same name fits: for situations that the code alone would tell wrongly. */
export const titles = {
  clusterRegistered: 'This cluster is already registered.',
  clusterReplaced: 'Another cluster answers at this address.',
  notApiServer: 'What answers there is not a Kubernetes API server.',
  proxyUntrusted: 'A certificate on the way is not trusted.',
  kindNotServed: 'It does not serve this kind.',
  answerBroken: 'The answer arrived damaged.',
  metricsMissing: 'The cluster has no metrics API.',
  metricsForbidden: 'The usage of nodes may not be read.',
  rightsMissing: 'Some rights are missing.',
  versionTooOld: 'This version of Kubernetes is too old.',
  versionForFederation: 'This version of Kubernetes is too old for federations.',
  authProviderGone: 'This way of signing in no longer exists.',
  tooManyClusters: 'There is no room for one more cluster.',
  kubeconfigTooLarge: 'This file is too large for a kubeconfig.',
  credentialFile: 'A file of the kubeconfig cannot be read.',
} as const;

/** Remedies that services name in `hint` when they know more than the code says. */
export const hints = {
  kubeconfigTooLarge: 'No kubeconfig is as large as this. Choose the file that kubectl reads, not an archive or a log.',
  kubeconfigFolder: 'This is a folder. Give the path of a file in it.',
  nothingToInspect: 'It has no clusters. Add one first.',
  inspectionUnderWay: 'Cancel the inspection first, or wait until it is over.',
  stillCreating: 'The cluster is still being registered. Wait a moment.',
  deletionProtection: 'Deletion protection is on. Switch it off first.',
  clusterInFleet: 'The cluster belongs to a fleet. Remove it from the fleet first.',
  clusterInOtherFleet: 'A cluster can be in one fleet only. Remove it from its present fleet first.',
  fleetNotEmpty: 'The fleet still has clusters. Remove them first.',
  fleetHasFederation: 'The fleet is joined to a federation. Let it leave the federation first.',
  fleetInOtherFederation: 'The fleet belongs to another federation. Let it leave that one first.',
  federationHasMembers: 'The federation still has members. Let its fleet leave first.',
  externalMembers:
    'Another Karmada control plane runs this federation. Join and remove its members there, for example with karmadactl join and unjoin.',
  externalFailover: 'Another Karmada control plane runs this federation: failover is set there.',
  moveMemberMissing:
    'The cluster {{name}} is no member of the other control plane. Join it there first, under the same name (karmadactl join).',
  moveMemberUnregistered: 'The cluster {{name}} is not registered here. Register it first, under the same name.',
  embeddedOnly: 'Move the federation to this workstation first, or do it where its control plane runs.',
  externalExec:
    'Kubeconfigs that run a sign-in command cannot be used here. Use one with a token or a client certificate.',
  federationHasFleet: 'The federation already has a fleet. Let it leave first.',
  clusterRegistered:
    'This cluster is already registered under the name in the details. Use that one, or unregister it first.',
  oidcToken:
    'Sign in again, or run any kubectl command in this context: kubectl renews the token in the file, and Fleetdeck reads the file anew; it never writes it. Where the text is kept instead of a file, replace the kubeconfig, or use an exec plugin such as kubelogin.',
  authProviderGone:
    'auth-provider was removed from Kubernetes in 1.26. Fetch a new kubeconfig that uses an exec plugin, for example gke-gcloud-auth-plugin or kubelogin.',
  clientCertificateExpired:
    'The client certificate in the kubeconfig has expired. Fetch a new kubeconfig from the cluster, or sign in again.',
  serverCertificateExpired:
    'The certificate of the API server has expired. Renew it on the control plane (kubeadm: "kubeadm certs renew all").',
  proxyCredentials:
    'The proxy on the way wants a user and a password, or others than these. Correct them in proxy-url of the kubeconfig, or in HTTPS_PROXY.',
  proxyUntrusted:
    'The way leads through an https proxy: its certificate or that of the API server was issued by nobody the kubeconfig names. Put the authorities of both into certificate-authority-data.',
  proxyInTheWay:
    'The cluster is reached through a proxy, which the details name. Check that the proxy runs and lets this machine through to the address, or except the address from it with NO_PROXY.',
  execInteractive:
    'The sign-in command wants to ask questions in a terminal. Sign in there first, or set interactiveMode to IfAvailable.',
  execApiVersion:
    'Its protocol is no longer spoken. Update the program, and let it write the kubeconfig anew with client.authentication.k8s.io/v1.',
  execInstall: 'The kubeconfig says how to get it: {{installHint}}',
  metricsMissing:
    'Without the metrics API there is no usage of pods and nodes. Install metrics-server in the cluster; everything else works.',
  metricsForbidden:
    'Everything else works. Ask an administrator of the cluster for the right named in the details (RBAC).',
  rightsMissing:
    'What is marked below will be refused by the cluster; everything else works. Ask an administrator of the cluster for the rights named in the details (RBAC).',
  aggregatedApiAway:
    'The server behind this API group does not answer; the rest of the cluster may be well. Look at the APIService of the group, and at the service and pods that it names.',
  tooManyClusters: 'This installation has as many clusters as it can hold. Unregister one that is not needed.',
  leftBehind:
    'Some objects of Fleetdeck would stay in the cluster: {{left}}. Remove them by hand, or unregister and leave them behind.',
  notApiServer:
    'A gateway, a proxy or the sign-in page of a network may answer in its place. Check the server address in the kubeconfig, open it in a browser to see who answers, and sign in to the network or VPN.',
  kindNotServed:
    'The CustomResourceDefinition or aggregated API was removed or never installed. Rows come by themselves once it is there.',
  answerBroken:
    'What came is cut off or is not what it claims to be. A proxy or gateway on the way often changes answers: check the server address and proxy-url in the kubeconfig. If nothing lies between, look at the logs of the API server.',
  clusterReplaced:
    'Another cluster answers at this address than the one that was registered. Unregister this one and register the new one.',
  versionTooOld: 'Upgrade the cluster to Kubernetes 1.19 or newer; federations need 1.21.',
  versionForFederation: 'It can be registered. Upgrade it to Kubernetes 1.21 or newer before it joins a federation.',
  credentialFile: 'Check that the file in the details exists and that your account may read it.',
  promotionTemplate:
    'Delete or rename the template in the federation first, or let its policy take over the copies with conflict resolution “Overwrite”.',
  promotionManagedHere: 'The federation manages this copy already.',
  promotionManagedElsewhere: 'Another federation or another Karmada manages this copy. Let it go there first.',
  promotionNotPlaced:
    'The policy {{name}} selects it already and places it elsewhere. Change that policy first if its copy here is to be taken over.',
  releaseSharedPolicy:
    'The policy {{name}} would delete its copies, and it also distributes other things. Switch on “Keep the copies when the object is deleted” in it first.',
  shiftGroups: 'The policy chooses among ordered groups of clusters. Give it chosen members first.',
  drillNeedsFailover: 'Automatic take-over is switched off for this federation. Switch it on in the settings first.',
  drillNeedsPartner: 'The drill needs another member that is ready and takes new workloads.',
  runUnderWay: 'Another operation of this federation is under way. Finish it or take it back first.',
  runNotNow: 'Its state has changed meanwhile. Look again.',
  runPolicyChanged:
    'Somebody has changed how the policy divides since. Move by weights once more, to where it shall be.',
  runNotEnded: 'Stop it or take it back first.',
} as const;
