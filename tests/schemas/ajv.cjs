// Judges YAML texts by JSON Schemas: reads {schemas: {name: schema}, jobs: [{schema, text}]} from standard input and
// prints one {value, errors} for each job. Stops with an error on a schema that strict Ajv does not take.
const fs = require('node:fs');
const yaml = require('yaml');
const Ajv2020 = require('ajv/dist/2020').default;
const addFormats = require('ajv-formats').default;

const input = JSON.parse(fs.readFileSync(0, 'utf8'));
const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
addFormats(ajv);
const validators = Object.fromEntries(Object.entries(input.schemas).map(([name, schema]) => [name, ajv.compile(schema)]));

function judged({ schema, text }) {
  const document = yaml.parseDocument(text);
  if (document.errors.length > 0) return { value: null, errors: document.errors.map(String) };
  const value = document.toJS();
  const validate = validators[schema];
  if (validate(value)) return { value, errors: [] };
  return { value, errors: validate.errors.map((error) => `${error.instancePath || '/'}: ${error.message}`) };
}

console.log(JSON.stringify(input.jobs.map(judged)));
