// kafkajs from npm: every step of tests/clients/README.md. It compresses with gzip only.
'use strict';
const fs = require('fs');
const { CompressionTypes, Kafka, logLevel } = require(process.env.MODULES + '/kafkajs');

process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';
const { BOOTSTRAP, CA, KAFKA_USER, PASSWORD_FILE, TOPIC, GROUP, TRANSACTIONAL_ID, DENIED_TOPIC } = process.env;
const records = Number(process.env.RECORDS);
const now = Date.now();
const ssl = { ca: [fs.readFileSync(CA, 'utf8')] };

function kafka(password = fs.readFileSync(PASSWORD_FILE, 'utf8').split('\n')[0], retries = 8) {
  return new Kafka({ clientId: 'kafkajs', brokers: [BOOTSTRAP], ssl, logLevel: logLevel.NOTHING, retry: { retries },
    sasl: { mechanism: 'scram-sha-256', username: KAFKA_USER, password } });
}

function check(condition, why) {
  if (!condition) throw new Error(why);
}

async function until(condition, seconds, why) {
  const deadline = Date.now() + seconds * 1000;
  while (!condition()) {
    check(Date.now() < deadline, `${why()} in ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function create(topic = TOPIC, numPartitions = 4) {
  const admin = kafka().admin();
  await admin.connect();
  check(await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1 }] }), 'the topic was there before');
  await admin.disconnect();
}

async function produce() {
  const producer = kafka().producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  for (const [half, moment] of [now - 7200000, now - 3600000].entries()) {
    for (const [turn, compression] of [CompressionTypes.None, CompressionTypes.GZIP].entries()) {
      const messages = [];
      for (let i = half * records / 2 + turn; i < (half + 1) * records / 2; i += 2) {
        messages.push({ key: `key-${i}`, value: `value-${i}`, timestamp: String(moment), headers: { n: String(i) } });
      }
      await producer.send({ topic: TOPIC, messages, compression, acks: -1 });
    }
  }
  await producer.disconnect();
}

async function member(seen, assignments, name) {
  const consumer = kafka().consumer({ groupId: GROUP, sessionTimeout: 10000, heartbeatInterval: 500, rebalanceTimeout: 10000 });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => { assignments[name] = (payload.memberAssignment[TOPIC] || []).length; });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => { seen.add(message.value.toString()); } });
  return consumer;
}

async function group() {
  const seen = new Set();
  const assignments = {};
  const members = [await member(seen, assignments, 'first')];
  await until(() => seen.size > 0, 60, () => 'no record was seen');
  members.push(await member(seen, assignments, 'second'));
  await until(() => seen.size === records, 60, () => `${seen.size} of ${records} records were seen`);
  await until(() => assignments.first === 2 && assignments.second === 2, 60, () => `members hold ${JSON.stringify(assignments)} partitions`);
  for (const consumer of members) await consumer.disconnect();
}

async function timestamp() {
  const admin = kafka().admin();
  await admin.connect();
  const found = await admin.fetchTopicOffsetsByTimestamp(TOPIC, now - 5400000);
  await admin.disconnect();
  const values = new Set();
  const consumer = kafka().consumer({ groupId: `${GROUP}-times`, sessionTimeout: 10000 });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
  const early = [];
  await consumer.run({ autoCommit: false, eachMessage: async ({ partition, message }) => {
    const first = BigInt(found.find((one) => one.partition === partition).offset);
    const index = Number(message.value.toString().slice('value-'.length));
    if (BigInt(message.offset) >= first) values.add(index);
    if ((BigInt(message.offset) >= first) !== (index >= records / 2)) early.push(index);
  } });
  for (const { partition, offset } of found) consumer.seek({ topic: TOPIC, partition, offset });
  await until(() => values.size === records / 2, 30, () => `${values.size} of ${records / 2} records since the time were read`);
  await consumer.disconnect();
  check(early.length === 0, 'offsets do not part the records at the time');
}

async function transactions() {
  const copies = `${TOPIC}.copies`;
  const groupId = `${GROUP}-copies`;
  const admin = kafka().admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: copies, numPartitions: 1, replicationFactor: 1 }] });
  const open = async () => {
    const producer = kafka(undefined, 3).producer({ transactionalId: TRANSACTIONAL_ID, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    return producer;
  };
  const producer = await open();
  for (const word of ['aborted', 'value']) {
    const transaction = await producer.transaction();
    const messages = [...Array(50).keys()].map((i) => ({ key: `key-${i}`, value: `${word}-${i}` }));
    await transaction.send({ topic: copies, messages });
    const offset = word === 'value' ? '50' : '7';
    await transaction.sendOffsets({ consumerGroupId: groupId, topics: [{ topic: TOPIC, partitions: [{ partition: 0, offset }] }] });
    await (word === 'value' ? transaction.commit() : transaction.abort());
  }
  const heir = await open();
  await (await heir.transaction()).abort();
  const late = (async () => {
    const transaction = await producer.transaction();
    await transaction.send({ topic: copies, messages: [{ value: 'of a zombie' }] });
    await transaction.commit();
  })();
  const refusal = await rejection(late);
  check(/epoch|fenced|newer producer/i.test(refusal.message), `the fenced producer was told: ${refusal.message}`);
  await producer.disconnect();
  await heir.disconnect();
  const [committed] = await admin.fetchOffsets({ groupId, topics: [TOPIC] });
  check(committed.partitions.find((one) => one.partition === 0).offset === '50', "the committed offset is not the transaction's");
  await admin.disconnect();
  const values = [];
  const consumer = kafka().consumer({ groupId: `${groupId}-reader`, sessionTimeout: 10000, readUncommitted: false });
  await consumer.connect();
  await consumer.subscribe({ topics: [copies], fromBeginning: true });
  await consumer.run({ autoCommit: false, eachMessage: async ({ message }) => { values.push(message.value.toString()); } });
  await until(() => values.length >= 50, 30, () => `${values.length} of 50 committed records were read`);
  await new Promise((resolve) => setTimeout(resolve, 500));
  await consumer.disconnect();
  check(values.join() === [...Array(50).keys()].map((i) => `value-${i}`).join(), `${values.length} records, not exactly the committed ones`);
}

async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('was not refused');
}

async function denied() {
  const producer = kafka(undefined, 1).producer();
  await producer.connect();
  const error = await rejection(producer.send({ topic: DENIED_TOPIC, messages: [{ value: 'no' }] }));
  await producer.disconnect();
  check(/not authorized/i.test(error.message), `a write was answered: ${error.message}`);
  const consumer = kafka(undefined, 1).consumer({ groupId: `${GROUP}-denied` });
  let crash = '';
  consumer.on(consumer.events.CRASH, ({ payload }) => { crash = payload.error.message; });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [DENIED_TOPIC] });
    await consumer.run({ eachMessage: async () => {} });
    await until(() => crash !== '', 20, () => 'a read was not refused');
  } catch (refusal) {
    crash = refusal.message;
  }
  await consumer.disconnect();
  check(/not authorized/i.test(crash), `a read was answered: ${crash}`);
}

async function wrongPassword() {
  const producer = kafka('not the password', 0).producer();
  const error = await rejection(producer.connect());
  check(/authenticat/i.test(error.message) || /SASL/.test(error.message), `the sign-in ended with: ${error.message}`);
}

async function main() {
  const tools = { kafka, check, until, create, rejection };
  const { shapes, large } = require('./shapes.js')(tools);
  const rebalances = require('./rebalances.js')(tools);
  const steps = { create: () => create(), produce, shapes, large, group, rebalances, timestamp, transactions, denied, wrong_password: wrongPassword };
  for (const [name, run] of Object.entries(steps)) {
    try {
      await run();
    } catch (error) {
      console.log(`step ${name} failed: ${error.message}`);
      process.exit(1);
    }
    console.log(`step ${name} ok`);
  }
  process.exit(0);
}
main();
