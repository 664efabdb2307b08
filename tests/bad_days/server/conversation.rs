//! One client, from its greeting to its end.

use std::io::{Result, Write};
use std::net::TcpStream;
use std::sync::Mutex;

use super::command::{Running, request};
use super::packet::{Fields, length};
use super::wire::Event;
use super::{Behaviour, Flow, Message, Moment, Wire};

/// Serves one client until one of the two goes.
pub fn hold(stream: TcpStream, behaviour: &Behaviour, heard: &Mutex<Vec<u8>>) {
    // A client that goes early is no fault of the server's.
    let _ = serve(stream, behaviour, heard);
}

fn serve(mut stream: TcpStream, behaviour: &Behaviour, heard: &Mutex<Vec<u8>>) -> Result<()> {
    stream.set_nodelay(true)?;
    stream.write_all(&behaviour.preface)?;
    let mut wire = Wire::greet(stream, behaviour.version, behaviour.host_key.clone(), behaviour.offer.clone())?;
    wire.start_exchange();
    let mut conversation = Conversation { wire, behaviour, tries: 0, room: 0, command: None };
    while let Ok(event) = conversation.wire.events.recv() {
        if let Event::Packet(payload) = &event {
            heard.lock().unwrap().extend(payload.first());
        }
        let flow = match event {
            Event::Packet(payload) => conversation.hear(&payload),
            Event::Output(stream, bytes) => conversation.output(Some((stream, bytes))),
            Event::OutputEnd => conversation.output(None),
            Event::Gone => return Ok(()),
        };
        match flow {
            Flow::On | Flow::Done => continue,
            Flow::Hold => conversation.wire.hold(),
            Flow::Close => conversation.wire.close(),
            Flow::Reset => conversation.wire.reset(),
        }
        return Ok(());
    }
    Ok(())
}

struct Conversation<'a> {
    wire: Wire,
    behaviour: &'a Behaviour,
    tries: u32,
    /// How much output the client's window has room for before a command runs.
    room: usize,
    command: Option<Running>,
}

impl Conversation<'_> {
    fn ask(&mut self, moment: Moment) -> Flow {
        (self.behaviour.script)(moment, &mut self.wire)
    }

    /// Does as the client says, unless the script does something else.
    fn hear(&mut self, payload: &[u8]) -> Flow {
        match payload[0] {
            20 => {
                self.wire.hear_offer(payload);
                self.ask(Moment::Offered)
            }
            30 => self.answer(Moment::Exchange, |own| own.wire.answer_exchange(payload)),
            21 => self.ask(Moment::Keyed),
            5 => self.answer(Moment::Service, |own| own.wire.send(&Message::new(6).text(Fields::of(payload).text()))),
            50 => self.log_in(payload),
            80 => self.refuse_global_request(payload),
            90 => self.open(payload),
            93 => {
                let mut fields = Fields::of(payload);
                fields.word();
                self.widen(fields.word() as usize)
            }
            94 => self.input(payload),
            96 => {
                self.command.iter_mut().for_each(Running::end_input);
                Flow::On
            }
            98 => self.request(payload),
            _ => Flow::On,
        }
    }

    fn answer(&mut self, moment: Moment, answer: impl FnOnce(&mut Self)) -> Flow {
        let flow = self.ask(moment);
        if flow == Flow::On {
            answer(self);
        }
        flow
    }

    fn log_in(&mut self, payload: &[u8]) -> Flow {
        self.tries += 1;
        let mut fields = Fields::of(payload);
        let (_user, _service, method) = (fields.text(), fields.text(), fields.text());
        let method = String::from_utf8_lossy(method).into_owned();
        let key = method == "publickey";
        let signed = key && fields.byte() != 0;
        self.answer(Moment::Login(&method, self.tries, signed), |own| {
            let reply = match (key, signed) {
                (_, true) => Message::new(52),
                (true, false) => Message::new(60).text(fields.text()).text(fields.text()),
                (false, false) => Message::new(51).text("publickey").byte(0),
            };
            own.wire.send(&reply);
        })
    }

    fn refuse_global_request(&mut self, payload: &[u8]) -> Flow {
        let mut fields = Fields::of(payload);
        fields.text();
        if fields.byte() != 0 {
            self.wire.send(&Message::new(82));
        }
        Flow::On
    }

    fn open(&mut self, payload: &[u8]) -> Flow {
        let mut fields = Fields::of(payload);
        fields.text();
        self.wire.peer = fields.word();
        self.room = fields.word() as usize;
        let Behaviour { window, packet, .. } = *self.behaviour;
        self.answer(Moment::Open, |own| {
            own.wire.send(&Message::new(91).word(own.wire.peer).word(0).word(window).word(packet));
        })
    }

    fn request(&mut self, payload: &[u8]) -> Flow {
        let (name, reply, mut fields) = request(payload);
        let exec = name == b"exec";
        let flow = if exec { self.ask(Moment::Exec) } else { Flow::On };
        if flow != Flow::On {
            return flow;
        }
        if exec {
            self.command = Some(Running::start(fields.text(), &self.wire.sender, self.room));
        }
        if reply {
            self.wire.send(&Message::new(if exec { 99 } else { 100 }).word(self.wire.peer));
        }
        Flow::On
    }

    fn input(&mut self, payload: &[u8]) -> Flow {
        let flow = self.ask(Moment::Input);
        let mut fields = Fields::of(payload);
        fields.word();
        let bytes = fields.text();
        self.command.iter_mut().for_each(|command| command.feed(bytes));
        if self.behaviour.window > 0 {
            self.wire.send(&Message::new(93).word(self.wire.peer).word(length(bytes)));
        }
        flow
    }

    fn widen(&mut self, room: usize) -> Flow {
        let Some(command) = &mut self.command else {
            self.room += room;
            return Flow::On;
        };
        command.widen(room);
        command.flush(&mut self.wire, &self.behaviour.script)
    }

    fn output(&mut self, output: Option<(u32, Vec<u8>)>) -> Flow {
        let Some(command) = &mut self.command else { return Flow::On };
        command.take(output);
        command.flush(&mut self.wire, &self.behaviour.script)
    }
}
