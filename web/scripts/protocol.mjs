// Writes src/protocol.ts from the server's own description of the wire.
//   npm run protocol                     asks `chatserver` (it must be on the PATH)
//   npm run protocol -- schema.json      reads a file instead
//   npm run protocol -- --check          changes nothing; fails if the file is out of date
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const TARGET = new URL("../src/protocol.ts", import.meta.url);
const HEADER = `// Made by "npm run protocol" from the server's description of the wire. Do not edit by hand.
`;

function readSchema(file) {
  if (file) return JSON.parse(readFileSync(file, "utf8"));
  const ask = ["export-protocol", "--format", "schema"];
  const limit = 64 * 1024 * 1024;
  return JSON.parse(execFileSync("chatserver", ask, { encoding: "utf8", maxBuffer: limit }));
}

const nameOf = (ref) => (typeof ref === "string" ? ref : ref.$ref).split("/").at(-1);

function comment(text, indent = "") {
  if (!text) return "";
  const plain = text
    .split(/\n\s*\n/)
    .map((part) => part.split(/\s+/).join(" ").trim())
    .join(`\n${indent} *\n${indent} * `);
  return `${indent}/** ${plain} */\n`;
}

function arrayOf(items) {
  const inner = typeOf(items);
  return /[ |]/.test(inner) ? `(${inner})[]` : `${inner}[]`;
}

function mapOf(schema) {
  const key = schema.propertyNames ? typeOf(schema.propertyNames) : "string";
  const value = typeOf(schema.additionalProperties);
  return `{ [key in ${key}]?: ${value} }`;
}

function typeOf(schema) {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" | ");
  if (schema.type === "array") return arrayOf(schema.items);
  if (schema.type === "object" && typeof schema.additionalProperties === "object") {
    return mapOf(schema);
  }
  const plain = { string: "string", integer: "number", number: "number", boolean: "boolean" };
  const found = schema.type === "null" ? "null" : plain[schema.type];
  if (!found) throw new Error(`No TypeScript type for ${JSON.stringify(schema)}`);
  return found;
}

function structure(name, schema) {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([field, inner]) => {
    const mark = required.has(field) ? "" : "?";
    return `${comment(inner.description, "  ")}  ${field}${mark}: ${typeOf(inner)};\n`;
  });
  const head = comment(schema.description);
  if (fields.length === 0) return `${head}export type ${name} = Record<string, never>;\n`;
  return `${head}export interface ${name} {\n${fields.join("")}}\n`;
}

function requestMap(requests) {
  const rows = Object.entries(requests).map(
    ([name, row]) =>
      `  ${JSON.stringify(name)}: { request: ${nameOf(row.request)}; answer: ${nameOf(row.answer)} };\n`,
  );
  return `/** Every request, and what it is answered. */\nexport interface Requests {\n${rows.join("")}}\n`;
}

function eventMap(events) {
  const rows = Object.entries(events).map(
    ([name, ref]) => `  ${JSON.stringify(name)}: ${nameOf(ref)};\n`,
  );
  return `/** Everything the server tells unasked. */\nexport interface Events {\n${rows.join("")}}\n`;
}

function generate(schema) {
  const structures = Object.entries(schema.$defs)
    .filter(([name]) => name !== "Wire")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => structure(name, inner));
  return [HEADER, ...structures, requestMap(schema.requests), eventMap(schema.events)].join("\n");
}

const args = process.argv.slice(2);
const check = args.includes("--check");
const text = generate(readSchema(args.find((arg) => !arg.startsWith("--"))));
if (!check) {
  writeFileSync(TARGET, text);
} else if (readFileSync(TARGET, "utf8") !== text) {
  console.error("src/protocol.ts is out of date: run npm run protocol.");
  process.exit(1);
}
