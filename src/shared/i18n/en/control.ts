/** What runs a federation: this workstation or a Karmada control plane elsewhere; moving between them; other managers. */
export const control = {
  where: 'Where its control plane runs',
  kinds: {
    embedded: 'On this workstation',
    external: 'An existing Karmada control plane',
  },
  kindHelp: {
    embedded:
      'Runs inside Fleetdeck; nothing has to be installed. While this workstation is off, what runs in the clusters goes on, but nothing is scheduled anew, repaired or taken over.',
    external:
      'A Karmada that somebody operates does the work, day and night; Fleetdeck is its console. For federations that have to act while this workstation is off, that several people operate, or that are larger than one machine should carry.',
  },
  kubeconfig: 'Kubeconfig of the Karmada API server',
  kubeconfigHelp: 'It is kept encrypted. For example karmada-apiserver.config, with a token or a client certificate.',
  context: 'Context',
  look: 'Look at it',
  found: 'Karmada {{version}} with {{count}} members',
  foundUnknown: 'Karmada with {{count}} members',
  foundMembers: 'Members: {{names}}',
  facts: {
    server: 'Address',
    kubernetes: 'API version',
    karmada: 'Karmada',
    karmadaAtLeast: '{{version}} or newer',
    unknown: 'cannot be seen',
    memberProxy: 'Way to the members',
    yes: 'through it (clusters/NAME/proxy)',
    no: 'closed: it passes nothing on',
    noMember: 'unknown, no member is ready',
    missing: 'Not served there',
  },
  limitsTitle: 'What this console cannot do here',
  limits: {
    decisionsNotRecorded: 'Its scheduler keeps no record: "Why" shows how it would be decided now.',
    failoverNotSettable: 'Failover is set by its own flags and policies.',
    repairsNotTold: 'What it sets right in the members is not told.',
    featureGatesUnknown: 'Its feature gates cannot be seen: a field that needs one may have no effect.',
    membersNotSettable: 'Members are joined and removed there, for example with karmadactl join and unjoin.',
  },
  noKubeconfig:
    'Use the kubeconfig this federation was made with. Fleetdeck keeps it encrypted and does not write it to a file.',
  move: {
    title: 'Move',
    toExternal: 'Move to a Karmada control plane',
    toEmbedded: 'Move to this workstation',
    explainExternal:
      'Everything defined here is written there with its present placements. Then the members are handed over, it is checked that every workload runs as before, and only then the federation switches. Nothing in the members is deleted or made anew. The members must have joined there under the same names.',
    explainEmbedded:
      'Everything defined there is written here with its present placements. The other control plane is suspended first and stays as it is; it deletes nothing in the members. The members must be registered here under the same names.',
    plan: 'Show what would happen',
    planTitle: 'What would happen',
    start: 'Move now',
    members: 'Members in the target',
    memberStates: { ready: 'ready', notReady: 'not ready', missing: 'missing' },
    summary: '{{create}} to be written, {{same}} there already, {{replace}} to be replaced, {{refused}} refused',
    objects: 'Each object',
    actions: { create: 'to be written', same: 'there already', replace: 'to be replaced', refused: 'refused' },
    blocked: 'It cannot begin yet',
    warnings: 'Look at these first',
    more: 'and {{count}} more',
    running: 'Moving',
    frozen: 'This federation is moving to another control plane; nothing can be changed meanwhile.',
    frozenStopped:
      'The move of this federation was interrupted. Nothing is scheduled, repaired or changed until it goes on or is taken back.',
    checking: 'This federation has moved here; it is still being checked that everything runs as before.',
    acceptHelp: 'Go on accepts the placements as they are now.',
    stopped: 'Interrupted',
    stoppedHelp: 'Nothing is lost. Go on where it stopped, or take it back: the federation then goes on where it was.',
    steps: {
      freeze: 'Stop the old one',
      apply: 'Write everything',
      handOver: 'Hand over members',
      verify: 'Check',
      switch: 'Switch',
    },
    progress: '{{done}} of {{total}}',
    resume: 'Go on',
    takeBack: 'Take back',
    takeBackTitle: 'Take the move back?',
    takeBackText:
      'The old control plane takes the members again; what was written into the target is suspended there and deletes nothing.',
  },
  manager: {
    takeOver: 'Take over',
    takeOverTitle: 'Take over the cluster {{name}}?',
    takeOverText:
      'It is managed by {{manager}} since {{since}}. This federation will manage it from then on: what it distributes is written there, also over what the other one wrote. The other one stands back.',
    karmadaText:
      'A Karmada control plane does not stand back by itself: let the cluster leave it first (karmadactl unjoin), or both will undo each other’s work.',
    lastSeen: 'Last sign of life: {{time}}',
    joinAnyway: 'Take over clusters that another federation manages',
  },
} as const;
