// sarama, the Go client: every step of tests/clients/README.md.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"github.com/xdg-go/scram"
)

var (
	topic      = os.Getenv("TOPIC")
	groupName  = os.Getenv("GROUP")
	denied     = os.Getenv("DENIED_TOPIC")
	brokers    = []string{os.Getenv("BOOTSTRAP")}
	records, _ = strconv.Atoi(os.Getenv("RECORDS"))
	now        = time.Now().Truncate(time.Millisecond)
)

type scramClient struct {
	*scram.ClientConversation
}

func (c *scramClient) Begin(user, password, authorization string) error {
	client, err := scram.SHA256.NewClient(user, password, authorization)
	if err == nil {
		c.ClientConversation = client.NewConversation()
	}
	return err
}

func config(password string) *sarama.Config {
	authority, err := os.ReadFile(os.Getenv("CA"))
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	c := sarama.NewConfig()
	c.Version = sarama.V2_8_0_0
	c.ClientID = "sarama"
	c.Net.TLS.Enable = true
	c.Net.TLS.Config = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	c.Net.SASL.Enable = true
	c.Net.SASL.Mechanism = sarama.SASLTypeSCRAMSHA256
	c.Net.SASL.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient { return &scramClient{} }
	c.Net.SASL.User = os.Getenv("KAFKA_USER")
	c.Net.SASL.Password = password
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.Return.Successes = true
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Group.Session.Timeout = 10 * time.Second
	c.Consumer.Group.Heartbeat.Interval = 500 * time.Millisecond
	c.Consumer.Return.Errors = true
	return c
}

func signedIn() *sarama.Config {
	text, err := os.ReadFile(os.Getenv("PASSWORD_FILE"))
	if err != nil {
		panic(err)
	}
	return config(strings.SplitN(string(text), "\n", 2)[0])
}

func create() error { return createTopic(topic, 4) }

func createTopic(name string, partitions int32) error {
	admin, err := sarama.NewClusterAdmin(brokers, signedIn())
	if err != nil {
		return err
	}
	defer admin.Close()
	return admin.CreateTopic(name, &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1}, false)
}

