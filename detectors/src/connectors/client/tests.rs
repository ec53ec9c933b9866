//! Against a small server on this machine that answers what a test tells it to.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

static INFO: Info = Info {
    id: "connectors/example",
    title: "Example",
    reads: &[],
    emits: &[],
    needs: &[evidence::Need {
        variable: "EXAMPLE_TOKEN",
        purpose: "a token that may read",
        optional: true,
    }],
    docs: "",
};

/// Gives the answers in order, one a connection, and keeps what it was asked.
async fn server(answers: Vec<Vec<u8>>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&asked);
    tokio::spawn(async move {
        for answer in answers {
            let (mut socket, _) = listener.accept().await.expect("a connection");
            let mut request = Vec::new();
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                let mut part = [0; 4096];
                let length = socket.read(&mut part).await.expect("a request");
                request.extend_from_slice(&part[..length]);
            }
            keep.lock()
                .expect("no panic elsewhere")
                .push(String::from_utf8_lossy(&request).to_lowercase());
            // The client may hang up on an answer that is too large.
            let _ = socket.write_all(&answer).await;
        }
    });
    (address, asked)
}

fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn json(body: &str) -> Vec<u8> {
    http("200 OK", "content-type: application/json\r\n", body)
}

fn live(address: &str) -> Client {
    Client::live(address, Credentials::none(), Options::default()).expect("a usable address")
}

/// A folder of this test alone, empty.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("aimscan-client-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

#[test]
fn only_safe_addresses_are_used() {
    for address in [
        "https://x.example",
        "https://x.example/prefix/",
        "http://localhost:5000",
        "http://127.0.0.1",
        "http://[::1]:80",
    ] {
        assert!(Client::live(address, Credentials::none(), Options::default()).is_ok(), "{address}");
    }
    for address in [
        "http://x.example",
        "x.example",
        "ftp://x.example",
        "https://me:s3cret@x.example",
        "https://x.example/?token=s3cret",
        "",
        "http://127.0.0.1.x.example",
    ] {
        let error = Client::live(address, Credentials::none(), Options::default())
            .expect_err(address)
            .to_string();
        assert!(!error.contains("s3cret"), "{error}");
    }
    assert!(Client::live("http://x.example", Credentials::none(), Options { allow_plain_http: true }).is_ok());
}

#[tokio::test]
async fn questions_carry_credentials_and_a_name() {
    let (address, asked) = server(vec![json("{\"a\": 1}"), json("{}")]).await;
    let credentials = Credentials(Secret::Bearer("T0ken".to_owned()));
    let client = Client::live(&format!("{address}/base"), credentials, Options::default()).expect("a usable address");
    let answer = client.get("/list", &[("q", "a b")]).await.expect("an answer");
    assert_eq!(answer.json().expect("JSON")["a"], 1);
    client.post("/list", &serde_json::json!({})).await.expect("an answer");
    let asked = asked.lock().expect("no panic elsewhere");
    assert!(
        asked[0].starts_with("get /base/list?q=a+b http/1.1") && asked[0].contains("authorization: bearer t0ken"),
        "{asked:?}"
    );
    assert!(
        asked[0].contains("user-agent: aimscan/") && asked[1].starts_with("post /base/list "),
        "{asked:?}"
    );
    assert!(!format!("{client:?}").contains("T0ken"));
}

#[tokio::test]
async fn a_busy_service_is_asked_again() {
    let busy = http("429 Too Many Requests", "retry-after: 0\r\n", "");
    let (address, asked) = server(vec![
        busy.clone(),
        http("503 Service Unavailable", "retry-after: 1\r\n", ""),
        json("{}"),
    ])
    .await;
    let start = std::time::Instant::now();
    assert_eq!(live(&address).get("/x", &[]).await.map(|answer| answer.status), Ok(200));
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(asked.lock().expect("no panic elsewhere").len(), 3);

    let (address, asked) = server(vec![busy; 6]).await;
    let error = live(&address)
        .get("/x", &[])
        .await
        .expect("an answer")
        .accepted(&INFO)
        .expect_err("no success");
    assert_eq!(error, FetchError::Limited { seconds: Some(0) });
    assert_eq!(asked.lock().expect("no panic elsewhere").len(), 5);
}

#[tokio::test]
async fn other_errors_are_not_asked_about_again() {
    let (address, asked) = server(vec![http("500 Internal Server Error", "", "{\"message\": \"no \\n luck\"}")]).await;
    let error = live(&address)
        .get("/x", &[])
        .await
        .expect("an answer")
        .accepted(&INFO)
        .expect_err("no success");
    assert_eq!(error.to_string(), "HTTP 500: no luck");
    assert_eq!(asked.lock().expect("no panic elsewhere").len(), 1);
}

#[tokio::test]
async fn a_service_that_is_not_there_is_said_to_be_unreachable() {
    let mut client = live("http://127.0.0.1:1");
    client.limits.tries = 2;
    let error = client.get("/x", &[]).await.expect_err("nobody there");
    assert!(
        matches!(&error, FetchError::Unreachable { origin, .. } if origin == "http://127.0.0.1:1"),
        "{error}"
    );
}

#[tokio::test]
async fn a_refusal_says_what_is_needed() {
    let (address, _) = server(vec![
        http("401 Unauthorized", "", "x"),
        http("403 Forbidden", "", "Permission denied"),
    ])
    .await;
    for status in [401, 403] {
        let error = live(&address)
            .get("/x", &[])
            .await
            .expect("an answer")
            .accepted(&INFO)
            .expect_err("refused");
        assert_eq!(
            error,
            FetchError::Refused {
                status,
                needs: "EXAMPLE_TOKEN (a token that may read)".to_owned()
            }
        );
    }
}

