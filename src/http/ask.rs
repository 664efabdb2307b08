//! Asks from the controller.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use ureq::http::{self, Method, StatusCode};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};
use ureq::{Agent, Error, Proxy, SendBody};

use super::{Body, Download, LoginWhen, Received, Request, RequestError, Response, url};

/// Larger answers go to a temporary file, in bytes.
const MEMORY: u64 = 1024 * 1024;

/// Redirections after which a server is taken for a loop.
const HOPS: usize = 10;

/// What is asked on the way to the answer.
struct Hop {
    url: String,
    method: Method,
    body: Option<Body>,
    /// Whether the login is told.
    login: bool,
}

/// Asks, and follows redirections as the request says. Answers of any status are answers.
///
/// # Errors
/// When nobody answers, or what comes is no answer.
pub fn ask(request: &Request) -> Result<Response, RequestError> {
    let begun = Instant::now();
    let response = follow(request)?;
    Ok(Response { elapsed: begun.elapsed(), ..response })
}

fn follow(request: &Request) -> Result<Response, RequestError> {
    if let Some(socket) = &request.unix_socket {
        return Err(RequestError(format!("the controller does not ask sockets such as {socket}")));
    }
    let agent = agent(request)?;
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| wrong("the method", &request.method))?;
    let login = request.login.is_some() && request.login_when == LoginWhen::First;
    let mut hop = Hop { url: request.url.expose().to_owned(), method, body: request.body.clone(), login };
    let mut answer = Response::default();
    for _ in 0..=HOPS {
        let received = agent.run(message(request, &hop, &answer.cookies)?).map_err(|error| reason(&error))?;
        for cookie in received.headers().get_all("set-cookie") {
            answer.keep_cookie(&String::from_utf8_lossy(cookie.as_bytes()));
        }
        let wants_login = received.status() == StatusCode::UNAUTHORIZED && request.login.is_some() && !hop.login;
        if wants_login {
            hop.login = true;
            continue;
        }
        let location = received.headers().get("location").map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
        match location.filter(|_| received.status().is_redirection() && request.follows()) {
            Some(to) => hop = redirected(hop, received.status(), &to),
            None => return finish(request, answer, &hop, received),
        }
    }
    Err(RequestError(format!("{}: more than {HOPS} redirections", url::masked(request.url.expose()))))
}

fn redirected(hop: Hop, status: StatusCode, to: &str) -> Hop {
    let next = url::join(&hop.url, &to.replace(' ', "%20"));
    let same_place = url::authority(&next) == url::authority(&hop.url);
    let keeps = matches!(status.as_u16(), 307 | 308);
    let becomes_get = match status.as_u16() {
        302 | 303 => hop.method != Method::HEAD,
        301 => hop.method == Method::POST,
        _ => false,
    };
    Hop {
        url: next,
        method: if becomes_get { Method::GET } else { hop.method },
        body: hop.body.filter(|_| keeps),
        login: hop.login && same_place,
    }
}

fn message(
    request: &Request,
    hop: &Hop,
    cookies: &[(String, String)],
) -> Result<http::Request<SendBody<'static>>, RequestError> {
    // A login in the address is one like any other.
    let (address, inline) = url::without_login(&hop.url);
    let mut builder = http::Request::builder().method(hop.method.clone()).uri(&address);
    for (name, value) in &request.headers {
        let of_body = ["content-type", "content-length"].iter().any(|known| name.eq_ignore_ascii_case(known));
        if !of_body || hop.body.is_some() {
            builder = builder.header(name, value.expose());
        }
    }
    if !request.has_header("accept-encoding") {
        builder = builder.header("accept-encoding", "identity");
    }
    if !cookies.is_empty() {
        let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        builder = builder.header("cookie", pairs.join("; "));
    }
    let given =
        request.login.as_ref().filter(|_| hop.login).map(|(user, password)| format!("{user}:{}", password.expose()));
    if let Some(login) = given.or(inline).filter(|_| !request.has_header("authorization")) {
        let encoded = base64::engine::general_purpose::STANDARD.encode(login);
        builder = builder.header("authorization", format!("Basic {encoded}"));
    }
    let body = match &hop.body {
        None => SendBody::none(),
        Some(Body::Bytes(bytes)) => SendBody::from_owned_reader(io::Cursor::new(Arc::clone(bytes))),
        Some(Body::Remote(path)) => {
            return Err(RequestError(format!("{path} is on the host; the controller has it not")));
        }
        Some(Body::File(path)) => {
            let file = File::open(path).map_err(|error| RequestError(format!("{}: {error}", path.display())))?;
            SendBody::from_owned_reader(file)
        }
    };
    let length = match &hop.body {
        None | Some(Body::Remote(_)) => None,
        Some(Body::Bytes(bytes)) => Some(bytes.len() as u64),
        Some(Body::File(path)) => std::fs::metadata(path).ok().map(|metadata| metadata.len()),
    };
    if let Some(length) = length.filter(|_| !request.has_header("content-length")) {
        builder = builder.header("content-length", length);
    }
    builder.body(body).map_err(|error| RequestError(format!("{}: {error}", url::masked(&hop.url))))
}

