// Records of lingua.toml, as far as they are read and written here.

/** Symbols that have a record: `[symbols.AAPL]`, `[symbols."CME:ES"]`. */
export function symbolsIn(text: string): string[] {
  return [...text.matchAll(/^\s*\[\s*symbols\s*\.\s*(?:"([^"\n]+)"|([\w-]+))\s*\]/gm)].map((found) => found[1] ?? found[2] ?? "");
}

/** The record of a symbol whose bars are in a file. */
export function recordOf(symbol: string, file: string): string {
  const key = /^[\w-]+$/.test(symbol) ? symbol : JSON.stringify(symbol);
  return `[symbols.${key}]\nfile = ${JSON.stringify(file)}\n`;
}
