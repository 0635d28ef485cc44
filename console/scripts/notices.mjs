// Writes the licences of everything that ends up in the bundle; fails when one is not on the list.
// usage: node scripts/notices.mjs OUTPUT
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ALLOWED = new Set(["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD", "Unlicense", "OFL-1.1"]);

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
const notices = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === "" || entry.dev || entry.devOptional || (entry.optional && !existsSync(path))) continue;
  const { name, version, license } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
  if (!ALLOWED.has(license)) {
    console.error(`${name} ${version}: the licence "${license}" is not on the list in scripts/notices.mjs`);
    process.exit(1);
  }
  const file = readdirSync(path).find((each) => /^(licen[cs]e|copying)/i.test(each));
  const text = file ? readFileSync(join(path, file), "utf8").trim() : "(the package carries no licence text)";
  notices.push({ name, text: `${name} ${version}, ${license}\n\n${text}\n` });
}
notices.sort((left, right) => (left.name < right.name ? -1 : 1));
const line = `\n${"-".repeat(100)}\n\n`;
writeFileSync(process.argv[2], `The console of Myelin contains:\n${line}${notices.map(({ text }) => text).join(line)}`);
