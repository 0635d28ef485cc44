// Checks Backstage entities with Backstage's own catalog model: node backstage.cjs FILE...
const fs = require('node:fs');
const yaml = require('yaml');
const model = require('@backstage/catalog-model');

const validators = {
  Component: model.componentEntityV1alpha1Validator,
  Domain: model.domainEntityV1alpha1Validator,
  Group: model.groupEntityV1alpha1Validator,
  System: model.systemEntityV1alpha1Validator,
  User: model.userEntityV1alpha1Validator,
};
const policy = model.EntityPolicies.allOf([
  new model.SchemaValidEntityPolicy(),
  new model.FieldFormatEntityPolicy(),
]);

async function main() {
  let entities = 0;
  for (const file of process.argv.slice(2)) {
    for (const document of yaml.parseAllDocuments(fs.readFileSync(file, 'utf8'))) {
      const entity = document.toJS();
      await policy.enforce(entity);
      const known = await validators[entity.kind].check(entity);
      if (!known) throw new Error(`${file}: ${entity.kind} ${entity.metadata.name}: apiVersion not known`);
      entities += 1;
    }
  }
  console.log(`@backstage/catalog-model: ${entities} entities are valid.`);
}

main().catch((error) => {
  console.error(String(error));
  process.exit(1);
});
