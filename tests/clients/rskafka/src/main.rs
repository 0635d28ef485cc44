//! rskafka, the Rust client: every step of tests/clients/README.md that it can do. It has no consumer groups, so its step
//! "group" is missing; it speaks Fetch v4 only, which no other client here does.
use std::{collections::BTreeMap, env, fs, io, process, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use rskafka::{
    client::{
        error::{Error, ProtocolError},
        partition::{Compression, OffsetAt, PartitionClient, UnknownTopicHandling},
        Client, ClientBuilder, Credentials, SaslConfig,
    },
    record::Record,
    BackoffConfig,
};
use rustls::pki_types::{pem::PemObject, CertificateDer};

type Outcome = Result<(), Box<dyn std::error::Error>>;
const PARTITIONS: i32 = 4;

struct Plan {
    topic: String,
    records: i64,
    now: DateTime<Utc>,
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

async fn connect(password: String) -> Result<Client, Box<dyn std::error::Error>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(variable("CA"))?)?;
    let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let client = ClientBuilder::new(vec![variable("BOOTSTRAP")])
        .client_id("rskafka")
        .tls_config(Arc::new(tls))
        .sasl_config(SaslConfig::ScramSha512(Credentials::new(variable("KAFKA_USER"), password)))
        .backoff_config(BackoffConfig { deadline: Some(Duration::from_secs(8)), ..Default::default() })
        .build();
    Ok(client.await?)
}

async fn signed_in() -> Result<Client, Box<dyn std::error::Error>> {
    let file = fs::read_to_string(variable("PASSWORD_FILE"))?;
    connect(file.lines().next().unwrap_or_default().to_owned()).await
}

async fn partition(client: &Client, topic: &str, number: i32) -> Result<PartitionClient, Error> {
    client.partition_client(topic, number, UnknownTopicHandling::Error).await
}

fn wrong(why: String) -> Outcome {
    Err(io::Error::other(why).into())
}

/// The default of max.message.bytes, of a batch as it is sent, and what such a batch has around the value of its only record,
/// one without a key: a head of 61 bytes, and 11 where the value is longer than 8 KiB.
const LIMIT: usize = 1_048_588;
const AROUND: usize = 72;

type Shape = (Option<Vec<u8>>, Option<Vec<u8>>, BTreeMap<String, Vec<u8>>);

async fn shapes(plan: &Plan) -> Outcome {
    let client = signed_in().await?;
    let topic = format!("{}.shapes", plan.topic);
    client.controller_client()?.create_topic(&topic, 1, 1, 15_000).await?;
    let log = partition(&client, &topic, 0).await?;
    let some = |text: &str| Some(text.as_bytes().to_vec());
    let headers = BTreeMap::from([("empty".to_owned(), Vec::new()), ("n".to_owned(), b"1".to_vec())]);
    let sent: Vec<Shape> = vec![
        (some("key"), some("value"), headers),
        (some("key"), None, BTreeMap::new()),
        (some(""), some(""), BTreeMap::new()),
        (None, some("no key"), BTreeMap::new()),
    ];
    let records = sent.iter().cloned().map(|(key, value, headers)| Record { key, value, headers, timestamp: plan.now }).collect();
    log.produce(records, Compression::NoCompression).await?;
    let (found, _) = log.fetch_records(0, 1..1_000_000, 500).await?;
    let found: Vec<Shape> = found.into_iter().map(|one| (one.record.key, one.record.value, one.record.headers)).collect();
    if found != sent {
        return wrong(format!("read back as {found:?}"));
    }
    Ok(())
}

async fn large(plan: &Plan) -> Outcome {
    let client = signed_in().await?;
    let log = partition(&client, &format!("{}.shapes", plan.topic), 0).await?;
    let record = |size| Record { key: None, value: Some(vec![b'x'; size]), headers: BTreeMap::new(), timestamp: plan.now };
    let offset = log.produce(vec![record(LIMIT - AROUND)], Compression::NoCompression).await?[0];
    match log.produce(vec![record(LIMIT - AROUND + 1)], Compression::NoCompression).await {
        Err(Error::ServerError { protocol_error: ProtocolError::MessageTooLarge, .. }) => {}
        other => return wrong(format!("one byte above the limit was answered: {other:?}")),
    }
    let (found, _) = log.fetch_records(offset, 1..2_000_000, 500).await?;
    if found.len() != 1 || found[0].record.value.as_ref().map(Vec::len) != Some(LIMIT - AROUND) {
        return wrong(format!("{} records came back, not the largest", found.len()));
    }
    Ok(())
}

