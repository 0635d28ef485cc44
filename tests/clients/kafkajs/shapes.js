// Records of every shape, and of every size that is let in.
'use strict';
const topic = `${process.env.TOPIC}.shapes`;
const LIMIT = 1048588; // the default of max.message.bytes, of a batch as it is sent
const AROUND = 72; // a batch of one record without a key: its head of 61 bytes and what is around a value of more than 8 KiB

module.exports = ({ kafka, check, until, create, rejection }) => {
  async function send(messages) {
    const producer = kafka(undefined, 1).producer();
    await producer.connect();
    try {
      await producer.send({ topic, messages: messages.map((one) => ({ ...one, partition: 0 })) });
    } finally {
      await producer.disconnect();
    }
  }

  async function read(count) {
    const found = [];
    const consumer = kafka().consumer({ groupId: `${process.env.GROUP}-shapes-${count}`, sessionTimeout: 10000 });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage: async ({ message }) => { found.push(message); } });
    await until(() => found.length >= count, 30, () => `${found.length} of ${count} records came back`);
    await consumer.disconnect();
    return found;
  }

  const text = (bytes) => (bytes === null ? null : bytes.toString());

  async function shapes() {
    await create(topic, 1);
    await send([{ key: 'key', value: 'value', headers: { twice: ['1', '2'], empty: '' } }, { key: 'key', value: null }, { key: '', value: '' },
      { key: null, value: 'no key' }]);
    const found = (await read(4)).map(({ key, value, headers }) => [text(key), text(value), Object.entries(headers).map((one) => one.join(':'))]);
    const expected = [['key', 'value', ['twice:1,2', 'empty:']], ['key', null, []], ['', '', []], [null, 'no key', []]];
    check(JSON.stringify(found) === JSON.stringify(expected), `read back as ${JSON.stringify(found)}`);
  }

  async function large() {
    await send([{ value: 'x'.repeat(LIMIT - AROUND) }]);
    const error = await rejection(send([{ value: 'x'.repeat(LIMIT - AROUND + 1) }]));
    check(/larger than the max message size/.test(error.message), `one byte above the limit was answered: ${error.message}`);
    const { value } = (await read(5))[4];
    check(value.toString() === 'x'.repeat(LIMIT - AROUND), 'the largest record was not read back');
  }

  return { shapes, large };
};
