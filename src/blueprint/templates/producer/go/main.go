// Writes records to @TOPIC@: go run . [COUNT].
package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"
)

const topic = "@TOPIC@"

func record() *sarama.ProducerMessage {
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		stop(err)
	}
	id := fmt.Sprintf("%x", random)
	value := fmt.Sprintf(`{"id": "%s", "happened_at": "%s"}`, id, time.Now().UTC().Format(time.RFC3339Nano))
	return &sarama.ProducerMessage{Topic: topic, Key: sarama.StringEncoder(id), Value: sarama.StringEncoder(value)}
}

func main() {
	brokers, c := settings()
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.Return.Successes = true
	producer, err := sarama.NewSyncProducer(brokers, c)
	if err != nil {
		stop(err)
	}
	records := make([]*sarama.ProducerMessage, count(10))
	for i := range records {
		records[i] = record()
	}
	err = producer.SendMessages(records)
	var refused sarama.ProducerErrors
	if errors.As(err, &refused) {
		err = refused[0].Err
	}
	if err != nil {
		stop(topic+":", err)
	}
	if err := producer.Close(); err != nil {
		stop(err)
	}
	fmt.Printf("wrote %d records to %s\n", len(records), topic)
}
