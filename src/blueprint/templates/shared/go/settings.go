package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/IBM/sarama"
	"github.com/xdg-go/scram"
)

const principal = "@PRINCIPAL@"

type scramClient struct {
	*scram.ClientConversation
}

func (c *scramClient) Begin(user, password, authorization string) error {
	client, err := scram.SHA512.NewClient(user, password, authorization)
	if err == nil {
		c.ClientConversation = client.NewConversation()
	}
	return err
}

func stop(why ...any) {
	fmt.Fprintln(os.Stderr, why...)
	os.Exit(1)
}

// How to reach Kafka: from the environment, so that no password stands in a file.
func settings() ([]string, *sarama.Config) {
	for _, name := range []string{"KAFKA_BOOTSTRAP", "KAFKA_CA", "KAFKA_PASSWORD"} {
		if os.Getenv(name) == "" {
			stop("set " + name + ": README.md says to what")
		}
	}
	authority, err := os.ReadFile(os.Getenv("KAFKA_CA"))
	if err != nil {
		stop(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	c := sarama.NewConfig()
	c.Version = sarama.V2_8_0_0
	c.ClientID = principal
	c.Net.TLS.Enable = true
	c.Net.TLS.Config = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	c.Net.SASL.Enable = true
	c.Net.SASL.Mechanism = sarama.SASLTypeSCRAMSHA512
	c.Net.SASL.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient { return &scramClient{} }
	c.Net.SASL.User = principal
	if user := os.Getenv("KAFKA_USER"); user != "" {
		c.Net.SASL.User = user
	}
	c.Net.SASL.Password = os.Getenv("KAFKA_PASSWORD")
	return strings.Split(os.Getenv("KAFKA_BOOTSTRAP"), ","), c
}

// The argument of the program, a count, or what holds without it.
func count(without int) int {
	if len(os.Args) < 2 {
		return without
	}
	n, err := strconv.Atoi(os.Args[1])
	if err != nil {
		stop(err)
	}
	return n
}
