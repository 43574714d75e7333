// The parser inside the handlebars package, which its own types leave out: what we use of it and no more.

declare module 'handlebars/dist/cjs/handlebars/compiler/parser.js' {
  const parser: import('./grammar.ts').Parser;
  export default parser;
}

declare module 'handlebars/dist/cjs/handlebars/compiler/helpers.js' {
  export function SourceLocation(
    this: unknown,
    source: undefined,
    location: import('./grammar.ts').LexerLocation,
  ): void;
}

declare module 'handlebars/dist/cjs/handlebars/compiler/whitespace-control.js' {
  export default class WhitespaceControl {
    accept(program: import('./handlebars-node.ts').Program): import('./handlebars-node.ts').Program;
  }
}
