import { fileURLToPath } from 'node:url';

/** A small healthy deployment, for `lpe lab` and `lpe sign-in` without a topology. */
export const defaultTopologyFile = fileURLToPath(new URL('../../examples/topologies/contoso.yaml', import.meta.url));