fn finish(
    request: &Request,
    mut answer: Response,
    hop: &Hop,
    received: http::Response<ureq::Body>,
) -> Result<Response, RequestError> {
    let (parts, body) = received.into_parts();
    answer.status = Some(parts.status.as_u16());
    parts.status.canonical_reason().unwrap_or_default().clone_into(&mut answer.reason);
    answer.url.clone_from(&hop.url);
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    answer.headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    if !request.decompress && answer.header("content-encoding").is_some_and(|encoding| encoding == "gzip") {
        return Err(RequestError(
            "the controller unpacks compressed answers; `decompress: false` needs curl on the host".into(),
        ));
    }
    let mut reader = body.into_with_config().limit(u64::MAX).reader();
    let fails = |error: io::Error| RequestError(format!("the answer broke off: {error}"));
    let mut head = Vec::new();
    (&mut reader).take(MEMORY).read_to_end(&mut head).map_err(fails)?;
    if (head.len() as u64) < MEMORY {
        answer.body = Received::Bytes(head.into());
        return Ok(answer);
    }
    let mut file = tempfile::NamedTempFile::new().map_err(fails)?;
    file.write_all(&head).map_err(fails)?;
    let rest = io::copy(&mut reader, &mut file).map_err(fails)?;
    let path = Arc::new(file.into_temp_path());
    answer.body = Received::File(Download { path, size: head.len() as u64 + rest });
    Ok(answer)
}

fn agent(request: &Request) -> Result<Agent, RequestError> {
    let proxy = if request.proxy { Proxy::try_from_env() } else { None };
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .user_agent("ansible-httpget")
        .timeout_resolve(Some(request.timeout))
        .timeout_connect(Some(request.timeout))
        .timeout_recv_response(Some(request.timeout))
        .timeout_per_read(Some(request.timeout))
        .tls_config(tls(request)?)
        .proxy(proxy)
        .build();
    Ok(config.new_agent())
}

fn tls(request: &Request) -> Result<TlsConfig, RequestError> {
    let tls = &request.tls;
    let read = |path: &str| std::fs::read(path).map_err(|error| RequestError(format!("{path}: {error}")));
    let bad = |path: &str, error: &Error| RequestError(format!("{path}: {error}"));
    let certificates = |path: &str| -> Result<Vec<Certificate<'static>>, RequestError> {
        let pem = read(path)?;
        let items = ureq::tls::parse_pem(&pem).collect::<Result<Vec<_>, _>>().map_err(|error| bad(path, &error))?;
        Ok(items
            .into_iter()
            .filter_map(|item| if let ureq::tls::PemItem::Certificate(one) = item { Some(one) } else { None })
            .collect())
    };
    let roots = match &tls.authorities {
        Some(path) => RootCerts::new_with_certs(&certificates(path)?),
        None => RootCerts::PlatformVerifier,
    };
    let mut builder = TlsConfig::builder().root_certs(roots).disable_verification(!tls.verify);
    if let Some(path) = &tls.certificate {
        let key_path = tls.key.as_ref().unwrap_or(path);
        let key = PrivateKey::from_pem(&read(key_path)?).map_err(|error| bad(key_path, &error))?;
        builder = builder.client_cert(Some(ClientCert::new_with_certs(&certificates(path)?, key)));
    }
    Ok(builder.build())
}

fn wrong(what: &str, text: &str) -> RequestError {
    RequestError(format!("{what} `{text}` is none"))
}

