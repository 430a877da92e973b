import tseslint from 'typescript-eslint';

/** The floors of src, lowest first; arrows run downwards only (ARCHITECTURE.md). */
const floors = [
  ['network', 'trace'],
  ['protocol', 'firmware'],
  ['phone', 'lab'],
  ['rehearsal'],
  ['demo'],
  ['cli'],
];

/** Folders that a folder may not import from: all floors above, for phone and lab each other, and for the training page, which is a view, what is on the wire. */
function forbidden(folder) {
  const floor = floors.findIndex((names) => names.includes(folder));
  const above = floors.slice(floor + 1).flat();
  return [...above, ...{ phone: ['lab'], lab: ['phone'], demo: ['protocol'] }[folder] ?? []];
}

const arrows = floors.flat().filter((folder) => forbidden(folder).length > 0).map((folder) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [{
        regex: `^(\\.\\./)+((${forbidden(folder).join('|')})/|index\\.js)`,
        message: 'Arrows run downwards only, and phone and lab meet only on the wire: cli -> demo -> rehearsal -> phone lab -> protocol firmware -> network trace.',
      }],
    }],
  },
}));

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/'] },
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'examples/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './test/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Exports have names.' }],
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  { files: ['src/demo/page/**/*.ts'], languageOptions: { parserOptions: { project: './src/demo/page/tsconfig.json' } } },
  ...arrows,
);
