// Checks YAML documents with Ajv by a JSON Schema of draft 2019-09: node check_schema.cjs SCHEMA FILE...
const fs = require('node:fs');
const yaml = require('yaml');
const Ajv2019 = require('ajv/dist/2019').default;
const addFormats = require('ajv-formats').default;

const [schema, ...files] = process.argv.slice(2);
// The official schemas use keywords that strict Ajv takes for mistakes.
const ajv = new Ajv2019({ allErrors: true, strict: false });
addFormats(ajv);
const validate = ajv.compile(JSON.parse(fs.readFileSync(schema, 'utf8')));
let wrong = 0;
for (const file of files) {
  if (validate(yaml.parse(fs.readFileSync(file, 'utf8')))) continue;
  for (const error of validate.errors) console.error(`${file}: ${error.instancePath || '/'}: ${error.message}`);
  wrong += 1;
}
process.exit(wrong > 0 ? 1 : 0);
