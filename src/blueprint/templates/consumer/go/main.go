// Reads the records of @TOPICS@: go run . [COUNT]. Without a count it reads until Ctrl-C.
package main

import (
	"context"
	"fmt"
	"math"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/IBM/sarama"
)

const (
	topics = "@TOPICS@"
	group  = "@APPLICATION@"
)

// reader is called by one goroutine for each partition.
type reader struct {
	mutex sync.Mutex
	left  int
	done  context.CancelFunc
}

func (r *reader) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (r *reader) Cleanup(sarama.ConsumerGroupSession) error { return nil }

// Whether the record was still wanted; it is printed then.
func (r *reader) took(message *sarama.ConsumerMessage) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.left == 0 {
		return false
	}
	fmt.Println(message.Topic, string(message.Value))
	if r.left--; r.left == 0 {
		r.done()
	}
	return true
}

func (r *reader) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		if !r.took(message) {
			return nil
		}
		session.MarkMessage(message, "") // committed at the end, and every second
	}
	return nil
}

func main() {
	brokers, c := settings()
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	members, err := sarama.NewConsumerGroup(brokers, group, c)
	if err != nil {
		stop(err)
	}
	ctx, done := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer done()
	r := &reader{left: count(math.MaxInt), done: done}
	for ctx.Err() == nil && r.left > 0 {
		if err := members.Consume(ctx, strings.Split(topics, ","), r); err != nil && ctx.Err() == nil {
			stop(err)
		}
	}
	if err := members.Close(); err != nil {
		stop(err)
	}
}
