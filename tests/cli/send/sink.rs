//! A mail server that takes everything and delivers nothing: as much of SMTP as `git send-email` speaks (RFC 5321).

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A mail as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// To whom the server was asked to deliver it, in the order it was asked.
    pub(crate) recipients: Vec<String>,
    /// Headers and body, lines ending in LF, dots taken off.
    pub(crate) bytes: Vec<u8>,
}

/// A listening server. It ends with the test.
pub(crate) struct Sink {
    /// Where it listens, on the loopback interface.
    pub(crate) port: u16,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Sink {
    /// Listens on a free port.
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that hangs up early has delivered what it delivered.
                drop(stream.and_then(|stream| talk(stream, &kept)));
            }
        });
        Sink { port, received }
    }

    /// Returns what has arrived so far, and forgets it.
    pub(crate) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.received.lock().unwrap())
    }
}

fn talk(stream: TcpStream, received: &Mutex<Vec<Received>>) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream);
    let mut recipients = Vec::new();
    out.write_all(b"220 sink\r\n")?;
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => b"250-sink\r\n250 8BITMIME\r\n",
            "MAIL" | "RSET" => {
                recipients.clear();
                b"250 ok\r\n"
            }
            "RCPT" => {
                let address = line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).expect("RCPT TO:<address>").0;
                recipients.push(address.to_owned());
                b"250 ok\r\n"
            }
            "DATA" => {
                out.write_all(b"354 go on\r\n")?;
                let bytes = data(&mut lines)?;
                received.lock().unwrap().push(Received { recipients: recipients.clone(), bytes });
                b"250 ok\r\n"
            }
            "QUIT" => {
                out.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            "HELO" | "NOOP" => b"250 ok\r\n",
            _ => b"502 not known here\r\n",
        };
        out.write_all(answer)?;
    }
}

/// Reads a mail up to the line with a single dot.
fn data(lines: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.strip_suffix(b"\r\n").unwrap_or(&line);
        if line == b"." {
            return Ok(bytes);
        }
        bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        bytes.push(b'\n');
    }
}
