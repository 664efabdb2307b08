//! Agents of other makes than OpenSSH's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use super::fixture::{Bench, Server, log_in, settings};
use crate::transport::native::authenticate::Keyring;
use crate::transport::native::authenticate::agent::Agents;
use crate::transport::native::authenticate::public::Public;

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}

/// Answers requests for identities with `keys`, refuses all else, and counts both.
async fn serve(mut stream: UnixStream, keys: Vec<Vec<u8>>, listed: Arc<AtomicU32>, refused: Arc<AtomicU32>) {
    while let Ok(length) = stream.read_u32().await {
        let mut request = vec![0; length as usize];
        stream.read_exact(&mut request).await.unwrap();
        let answer = if request[0] == 11 {
            listed.fetch_add(1, Ordering::SeqCst);
            let count = u32::try_from(keys.len()).unwrap().to_be_bytes();
            let entries = keys.iter().flat_map(|key| [string(key), string(b"a comment")].concat());
            [&[12][..], &count].concat().into_iter().chain(entries).collect()
        } else {
            refused.fetch_add(1, Ordering::SeqCst);
            vec![5]
        };
        stream.write_all(&string(&answer)).await.unwrap();
    }
}

/// An agent with `keys` at `agent.sock`; gives the counts of lists and of refusals.
fn agent(bench: &Bench, keys: Vec<Vec<u8>>) -> (Arc<AtomicU32>, Arc<AtomicU32>) {
    let listener = UnixListener::bind(bench.path("agent.sock")).unwrap();
    let (listed, refused) = (Arc::default(), Arc::default());
    let counts = (Arc::clone(&listed), Arc::clone(&refused));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, keys.clone(), Arc::clone(&listed), Arc::clone(&refused)));
        }
    });
    counts
}

#[tokio::test]
async fn keys_that_nobody_knows_are_left_out() {
    let bench = Bench::new();
    bench.key("one");
    let one = Public::from_line(&bench.read("one.pub")).unwrap();
    let strange = [string(b"ssh-strange@example.org"), string(b"data")].concat();
    agent(&bench, vec![strange, vec![1, 2, 3], one.blob().to_vec()]);
    let keys = Agents::default().at(&bench.path("agent.sock")).keys(None).await.unwrap();
    assert_eq!(keys.iter().map(|key| key.public.blob()).collect::<Vec<_>>(), [one.blob()]);
}

#[tokio::test]
async fn an_agent_that_binds_nothing_is_asked_once_and_its_refusal_is_told() {
    let bench = Bench::new();
    bench.key("one");
    let one = Public::from_line(&bench.read("one.pub")).unwrap();
    let (listed, refused) = agent(&bench, vec![one.blob().to_vec()]);
    let server = Server::new(&bench, &["one"], "");
    let mut settings = settings(&bench);
    settings.authentication.agent = Some(bench.path("agent.sock"));
    let keyring = Keyring::new(None);
    for _ in 0..3 {
        let (stream, _process) = server.serve();
        let error = log_in(stream, &settings, &keyring, None).await.err().unwrap();
        assert!(error.message.contains("the agent refused to sign"), "{}", error.message);
        assert!(error.message.contains("a comment ED25519 SHA256:"), "{}", error.message);
    }
    // The first session asks before it is known that this agent binds nothing, the second for all that follow.
    assert_eq!(listed.load(Ordering::SeqCst), 2);
    // One binding, and a signature each.
    assert_eq!(refused.load(Ordering::SeqCst), 4);
}
