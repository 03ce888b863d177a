//! A server that calls the tool as often as the path has it, and then returns how long the
//! conversation was.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use memchr::memmem;

pub fn serve() -> ! {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("http://{}", listener.local_addr().expect("an address"));
    loop {
        let (stream, _) = listener.accept().expect("a connection");
        std::thread::spawn(move || drop(answer(&stream)));
    }
}

/// Serves the requests of a connection, until it is closed.
fn answer(mut stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    let mut body = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let calls = line.split('/').nth(1).and_then(|calls| calls.parse().ok());
        let Some(calls) = calls else { return Ok(()) };
        let mut length = 0;
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line)?;
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        body.resize(length, 0);
        reader.read_exact(&mut body)?;
        let message = message(&body, calls);
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{message}",
            message.len()
        )?;
    }
}

fn message(body: &[u8], calls: usize) -> String {
    let turn = memmem::find_iter(body, r#""tool_use_id""#).count();
    let (content, reason) = if turn < calls {
        let call = format!(
            r#"{{"type":"tool_use","id":"toolu_{turn}","name":"weather","input":{{"city":"Oslo"}}}}"#
        );
        (call, "tool_use")
    } else {
        let text = format!(
            r#"{{"type":"text","text":"{turn} calls, {} bytes"}}"#,
            body.len()
        );
        (text, "end_turn")
    };
    format!(
        r#"{{"id":"msg_{turn}","type":"message","role":"assistant","model":"claude-opus-5-5","content":[{content}],"stop_reason":"{reason}","stop_sequence":null,"usage":{{"input_tokens":100,"output_tokens":20}}}}"#
    )
}
