// Records of every shape, and of every size that is let in.
package main

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/IBM/sarama"
)

const (
	limit  = 1048588 // the default of max.message.bytes, of a batch as it is sent
	around = 72      // a batch of one record without a key: its head of 61 bytes and what is around a value of more than 8 KiB
)

func shapesTopic() string { return topic + ".shapes" }

func writeShapes(messages ...*sarama.ProducerMessage) error {
	c := signedIn()
	c.Producer.MaxMessageBytes = 2 * limit
	c.Producer.Partitioner = sarama.NewManualPartitioner
	producer, err := sarama.NewSyncProducer(brokers, c)
	if err != nil {
		return err
	}
	defer producer.Close()
	for _, message := range messages {
		message.Topic = shapesTopic()
		if _, _, err = producer.SendMessage(message); err != nil {
			return err
		}
	}
	return nil
}

func readShapes(count int) ([]*sarama.ConsumerMessage, error) {
	consumer, err := sarama.NewConsumer(brokers, signedIn())
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(shapesTopic(), 0, sarama.OffsetOldest)
	if err != nil {
		return nil, err
	}
	defer partition.Close()
	var found []*sarama.ConsumerMessage
	for len(found) < count {
		select {
		case message := <-partition.Messages():
			found = append(found, message)
		case <-time.After(30 * time.Second):
			return nil, fmt.Errorf("%d of %d records came back in 30 s", len(found), count)
		}
	}
	return found, nil
}

func header(name string, value []byte) sarama.RecordHeader {
	return sarama.RecordHeader{Key: []byte(name), Value: value}
}

func shapes() error {
	if err := createTopic(shapesTopic(), 1); err != nil {
		return err
	}
	headers := []sarama.RecordHeader{header("twice", []byte("1")), header("twice", []byte("2")), header("empty", []byte{}), header("none", nil)}
	text := func(value string) sarama.Encoder { return sarama.StringEncoder(value) }
	err := writeShapes(&sarama.ProducerMessage{Key: text("key"), Value: text("value"), Headers: headers}, &sarama.ProducerMessage{Key: text("key")},
		&sarama.ProducerMessage{Key: text(""), Value: text("")}, &sarama.ProducerMessage{Value: text("no key")})
	if err != nil {
		return err
	}
	found, err := readShapes(4)
	if err != nil {
		return err
	}
	expected := [][2][]byte{{[]byte("key"), []byte("value")}, {[]byte("key"), nil}, {{}, {}}, {nil, []byte("no key")}}
	for i, message := range found {
		if !reflect.DeepEqual([2][]byte{message.Key, message.Value}, expected[i]) {
			return fmt.Errorf("record %d came back as %q = %q", i, message.Key, message.Value)
		}
	}
	for i, one := range found[0].Headers {
		if !reflect.DeepEqual(*one, headers[i]) {
			return fmt.Errorf("header %d came back as %s: %q", i, one.Key, one.Value)
		}
	}
	if len(found[0].Headers) != len(headers) {
		return fmt.Errorf("%d headers came back", len(found[0].Headers))
	}
	return nil
}

func large() error {
	largest := strings.Repeat("x", limit-around)
	if err := writeShapes(&sarama.ProducerMessage{Value: sarama.StringEncoder(largest)}); err != nil {
		return err
	}
	if err := writeShapes(&sarama.ProducerMessage{Value: sarama.StringEncoder(largest + "x")}); !errors.Is(err, sarama.ErrMessageSizeTooLarge) {
		return fmt.Errorf("one byte above the limit was answered: %v", err)
	}
	found, err := readShapes(5)
	if err == nil && string(found[4].Value) != largest {
		err = errors.New("the largest record was not read back")
	}
	return err
}
