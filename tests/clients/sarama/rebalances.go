// Members that come and go: five times while records are written, and one that comes back as who it was.
package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

const partitions = 4

// What a group took, and which partitions each member holds.
type positions struct {
	mutex sync.Mutex
	taken [partitions]map[int64]bool
	twice int
	held  map[string][]int32
	turns map[string]int
}

func newPositions() *positions {
	p := &positions{held: map[string][]int32{}, turns: map[string]int{}}
	for i := range p.taken {
		p.taken[i] = map[int64]bool{}
	}
	return p
}

type taker struct {
	name string
	all  *positions
}

func (t taker) Setup(session sarama.ConsumerGroupSession) error {
	t.all.mutex.Lock()
	defer t.all.mutex.Unlock()
	t.all.turns[t.name]++
	for _, claims := range session.Claims() {
		t.all.held[t.name] = claims
	}
	return nil
}
func (t taker) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (t taker) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		t.all.mutex.Lock()
		if t.all.taken[message.Partition][message.Offset] {
			t.all.twice++
		}
		t.all.taken[message.Partition][message.Offset] = true
		t.all.mutex.Unlock()
		session.MarkMessage(message, "")
	}
	return nil
}

// A member with its end: Close waits until what it marked is committed and it has left.
type running struct {
	name   string
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func (r *running) Close() {
	r.cancel()
	r.done.Wait()
}

func begin(group, from, name, instance string, all *positions) (*running, error) {
	c := signedIn()
	c.Consumer.Group.InstanceId = instance
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{name: name, cancel: cancel}
	return r, joinAs(ctx, group, from, c, taker{name, all}, &r.done)
}

func (p *positions) share(members []*running) func() bool {
	return func() bool {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		sum := 0
		for _, member := range members {
			if len(p.held[member.name]) == 0 {
				return false
			}
			sum += len(p.held[member.name])
		}
		return sum == partitions
	}
}

// Writes until the channel is closed, and tells how far each partition went.
func writeLoad(to string, stop <-chan struct{}) (ends [partitions]int64, err error) {
	c := signedIn()
	c.Producer.Partitioner = sarama.NewManualPartitioner
	producer, err := sarama.NewSyncProducer(brokers, c)
	if err != nil {
		return ends, err
	}
	defer producer.Close()
	for {
		var batch []*sarama.ProducerMessage
		for i := 0; i < 40; i++ {
			batch = append(batch, &sarama.ProducerMessage{Topic: to, Partition: int32(i % partitions), Value: sarama.StringEncoder("x")})
		}
		if err = producer.SendMessages(batch); err != nil {
			return ends, err
		}
		for i := range ends {
			ends[i] += 10
		}
		select {
		case <-stop:
			return ends, nil
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Sarama commits what was marked before it hands over, so no record may come twice.
func rebalances() error {
	load, group, all := topic+".load", groupName+"-load", newPositions()
	if err := createTopic(load, partitions); err != nil {
		return err
	}
	stop, written, failed := make(chan struct{}), [partitions]int64{}, make(chan error, 1)
	go func() {
		var err error
		written, err = writeLoad(load, stop)
		failed <- err
	}()
	var members []*running
	defer func() {
		for _, member := range members {
			member.Close()
		}
	}()
	for i, change := range []string{"join", "join", "join", "leave", "join", "leave"} {
		if err := until(all.share(members), 60, "the members did not share the partitions"); i > 0 && err != nil {
			return err
		}
		time.Sleep(300 * time.Millisecond) // for records to come in this shape of the group
		all.mutex.Lock()
		all.held = map[string][]int32{}
		all.mutex.Unlock()
		if change == "leave" {
			members[0].Close()
			members = members[1:]
			continue
		}
		member, err := begin(group, load, fmt.Sprint("member ", i), "", all)
		if err != nil {
			return err
		}
		members = append(members, member)
	}
	close(stop)
	if err := <-failed; err != nil {
		return err
	}
	complete := func() bool {
		all.mutex.Lock()
		defer all.mutex.Unlock()
		for i, end := range written {
			if int64(len(all.taken[i])) != end {
				return false
			}
		}
		return true
	}
	if err := until(complete, 60, "records were left out"); err != nil {
		return err
	}
	for _, member := range members {
		member.Close()
	}
	members = nil
	if all.twice > 0 {
		return fmt.Errorf("%d records came twice", all.twice)
	}
	return needCommitted(group, load, written)
}

func needCommitted(group, load string, written [partitions]int64) error {
	admin, err := sarama.NewClusterAdmin(brokers, signedIn())
	if err != nil {
		return err
	}
	defer admin.Close()
	committed, err := admin.ListConsumerGroupOffsets(group, map[string][]int32{load: {0, 1, 2, 3}})
	if err != nil {
		return err
	}
	for i, end := range written {
		if block := committed.GetBlock(load, int32(i)); block == nil || block.Offset != end {
			return fmt.Errorf("the committed offset of partition %d is not its end", i)
		}
	}
	return nil
}

// One that comes back in time gets what it had, and the other is not asked to give anything up.
func staticMember() error {
	group, all := groupName+"-static", newPositions()
	leaver, err := begin(group, topic, "leaver", "leaver", all)
	if err != nil {
		return err
	}
	stayer, err := begin(group, topic, "stayer", "stayer", all)
	if err != nil {
		return err
	}
	defer stayer.Close()
	both := func() bool {
		all.mutex.Lock()
		defer all.mutex.Unlock()
		return len(all.held["leaver"]) == 2 && len(all.held["stayer"]) == 2
	}
	if err = until(both, 60, "the members did not share the partitions"); err != nil {
		return err
	}
	leaver.Close()
	all.mutex.Lock()
	held, before := all.held["leaver"], all.turns["stayer"]
	delete(all.held, "leaver")
	all.mutex.Unlock()
	back, err := begin(group, topic, "leaver", "leaver", all)
	if err != nil {
		return err
	}
	defer back.Close()
	if err = until(both, 60, "it did not come back"); err != nil {
		return err
	}
	all.mutex.Lock()
	defer all.mutex.Unlock()
	if !reflect.DeepEqual(all.held["leaver"], held) {
		return fmt.Errorf("held %v, came back to %v", held, all.held["leaver"])
	}
	if all.turns["stayer"] != before {
		return errors.New("the other member was assigned anew")
	}
	return nil
}
