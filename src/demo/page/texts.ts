/** Every text of the page for people, in one place, so that it can be translated. What phones and servers say is theirs and comes from the server. */
export const texts = {
  title: 'Lync Phone Edition, signing in',
  connection: { connecting: 'Connecting ...', open: 'Live', lost: 'Connection lost, trying again ...', wrongVersion: 'This page is of another version than its server. Reload it.', notSent: 'Not sent: the server cannot be reached just now.' },
  theme: { light: 'Light', dark: 'Dark', switchTo: (name: string) => `Switch to the ${name.toLowerCase()} theme` },
  save: { label: 'Save the run', saving: 'Saving ...', open: 'Download the report' },
  phones: {
    label: 'Phones', add: 'Add a phone', addTitle: 'Another phone on the desk', build: 'Firmware build', model: 'Model', create: 'Put it on the desk', cancel: 'Cancel', none: 'No phone is on the desk yet.',
    remove: (title: string) => `Remove ${title}`, look: (title: string) => `Follow ${title}`, was: (build: string) => `began with ${build}`,
  },
  phone: {
    off: 'switched off', usbPlug: 'Plug the USB cable in', usbUnplug: 'Unplug the USB cable', power: 'Power', powerOn: 'Switch on', powerOff: 'Switch off', signOut: 'Sign out', retry: 'Try again', typed: 'Sign in with AD credentials',
    reset: 'Reset', hardReset: 'Hard reset: hold * and # while the power comes', factoryReset: 'Factory reset: hold 4 and 6 while the power comes', pc: 'Sign in at the PC', holds: (stage: string) => `Held before: ${stage}. Space goes on.`,
    holdHint: 'Or by hand: a long press holds a key down, then switch on.', messageLight: 'Message light', speakerLight: 'Speaker light', says: (title: string, lines: string) => `${title}: ${lines}`, dark: 'the display is dark',
    information: 'System Information', call: { outgoing: 'Call to', incoming: 'Call from' }, exchange: { connected: 'with Exchange', 'by-design': 'by PIN: no Exchange', 'unavailable-server': 'Exchange unavailable', 'unavailable-credentials': 'Exchange refuses the account' } as Readonly<Record<string, string>>,
    facts: (reboots: number, rounds: number) => [reboots > 0 ? `restarts: ${reboots}` : '', rounds > 0 ? `tries: ${rounds}` : ''].filter((part) => part !== '').join(', '),
  },
  keys: {
    soft1: 'Left soft key', soft2: 'Middle soft key', soft3: 'Right soft key', delete: 'Delete', ok: 'OK', up: 'Up', down: 'Down', home: 'Home', call: 'Call', end: 'End call', speaker: 'Speaker', '*': 'Star', '#': 'Pound',
  } as Readonly<Record<string, string>>,
  pc: {
    title: 'Windows Security', text: 'The phone is connected to this computer. Enter your credentials to sign in on it.', typedTitle: 'Sign in on the phone', who: 'Take the credentials of', sipUri: 'Sign-in address', domain: 'Domain', user: 'User name', password: 'Password',
    signIn: 'Sign in', cancel: 'Cancel', other: 'somebody else',
  },
  failure: { remedy: 'What to change', why: 'Why it does not sign in' },
  tabs: { wire: 'On the wire', chart: 'State chart', board: 'Servers' },
  chart: {
    label: (title: string) => `States of ${title}`, now: 'now', about: 'What happens in a state', choose: 'Choose a state to see what happens there.', values: 'What the build does here', evidence: 'Evidence', disputed: 'disputed', none: 'Nothing more is known of this state.',
    zoom: { in: 'Larger', out: 'Smaller', fit: 'Whole chart' },
  },
  ladder: {
    label: 'Messages between the phones and the servers', phone: 'Phone', everyPhone: 'all phones', filter: 'Show', follow: 'Follow', empty: 'Nothing has gone over the wire yet. Switch a phone on.', rows: (count: number) => `${count.toLocaleString('en')} rows`,
    dropped: (count: number) => `${count.toLocaleString('en')} events were left out since this page was slow or came late.`, lab: 'Lab', servers: 'the servers',
    layers: { dhcp: 'DHCP', dns: 'DNS', ntp: 'NTP', ldap: 'LDAP', lldp: 'LLDP', http: 'HTTP', tls: 'TLS', sip: 'SIP', state: 'State', screen: 'Display', note: 'Note' } as Readonly<Record<string, string>>,
  },
  message: { close: 'Close', sent: (to: string) => `sent to ${to}`, received: (from: string) => `received from ${from}`, recordedBy: 'recorded by', details: 'Details' },
  tls: {
    title: (peer: string) => `TLS with ${peer}`, offered: 'Offered', agreed: 'Agreed on', chain: 'Chain as presented', unreadable: 'This certificate cannot be read.', checks: 'What the phone checks', passed: 'passes', failed: 'FAILS', decisive: 'decisive',
    ended: 'Ended', endedBy: (who: 'phone' | 'server', how: string) => `The ${who} ${how}.`, silently: 'closed the connection without a word', alert: (name: string) => `sent the alert ${name}`, open: 'The connection is open.', going: 'The handshake is under way.', issuedBy: 'Issued by',
    valid: (from: string, to: string) => `valid ${from} to ${to}`, leaf: 'Server', intermediate: 'Intermediate', root: 'Root', accepted: 'accepted', refused: 'REFUSED', fingerprint: 'SHA-256',
  },
  confidence: { documented: 'documented', observed: 'observed', inferred: 'inferred', assumed: 'assumed' } as Readonly<Record<string, string>>,
  board: {
    label: 'The servers', sections: { certificates: 'Certificates', dns: 'DNS', dhcp: 'DHCP', users: 'Users and PINs', policy: 'Policies', updates: 'Updates', faults: 'Faults', servers: 'Servers' },
    asJson: 'A list in JSON, as a topology has it.', apply: 'Apply', applied: 'Done. It counts from now on.', past: 'You are looking at the past. Go back to now to change something.',
    certificate: {
      usedBy: 'Used by', nobody: 'nobody', commonName: 'Common name (CN)', names: 'Subject alternative names', namesNote: 'One a line, in this order.', issuer: 'Issued by', hash: 'Signature hash', keyBits: 'RSA key bits', sendChain: 'Sends the intermediates with it', reissue: 'Re-issue', notAfter: 'Valid until', notAfterNote: 'Empty: two years.',
      chainOf: (name: string) => `Chain of ${name}`,
    },
    dns: { name: 'Name', type: 'Type', target: 'Address or target', port: 'Port', priority: 'Priority', weight: 'Weight', add: 'Add a record', remove: (name: string) => `Remove ${name}`, table: 'DNS records' },
    dhcp: { domainName: 'Domain name (option 15)', option43: 'Option 43 tells the web services', option120: 'Registrar (option 120)', option120Note: 'Empty: not configured.', webServerFqdn: 'Web server', urlScheme: 'Scheme', webServerPort: 'Port', certProvRelPath: 'Path', vlan: 'Voice VLAN (option 43)', vlanNote: 'Empty: none.' },
    user: { pin: 'PIN', password: 'Password', enabled: 'Enabled for Lync', pinEnabled: 'May sign in by PIN', pinLocked: 'PIN locked', revoke: 'Revoke client certificates', revoked: 'Revoked.' },
    updates: { model: 'Model', approved: 'Approved version', store: 'Phones fetch files over', pending: 'For test devices', testDevices: 'Test devices (MAC addresses)', add: 'Add a model' },
    faults: { registrarsUnavailable: (fqdn: string) => `The registrar of ${fqdn} answers 503`, clientCertificateStoreDown: 'No client certificate can be published' },
    server: { minimumTls: 'Oldest TLS it takes', versions: { TLSv1: 'TLS 1.0', 'TLSv1.1': 'TLS 1.1', 'TLSv1.2': 'TLS 1.2' } as Readonly<Record<string, string>>, running: 'runs', stopped: 'stopped', stop: (fqdn: string) => `Stop ${fqdn}`, start: (fqdn: string) => `Start ${fqdn}`, pull: 'Stop', push: 'Start' },
  },
  lessons: {
    label: 'Lessons', choose: 'Lessons', minutes: (count: number) => `${count} min`, start: 'Start', stop: 'Leave the lesson', next: 'Next', step: (at: number, of: number) => `Step ${at} of ${of}`, waitingFor: 'Waiting for:', done: 'This lesson is over.', right: 'Right.', wrong: 'Not quite.',
    intro: 'Guided tours. Each sets up a lab and phones of its own.', close: 'Close',
    outcome: { 'signed-in': 'signs in', degraded: 'signs in, but has no Exchange', failed: 'does not sign in' }, expected: { state: (state: string) => `comes to: ${state}`, stage: (stage: string) => `stops at: ${stage}`, screen: (text: string) => `shows "${text}"`, firmware: (build: string) => `runs ${build}` },
  },
  /** Of the phone's machine. */
  states: {
    off: 'Off', booting: 'Booting', vlan: 'Voice VLAN', address: 'Address', time: 'Time', updateCheck: 'Update check', discovering: 'Discovery', waitingForUser: 'Waiting for user', signingIn: 'Signing in', rootChain: 'Root chain', webTicket: 'Web ticket',
    clientCertificate: 'Client certificate', connecting: 'Connecting', registering: 'Registering', provisioning: 'Provisioning', signedIn: 'Signed in', signingOut: 'Signing out', retrying: 'Retrying', refused: 'Refused', rebooting: 'Restarting',
    rebootLoop: 'Reboot loop',
  } as Readonly<Record<string, string>>,
  pace: { label: 'Pace', real: 'Real speed', slow: 'Slow motion', step: 'Step', goOn: 'Go on', goOnHint: 'Space', holding: (what: string) => `Held before: ${what}`, slowHint: 'Steps begin a second later, waits take four times as long.' },
  timeline: { label: 'Rewind', live: 'Now', back: 'Back to now', at: (time: string, at: number, of: number) => `${time}, event ${at} of ${of}` },
  skip: 'Go to the messages',
};