async fn create(plan: &Plan) -> Outcome {
    let client = signed_in().await?;
    client.controller_client()?.create_topic(&plan.topic, PARTITIONS, 1, 15_000).await?;
    if client.list_topics().await?.iter().all(|topic| topic.name != plan.topic) {
        return wrong("the new topic is not listed".into());
    }
    Ok(())
}

async fn produce(plan: &Plan) -> Outcome {
    let client = signed_in().await?;
    let codecs = [Compression::NoCompression, Compression::Gzip, Compression::Lz4, Compression::Snappy, Compression::Zstd];
    for number in 0..PARTITIONS {
        let log = partition(&client, &plan.topic, number).await?;
        for (half, hours) in [(0, 2), (1, 1)] {
            for (turn, codec) in codecs.iter().enumerate() {
                let records: Vec<Record> = (half * plan.records / 2..(half + 1) * plan.records / 2)
                    .filter(|i| i % i64::from(PARTITIONS) == i64::from(number) && (i / 4) % 5 == turn as i64)
                    .map(|i| Record {
                        key: Some(format!("key-{i}").into_bytes()),
                        value: Some(format!("value-{i}").into_bytes()),
                        headers: BTreeMap::from([("n".to_owned(), i.to_string().into_bytes())]),
                        timestamp: plan.now - TimeDelta::hours(hours),
                    })
                    .collect();
                log.produce(records, *codec).await?;
            }
        }
    }
    Ok(())
}

async fn timestamp(plan: &Plan) -> Outcome {
    let client = signed_in().await?;
    let mut seen = Vec::new();
    for number in 0..PARTITIONS {
        let log = partition(&client, &plan.topic, number).await?;
        let mut offset = log.get_offset(OffsetAt::Timestamp(plan.now - TimeDelta::minutes(90))).await?;
        let end = log.get_offset(OffsetAt::Latest).await?;
        while offset < end {
            let (records, _) = log.fetch_records(offset, 1..1_000_000, 500).await?;
            for one in records {
                offset = one.offset + 1;
                let value = String::from_utf8(one.record.value.unwrap_or_default())?;
                seen.push(value.trim_start_matches("value-").parse::<i64>()?);
            }
        }
    }
    seen.sort_unstable();
    if seen != (plan.records / 2..plan.records).collect::<Vec<_>>() {
        return wrong(format!("{} records, not exactly those since the time", seen.len()));
    }
    Ok(())
}

fn is_denial(error: &Error) -> bool {
    matches!(error, Error::ServerError { protocol_error: ProtocolError::TopicAuthorizationFailed, .. })
}

async fn denied(plan: &Plan) -> Outcome {
    let client = signed_in().await?;
    let topic = variable("DENIED_TOPIC");
    let record = Record { key: None, value: Some(b"no".to_vec()), headers: BTreeMap::new(), timestamp: plan.now };
    let written = match partition(&client, &topic, 0).await {
        Ok(log) => log.produce(vec![record], Compression::NoCompression).await.map(|_| ()),
        Err(error) => Err(error),
    };
    let read = match partition(&client, &topic, 0).await {
        Ok(log) => log.fetch_records(0, 1..1000, 100).await.map(|_| ()),
        Err(error) => Err(error),
    };
    for (what, outcome) in [("write", written), ("read", read)] {
        match outcome {
            Err(error) if is_denial(&error) => {}
            other => return wrong(format!("a {what} was answered: {other:?}")),
        }
    }
    Ok(())
}

async fn wrong_password() -> Outcome {
    match tokio::time::timeout(Duration::from_secs(20), connect("not the password".into())).await {
        Ok(Ok(_)) => wrong("was let in".into()),
        Ok(Err(error)) if error.to_string().to_lowercase().contains("sasl") => Ok(()),
        Ok(Err(error)) => wrong(format!("the sign-in ended with: {error}")),
        Err(_) => wrong("was not told in 20 s that the sign-in failed".into()),
    }
}

fn step(name: &str, outcome: Outcome) {
    if let Err(error) = outcome {
        println!("step {name} failed: {error}");
        process::exit(1);
    }
    println!("step {name} ok");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let plan = Plan { topic: variable("TOPIC"), records: variable("RECORDS").parse().expect("RECORDS is a number"), now: Utc::now() };
    step("create", create(&plan).await);
    step("produce", produce(&plan).await);
    step("shapes", shapes(&plan).await);
    step("large", large(&plan).await);
    step("timestamp", timestamp(&plan).await);
    step("denied", denied(&plan).await);
    step("wrong_password", wrong_password().await);
}
