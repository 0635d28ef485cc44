// Members that come and go five times while records are written.
'use strict';
const topic = `${process.env.TOPIC}.load`;
const groupId = `${process.env.GROUP}-load`;
const PARTITIONS = 4;

module.exports = ({ kafka, check, until, create }) => {
  const zeros = () => Array(PARTITIONS).fill(0);
  const group = { members: [], taken: Array.from({ length: PARTITIONS }, () => new Set()), committed: zeros(), written: zeros(), twice: [] };

  // A record that comes again after its place was committed is a duplicate.
  async function take({ batch, commitOffsetsIfNecessary }) {
    const { partition } = batch;
    for (const { offset } of batch.messages) {
      if (Number(offset) < group.committed[partition]) group.twice.push(`${partition}:${offset}`);
      group.taken[partition].add(Number(offset));
    }
    const end = Number(batch.lastOffset()) + 1;
    await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: String(end) }] }] });
    group.committed[partition] = Math.max(group.committed[partition], end);
  }

  async function join() {
    const consumer = kafka().consumer({ groupId, sessionTimeout: 10000, heartbeatInterval: 500, rebalanceTimeout: 10000, maxWaitTimeInMs: 200 });
    const member = { consumer, held: 0 };
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => { member.held = (payload.memberAssignment[topic] || []).length; });
    group.members.push(member);
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: take });
  }

  async function write(load) {
    const producer = kafka().producer();
    await producer.connect();
    while (load.on) {
      const messages = [...Array(40).keys()].map((i) => ({ value: 'x', partition: i % PARTITIONS }));
      for (const { partition, baseOffset } of await producer.send({ topic, messages })) group.written[partition] = Number(baseOffset) + 10;
    }
    await producer.disconnect();
  }

  async function change(kind) {
    const before = group.taken.reduce((sum, one) => sum + one.size, 0);
    const settled = () => group.members.every(({ held }) => held > 0) && group.members.reduce((sum, { held }) => sum + held, 0) === PARTITIONS;
    await until(() => settled() && group.taken.reduce((sum, one) => sum + one.size, 0) > before, 60, () => 'the members did not share the partitions');
    await (kind === 'join' ? join() : group.members.shift().consumer.disconnect());
  }

  return async function rebalances() {
    await create(topic, PARTITIONS);
    const load = { on: true };
    const writing = write(load);
    await join();
    for (const kind of ['join', 'join', 'leave', 'join', 'leave']) await change(kind);
    load.on = false;
    await writing;
    const done = () => group.committed.join() === group.written.join();
    await until(done, 60, () => `committed ${group.committed}, written ${group.written}`);
    for (const { consumer } of group.members) await consumer.disconnect();
    check(group.twice.length === 0, `came again after their place was committed: ${group.twice.slice(0, 3)}`);
    check(group.taken.every((one, partition) => one.size === group.written[partition]), 'records were left out');
    const admin = kafka().admin();
    await admin.connect();
    const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] });
    await admin.disconnect();
    check(partitions.every(({ partition, offset }) => Number(offset) === group.written[partition]), `the server has ${JSON.stringify(partitions)}`);
  };
};
