import tseslint from 'typescript-eslint';
import { importX } from 'eslint-plugin-import-x';

/** What each folder of src may import; arrows run downwards only (ARCHITECTURE.md). */
const floors = [
  ['network', 'trace'],
  ['protocol', 'firmware'],
  ['phone', 'lab'],
  ['rehearsal'],
  ['cli', 'demo'],
];
const above = (floor) => floors.slice(floors.indexOf(floor) + 1).flat();
const zones = [
  ...floors.flatMap((floor) => floor.map((folder) => ({
    target: `./src/${folder}`,
    from: above(floor).map((name) => `./src/${name}`),
    message: 'Arrows run downwards only: cli demo -> rehearsal -> phone lab -> protocol firmware -> network trace.',
  }))).filter((zone) => zone.from.length > 0),
  { target: './src/phone', from: './src/lab', message: 'The phone and the lab meet only on the wire.' },
  { target: './src/lab', from: './src/phone', message: 'The phone and the lab meet only on the wire.' },
  { target: './src/!(index.ts)/**', from: './src/index.ts', message: 'The barrel is for users of the package.' },
];

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/'] },
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'examples/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { project: './test/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'import-x/no-default-export': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
);