/// The reason in the words that people know from their systems.
fn reason(error: &Error) -> RequestError {
    RequestError(match error {
        Error::HostNotFound => "Name or service not known".to_owned(),
        Error::ConnectionFailed => "Connection refused".to_owned(),
        Error::Timeout(_) => "timed out".to_owned(),
        Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => "Connection refused".to_owned(),
        error => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Reply, Server};
    use super::*;
    use crate::secret::Secret;

    fn body(response: &Response) -> Vec<u8> {
        match &response.body {
            Received::Bytes(bytes) => bytes.to_vec(),
            Received::File(download) => std::fs::read(download.path()).unwrap(),
        }
    }

    #[test]
    fn an_answer_of_any_status_is_one() {
        let server = Server::start();
        let response = ask(&Request::get(&server.url("/missing"))).unwrap();
        assert_eq!((response.status, response.reason.as_str()), (Some(404), "Not Found"));
        server.put("/x", Reply::text("hello").header("X-A", "1").header("X-A", "2"));
        let response = ask(&Request::get(&server.url("/x"))).unwrap();
        assert_eq!((body(&response).as_slice(), response.header("x-a").as_deref()), (&b"hello"[..], Some("1, 2")));
    }

    #[test]
    fn a_large_answer_goes_to_a_file_that_goes_with_it() {
        let server = Server::start();
        let bytes = vec![7; 3 * 1024 * 1024];
        server.put("/large", Reply::bytes(bytes.clone()));
        let response = ask(&Request::get(&server.url("/large"))).unwrap();
        assert_eq!(body(&response), bytes);
        let Received::File(download) = response.body else { panic!("it is in memory") };
        let path = download.path().to_owned();
        drop(download);
        assert!(!path.exists());
    }

    #[test]
    fn redirections_are_followed_as_the_request_says() {
        let server = Server::start();
        server.put("/from", Reply::redirect(302, "to?x=1").header("Set-Cookie", "a=1; Path=/"));
        server.put("/to", Reply::text("there"));
        let mut request = Request::get(&server.url("/from"));
        request.method = "POST".to_owned();
        request.body = Some(Body::Bytes(b"data"[..].into()));
        let response = ask(&request).unwrap();
        assert_eq!((response.status, body(&response).as_slice()), (Some(200), &b"there"[..]));
        assert_eq!((response.url, response.cookies), (server.url("/to?x=1"), vec![("a".to_owned(), "1".to_owned())]));
        let seen = server.seen();
        assert!(seen[0].starts_with("POST /from") && seen[0].ends_with("data"), "{seen:?}");
        assert!(seen[1].starts_with("GET /to?x=1") && seen[1].contains("cookie: a=1"), "{seen:?}");
        request.redirects = super::super::Redirects::Safe;
        assert_eq!(ask(&request).unwrap().status, Some(302));
        server.put("/loop", Reply::redirect(302, "/loop"));
        assert!(ask(&Request::get(&server.url("/loop"))).is_err());
    }

    #[test]
    fn a_login_is_told_when_it_is_wanted_and_only_there() {
        let server = Server::start();
        let other = Server::start();
        server.put("/", Reply::login("user", "s3cret"));
        let mut request = Request::get(&server.url("/"));
        request.login = Some(("user".to_owned(), Secret::new("s3cret".to_owned())));
        assert_eq!(ask(&request).unwrap().status, Some(200));
        assert_eq!(server.seen().len(), 2, "asked, then told");
        request.login_when = LoginWhen::First;
        server.put("/", Reply::redirect(302, &other.url("/")));
        other.put("/", Reply::text("x"));
        assert_eq!(ask(&request).unwrap().status, Some(200));
        assert!(!other.seen()[0].to_lowercase().contains("authorization"));
        assert!(!format!("{request:?}").contains("s3cret"));
    }

    #[test]
    fn nobody_there_is_said_in_known_words() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let error = ask(&Request::get(&format!("http://127.0.0.1:{port}/"))).unwrap_err();
        assert_eq!(error.to_string(), "Connection refused");
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut request = Request::get(&format!("http://{}/", silent.local_addr().unwrap()));
        request.timeout = std::time::Duration::from_millis(200);
        assert_eq!(ask(&request).unwrap_err().to_string(), "timed out");
    }
}
