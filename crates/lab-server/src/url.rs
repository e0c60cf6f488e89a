//! What is wrong with a URL, before anybody is asked.

/// Says what to write in place of a URL that cannot be meant so. A client may take a port that is none for the usual one,
/// and then tell the health of another service.
///
/// # Errors
/// A clause for a person, when the text is no `http://` or `https://` URL with a host, or its port is no port.
pub fn check_url(text: &str) -> Result<(), String> {
    if text.contains(char::is_whitespace) {
        return Err(String::from("it is no URL: write http://HOST/PATH, without spaces"));
    }
    if text.contains(controls_a_terminal) {
        return Err(String::from("it isn't a URL: it has a control character"));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(format!("it has no scheme: write http://{text}"));
    };
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(format!("{scheme}:// is not spoken here: write http:// or https://"));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let address = authority.rsplit('@').next().unwrap_or_default();
    // The colons of an IPv6 address stand in brackets.
    let (host, port) = match (address.rfind(':'), address.rfind(']')) {
        (Some(colon), bracket) if bracket.is_none_or(|bracket| bracket < colon) => {
            (&address[..colon], Some(&address[colon + 1..]))
        }
        _ => (address, None),
    };
    if host.is_empty() {
        return Err(String::from("it names no host: write http://HOST/PATH"));
    }
    match port {
        Some(port) if !port.is_empty() && !port.parse::<u16>().is_ok_and(|port| port > 0) => {
            Err(format!("port {port} is not in 1..65535"))
        }
        _ => Ok(()),
    }
}

/// Returns the text with every character escaped that would control a terminal, or be
/// invisible there.
pub fn printable(text: &str) -> String {
    let one = |c: char| if controls_a_terminal(c) { c.escape_unicode().to_string() } else { c.to_string() };
    text.chars().map(one).collect()
}

/// Control characters, and those that have no width or reverse the direction of writing.
fn controls_a_terminal(c: char) -> bool {
    let invisible = ['\u{200b}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2060}'..='\u{206f}'];
    c.is_control() || c == '\u{feff}' || invisible.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_control_a_terminal_is_escaped_and_is_not_a_url() {
        assert_eq!(printable("http://a/ü\u{308}日本?x=\"\\"), "http://a/ü\u{308}日本?x=\"\\");
        assert_eq!(printable("a\u{1b}[31m\r\n\u{9b}2J\u{7f}"), "a\\u{1b}[31m\\u{d}\\u{a}\\u{9b}2J\\u{7f}");
        assert_eq!(printable("\u{feff}gpj.\u{202e}exe"), "\\u{feff}gpj.\\u{202e}exe");
        for url in ["http://a/\u{1b}[2J", "\u{feff}http://a/", "\u{7}", "http://a/\u{202e}"] {
            assert_eq!(check_url(url).unwrap_err(), "it isn't a URL: it has a control character", "{url:?}");
        }
    }

    #[test]
    fn what_is_a_url_passes() {
        for url in [
            "http://a",
            "https://a/",
            "HTTP://a:80/x?y=1#z",
            "http://127.0.0.1:65535/",
            "http://[::1]/",
            "http://[::1]:8080/x",
            "http://me:secret@a:1/",
            "http://a/x:99999",
            "http://a?x=b:99999",
            "http://a:/",
        ] {
            assert_eq!(check_url(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn what_is_none_is_told_what_to_write() {
        for (url, says) in [
            ("http://127.0.0.1:99999/", "port 99999 is not in 1..65535"),
            ("https://a:65536", "port 65536 is not in 1..65535"),
            ("http://[::1]:182000/", "port 182000 is not in 1..65535"),
            ("http://a:0/", "port 0 is not in 1..65535"),
            ("http://a:x/", "port x is not in 1..65535"),
            ("foo", "write http://foo"),
            ("localhost:8080/x", "write http://localhost:8080/x"),
            ("ftp://a/", "ftp:// is not spoken here"),
            ("http:///x", "names no host"),
            ("http://:80/", "names no host"),
            ("not a url", "without spaces"),
        ] {
            let error = check_url(url).unwrap_err();
            assert!(error.contains(says), "{url}: {error}");
        }
    }
}