func produce() error {
	codecs := []sarama.CompressionCodec{sarama.CompressionNone, sarama.CompressionGZIP, sarama.CompressionSnappy, sarama.CompressionLZ4, sarama.CompressionZSTD}
	for half, moment := range []time.Time{now.Add(-2 * time.Hour), now.Add(-time.Hour)} {
		for turn, codec := range codecs {
			c := signedIn()
			c.Producer.Compression = codec
			c.Producer.Idempotent = true
			c.Net.MaxOpenRequests = 1
			producer, err := sarama.NewSyncProducer(brokers, c)
			if err != nil {
				return err
			}
			var batch []*sarama.ProducerMessage
			for i := half*records/2 + turn; i < (half+1)*records/2; i += len(codecs) {
				batch = append(batch, &sarama.ProducerMessage{Topic: topic, Key: sarama.StringEncoder(fmt.Sprintf("key-%d", i)),
					Value: sarama.StringEncoder(fmt.Sprintf("value-%d", i)), Timestamp: moment})
			}
			err = producer.SendMessages(batch)
			producer.Close()
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// What both members of a group saw and hold.
type watch struct {
	mutex sync.Mutex
	seen  map[string]bool
	held  map[string]int
}

type member struct {
	name  string
	watch *watch
}

func (m member) Setup(session sarama.ConsumerGroupSession) error {
	m.watch.mutex.Lock()
	defer m.watch.mutex.Unlock()
	m.watch.held[m.name] = len(session.Claims()[topic])
	return nil
}
func (m member) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (m member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		m.watch.mutex.Lock()
		m.watch.seen[string(message.Value)] = true
		m.watch.mutex.Unlock()
		session.MarkMessage(message, "")
	}
	return nil
}

func join(ctx context.Context, name string, w *watch, done *sync.WaitGroup) error {
	return joinAs(ctx, groupName, topic, signedIn(), member{name, w}, done)
}

func joinAs(ctx context.Context, groupName, topic string, c *sarama.Config, handler sarama.ConsumerGroupHandler, done *sync.WaitGroup) error {
	group, err := sarama.NewConsumerGroup(brokers, groupName, c)
	if err != nil {
		return err
	}
	go func() {
		for range group.Errors() {
		}
	}()
	done.Add(1)
	go func() {
		defer done.Done()
		for ctx.Err() == nil {
			group.Consume(ctx, []string{topic}, handler)
		}
		group.Close()
	}()
	return nil
}

func until(condition func() bool, seconds int, why string) error {
	for deadline := time.Now().Add(time.Duration(seconds) * time.Second); !condition(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("%s in %d s", why, seconds)
		}
	}
	return nil
}

func group() error {
	w := &watch{seen: map[string]bool{}, held: map[string]int{}}
	locked := func(condition func() bool) func() bool {
		return func() bool {
			w.mutex.Lock()
			defer w.mutex.Unlock()
			return condition()
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	defer done.Wait()
	defer cancel()
	if err := join(ctx, "first", w, &done); err != nil {
		return err
	}
	if err := until(locked(func() bool { return len(w.seen) > 0 }), 60, "no record was seen"); err != nil {
		return err
	}
	if err := join(ctx, "second", w, &done); err != nil {
		return err
	}
	if err := until(locked(func() bool { return w.held["first"] == 2 && w.held["second"] == 2 }), 60, "the members did not share the partitions"); err != nil {
		return err
	}
	return until(locked(func() bool { return len(w.seen) == records }), 60, "not every record was seen")
}

func timestamp() error {
	client, err := sarama.NewClient(brokers, signedIn())
	if err != nil {
		return err
	}
	defer client.Close()
	consumer, err := sarama.NewConsumerFromClient(client)
	if err != nil {
		return err
	}
	defer consumer.Close()
	count := 0
	for p := int32(0); p < 4; p++ {
		first, err := client.GetOffset(topic, p, now.Add(-90*time.Minute).UnixMilli())
		if err != nil {
			return err
		}
		end, err := client.GetOffset(topic, p, sarama.OffsetNewest)
		if err != nil {
			return err
		}
		partition, err := consumer.ConsumePartition(topic, p, first)
		if err != nil {
			return err
		}
		for offset := first; offset < end; offset++ {
			select {
			case message := <-partition.Messages():
				if index, _ := strconv.Atoi(strings.TrimPrefix(string(message.Value), "value-")); index < records/2 {
					return fmt.Errorf("record %d from before the time was read", index)
				}
				count++
			case <-time.After(15 * time.Second):
				return errors.New("a record did not come within 15 s")
			}
		}
		partition.Close()
	}
	if count != records/2 {
		return fmt.Errorf("%d of %d records since the time were read", count, records/2)
	}
	return nil
}

func transactionalProducer() (sarama.SyncProducer, error) {
	c := signedIn()
	c.Producer.Idempotent = true
	c.Producer.Transaction.ID = os.Getenv("TRANSACTIONAL_ID")
	c.Net.MaxOpenRequests = 1
	return sarama.NewSyncProducer(brokers, c)
}

// In one transaction, with an offset of a group.
func copyRecords(producer sarama.SyncProducer, to, word string, offset int64, commits bool) error {
	if err := producer.BeginTxn(); err != nil {
		return err
	}
	var batch []*sarama.ProducerMessage
	for i := 0; i < 50; i++ {
		batch = append(batch, &sarama.ProducerMessage{Topic: to, Value: sarama.StringEncoder(fmt.Sprintf("%s-%d", word, i))})
	}
	if err := producer.SendMessages(batch); err != nil {
		return err
	}
	offsets := map[string][]*sarama.PartitionOffsetMetadata{topic: {{Partition: 0, Offset: offset}}}
	if err := producer.AddOffsetsToTxn(offsets, groupName+"-copies"); err != nil {
		return err
	}
	if commits {
		return producer.CommitTxn()
	}
	return producer.AbortTxn()
}

func readCommitted(from string) error {
	c := signedIn()
	c.Consumer.IsolationLevel = sarama.ReadCommitted
	consumer, err := sarama.NewConsumer(brokers, c)
	if err != nil {
		return err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(from, 0, sarama.OffsetOldest)
	if err != nil {
		return err
	}
	defer partition.Close()
	for i := 0; ; i++ {
		select {
		case message := <-partition.Messages():
			if string(message.Value) != fmt.Sprintf("value-%d", i) {
				return fmt.Errorf("record %d is %s", i, message.Value)
			}
		case <-time.After(2 * time.Second):
			if i != 50 {
				return fmt.Errorf("%d of 50 committed records were read", i)
			}
			return nil
		}
	}
}

func transactions() error {
	copies := topic + ".copies"
	admin, err := sarama.NewClusterAdmin(brokers, signedIn())
	if err != nil {
		return err
	}
	defer admin.Close()
	if err = createTopic(copies, 1); err != nil {
		return err
	}
	producer, err := transactionalProducer()
	if err != nil {
		return err
	}
	if err = copyRecords(producer, copies, "aborted", 7, false); err != nil {
		return err
	}
	if err = copyRecords(producer, copies, "value", 50, true); err != nil {
		return err
	}
	heir, err := transactionalProducer()
	if err != nil {
		return err
	}
	if err = copyRecords(producer, copies, "zombie", 99, true); err == nil {
		return errors.New("a producer whose id was taken over could commit")
	}
	producer.Close()
	heir.Close()
	committed, err := admin.ListConsumerGroupOffsets(groupName+"-copies", map[string][]int32{topic: {0}})
	if err != nil {
		return err
	}
	if block := committed.GetBlock(topic, 0); block == nil || block.Offset != 50 {
		return errors.New("the committed offset is not the transaction's")
	}
	return readCommitted(copies)
}

func refused() error {
	c := signedIn()
	c.Metadata.Retry.Max = 0
	c.Producer.Retry.Max = 0
	producer, err := sarama.NewSyncProducer(brokers, c)
	if err != nil {
		return err
	}
	_, _, err = producer.SendMessage(&sarama.ProducerMessage{Topic: denied, Value: sarama.StringEncoder("no")})
	producer.Close()
	if !errors.Is(err, sarama.ErrTopicAuthorizationFailed) {
		return fmt.Errorf("a write was answered: %v", err)
	}
	consumer, err := sarama.NewConsumer(brokers, c)
	if err != nil {
		return err
	}
	defer consumer.Close()
	if _, err = consumer.ConsumePartition(denied, 0, sarama.OffsetOldest); !errors.Is(err, sarama.ErrTopicAuthorizationFailed) {
		return fmt.Errorf("a read was answered: %v", err)
	}
	return nil
}

func wrongPassword() error {
	c := config("not the password")
	c.Metadata.Retry.Max = 0
	client, err := sarama.NewClient(brokers, c)
	if err == nil {
		client.Close()
		return errors.New("was let in")
	}
	if !errors.Is(err, sarama.ErrSASLAuthenticationFailed) {
		return fmt.Errorf("the sign-in ended with: %v", err)
	}
	return nil
}

func main() {
	steps := []struct {
		name string
		run  func() error
	}{{"create", create}, {"produce", produce}, {"shapes", shapes}, {"large", large}, {"group", group},
		{"rebalances", rebalances}, {"static_member", staticMember}, {"timestamp", timestamp}, {"transactions", transactions}, {"denied", refused}, {"wrong_password", wrongPassword}}
	for _, step := range steps {
		if err := step.run(); err != nil {
			fmt.Printf("step %s failed: %v\n", step.name, err)
			os.Exit(1)
		}
		fmt.Printf("step %s ok\n", step.name)
	}
}