#[tokio::test]
async fn redirects_are_followed_within_the_service_only() {
    let (address, asked) = server(vec![
        http("302 Found", "location: /y\r\n", ""),
        json("{}"),
        http("302 Found", "location: https://login.example/s\r\n", ""),
    ])
    .await;
    let client = live(&address);
    assert_eq!(client.get("/x", &[]).await.map(|answer| answer.status), Ok(200));
    assert_eq!(
        client.get("/x", &[]).await,
        Err(FetchError::OtherHost {
            origin: "https://login.example".to_owned()
        })
    );
    assert_eq!(asked.lock().expect("no panic elsewhere").len(), 3);
}

#[tokio::test]
async fn links_are_followed_within_the_service_only() {
    let (address, _) = server(vec![
        http("200 OK", "link: <https://evil.example/2>; rel=\"next\", <x>; rel=last\r\n", "{}"),
        json("{\"page\": 2}"),
    ])
    .await;
    let client = live(&address);
    let first = client.get("/x", &[]).await.expect("an answer");
    let link = first.next_link().expect("a link");
    assert_eq!(
        client.follow(link).await,
        Err(FetchError::OtherHost {
            origin: "https://evil.example".to_owned()
        })
    );
    for elsewhere in [
        "//evil.example/2",
        "https://evil.example",
        "http://127.0.0.1:1/",
        "http://me:pa55@127.0.0.1/",
    ] {
        assert!(
            matches!(client.get(elsewhere, &[]).await, Err(FetchError::OtherHost { .. })),
            "{elsewhere}"
        );
    }
    assert!(client.follow("/x?page=2").await.is_ok());
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read_to_its_end() {
    let announced = json(&"x".repeat(2000));
    let mut endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    (0..100).for_each(|_| endless.extend_from_slice(format!("64\r\n{}\r\n", "x".repeat(100)).as_bytes()));
    let (address, _) = server(vec![announced, endless]).await;
    let mut client = live(&address);
    client.limits.body = 1000;
    for _ in 0..2 {
        assert_eq!(client.get("/x", &[]).await, Err(FetchError::TooLarge { limit: 1000 }));
    }
}

#[tokio::test]
async fn a_page_is_not_taken_for_data() {
    let (address, _) = server(vec![
        http("200 OK", "content-type: text/html\r\n", "<html>Sign in</html>"),
        json("{\"a\": "),
        json(" <!doctype html>"),
    ])
    .await;
    let client = live(&address);
    for expected in ["a web page", "not JSON", "a web page"] {
        let error = client
            .get("/x", &[])
            .await
            .expect("an answer")
            .json()
            .expect_err("no data")
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn what_was_recorded_can_be_replayed_without_credentials_or_network() {
    let folder = folder("recording");
    let (address, _) = server(vec![
        http("429 Too Many Requests", "retry-after: 0\r\nset-cookie: session=s3cret\r\n", ""),
        json("{\"page\": 1}"),
        json("{\"page\": 2}"),
        json("{\"posted\": true}"),
    ])
    .await;
    let credentials = Credentials(Secret::Basic {
        user: "me".to_owned(),
        password: "s3cret".to_owned(),
    });
    let client = Client::recording(&format!("{address}/base/"), credentials, Options::default(), &folder).expect("a client");
    let query = [("b", "2"), ("a", "1")];
    for _ in 0..2 {
        client.get("/x", &query).await.expect("an answer");
    }
    client.post("/x", &serde_json::json!({"q": 1})).await.expect("an answer");

    let kept: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| std::fs::read_to_string(entry.expect("a file").path()).expect("text"))
        .collect();
    assert_eq!(kept.len(), 4);
    assert!(
        kept.iter()
            .all(|text| !text.contains("s3cret") && !text.contains("authorization") && !text.contains("cookie")),
        "{kept:?}"
    );

    let client = Client::replaying("https://elsewhere.example", &folder).expect("a replay");
    assert_eq!(client.get("/x", &query).await.expect("an answer").json().expect("JSON")["page"], 1);
    assert_eq!(
        client
            .get("/x", &[("a", "1"), ("b", "2")])
            .await
            .expect("an answer")
            .json()
            .expect("JSON")["page"],
        2
    );
    let other_body = client.post("/x", &serde_json::json!({"q": 2})).await;
    assert_eq!(other_body, Err(FetchError::NotRecorded("POST /x".to_owned())));
    assert!(client.post("/x", &serde_json::json!({"q": 1})).await.is_ok());
    assert_eq!(
        client.get("/x", &query).await,
        Err(FetchError::NotRecorded("GET /x?a=1&b=2".to_owned()))
    );
    std::fs::remove_dir_all(&folder).expect("the folder just written");
}

#[test]
fn a_folder_that_is_no_recording_is_refused() {
    let folder = folder("none");
    assert!(matches!(Client::replaying("https://x.example", &folder), Err(FetchError::Setup(_))));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("a.json"), "{}").expect("a file");
    let error = Client::replaying("https://x.example", &folder)
        .expect_err("no exchange")
        .to_string();
    assert!(error.contains("a.json"), "{error}");
    std::fs::remove_dir_all(&folder).expect("the folder just made");
}
