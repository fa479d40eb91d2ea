import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist', 'data', 'node_modules', 'coverage'] },
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'scripts/**/*.ts', 'public/editor/**/*.ts'],
    extends: [...tseslint.configs.recommended],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: `${import.meta.dirname}/..` },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Use named exports only.' },
        { selector: 'ExportAllDeclaration', message: 'No barrel files: import from the file itself.' },
        {
          selector:
            'MemberExpression[computed=true][property.type="MemberExpression"][property.property.name=/^(slug|id|topic)$/][property.object.name!="rule"]',
          message: 'Someone wrote this word, and it may be “constructor”: use a Map, or mapKey().',
        },
      ],
    },
  },
  { files: ['scripts/**/*.ts', 'test/**/*.ts', 'src/server.ts'], rules: { 'no-console': 'off' } },
)
