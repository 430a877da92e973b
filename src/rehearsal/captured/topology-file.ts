import { Document, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { CapturedTopology } from './captured-topology.js';
import type { Remark } from './certificate-catalogue.js';

/** What every captured topology lacks, said where it is. */
const assumed: readonly Remark[] = [
  { path: ['users'], text: 'PINs and passwords are invented: secrets of the real users are in no file. Whose PIN is locked, disabled or expired is not known.' },
  { path: ['dns'], text: 'What phones asked for and got. Names that they did not ask for are missing, and so are names that DNS did not have.' },
  { path: ['servers'], text: 'A server for each address that a phone spoke to. What answers there is a Lync server of this program, whatever it is in reality.' },
];

/**
 * A captured topology as YAML. Comments say what nobody could see and is assumed.
 * @param head what there is to say at the top, a line each
 */
export function topologyFile({ topology, remarks }: CapturedTopology, head: readonly string[]): string {
  const document = new Document(topology, { aliasDuplicateObjects: false });
  document.commentBefore = [
    ...head, 'Policies of the servers (PIN rules, certificate validity, registration times) do not show from outside: they are as a lab has them.',
    'Change a certificate here, and hold it against the file as it was: lpe compare BEFORE.yaml AFTER.yaml',
  ].map((line) => ` ${line}`).join('\n');
  const records = document.get('dns', true);
  if (isSeq(records)) for (const record of records.items) if (isMap(record)) record.flow = true;
  for (const { path, text } of [...assumed, ...remarks]) comment(document, path, text);
  return document.toString({ lineWidth: 0 });
}

/** Puts a comment above the key of a map, or above an item of a list. */
function comment(document: Document, path: Remark['path'], text: string): void {
  const [parentPath, last] = [path.slice(0, -1), path.at(-1)];
  const parent = parentPath.length === 0 ? document.contents : document.getIn(parentPath, true);
  const target = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === last)?.key : isSeq(parent) ? parent.items[Number(last)] : undefined;
  if (isNode(target)) target.commentBefore = [target.commentBefore, ` ${text}`].filter((each) => each != null).join('\n');
}
