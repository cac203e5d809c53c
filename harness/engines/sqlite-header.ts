// Reads constants from a sqlite3.h. What stays out: its declarations.

/** The value of a string constant such as `SQLITE_VERSION`; undefined when the header does not define it. */
export function headerConstant(header: string, name: string): string | undefined {
  return new RegExp(`^#define ${name}\\s+"([^"]*)"`, 'm').exec(header)?.[1];
}
