//! The state of your own microphone in a call. The browser opens the microphone when you unmute for the first time. After that,
//! the microphone is live or muted. The code is pure.

use super::{
    events::{CallOutput, CallTimer, MicrophonePurpose},
    states::Mic,
};
use crate::{
    browser::microphone::Closed,
    model::signal::{ClientSignal, HEAR_YOURSELF_MS},
};

#[derive(Debug, Clone, PartialEq)]
pub struct OwnMicrophone {
    pub mic: Mic,
    /// Why the microphone could not be opened.
    pub closed: Option<Closed>,
    /// A sentence about why you are muted.
    pub remark: Option<&'static str>,
    /// Whether "Hear yourself" is on.
    pub echo: bool,
    /// Whether the room has shown since your last unmute that your microphone is on. Before that, the server may still refuse the
    /// unmute.
    is_granted: bool,
    /// Whether the room may still show your microphone as on because you unmuted just before the system took the microphone.
    may_show_open: bool,
    /// The number of mutes and unmutes so far. The browser may answer an unmute only after you have muted again. This number shows
    /// that such an answer is out of date.
    request: u32,
}

impl OwnMicrophone {
    pub fn new() -> Self {
        Self {
            mic: Mic::Muted,
            closed: None,
            remark: None,
            echo: false,
            is_granted: false,
            may_show_open: false,
            request: 0,
        }
    }

    pub fn unmute(&mut self, outputs: &mut Vec<CallOutput>) {
        self.request += 1;
        self.mic = Mic::Opening;
        self.is_granted = false;
        let request = self.request;
        outputs.push(CallOutput::OpenMicrophone(MicrophonePurpose::Talk { request }));
    }

    pub fn mute(&mut self, outputs: &mut Vec<CallOutput>) {
        self.close(None, outputs);
        outputs.push(CallOutput::Send(ClientSignal::Mute { on: true }));
    }

    /// The room shows that your microphone is on.
    pub fn note_granted(&mut self) {
        if self.mic == Mic::Live {
            self.is_granted = true;
        }
    }

    /// The system has taken the microphone, so the room is told that it is off. When the system gives it back, it is unmuted again.
    pub fn note_held(&mut self) {
        self.may_show_open = !self.is_granted;
        self.is_granted = false;
    }

    /// The system has had the microphone since it was opened, so the room was not asked to show it as on.
    pub fn note_never_open(&mut self) {
        (self.is_granted, self.may_show_open) = (false, false);
    }

    /// The room shows your microphone as on while the system has the one of this page: you talk on another page or device now.
    pub fn note_open_while_held(&mut self, outputs: &mut Vec<CallOutput>) -> bool {
        let is_elsewhere = !std::mem::take(&mut self.may_show_open);
        if is_elsewhere {
            self.mute_elsewhere(outputs);
        }
        is_elsewhere
    }

    /// The browser does not send the sound of the microphone, so nobody hears you.
    pub fn on_not_sent(&mut self, outputs: &mut Vec<CallOutput>) {
        if self.mic != Mic::Muted || self.echo {
            self.mute(outputs);
            self.remark = Some("Your browser could not send your voice, so you are muted. Unmute to try again.");
            outputs.push(CallOutput::ReleaseMicrophone);
        }
    }

    /// Mutes you if the room has not shown yet that your microphone is on. Call this when the server has refused a request without
    /// saying which: it may have been your unmute, and then nobody hears you. The server is told too, because the unmute may have
    /// been granted.
    pub fn take_back_unmute(&mut self, outputs: &mut Vec<CallOutput>) {
        if self.mic == Mic::Live && !self.is_granted {
            self.mute(outputs);
        }
    }

    /// Lets you hear your own voice for five seconds. Others hear your voice only if your microphone is live. The server keeps the voice
    /// of a muted person from the others, so this is refused unless the server knows that you are muted (`is_known_as_muted`).
    pub fn hear_yourself(&mut self, is_known_as_muted: bool, outputs: &mut Vec<CallOutput>) {
        if self.mic == Mic::Muted && !is_known_as_muted {
            self.remark = Some(
                "You can't test your microphone right now, because the others could hear you. Try again in a moment.",
            );
        } else if !self.echo {
            self.echo = true;
            outputs.push(CallOutput::OpenMicrophone(MicrophonePurpose::Echo));
        }
    }

    /// Ends "Hear yourself" if you are muted, because nobody knows any more whether the server keeps your voice from the others.
    pub fn end_echo_while_muted(&mut self, outputs: &mut Vec<CallOutput>) {
        if self.echo && self.mic != Mic::Live {
            self.end_echo(outputs);
        }
    }

    pub fn end_echo(&mut self, outputs: &mut Vec<CallOutput>) {
        self.echo = false;
        self.apply(outputs);
    }

    /// Handles the browser's answer to a request to open the microphone. `is_inside` is false if you have left the room meanwhile.
    pub fn on_opened(
        &mut self,
        purpose: MicrophonePurpose,
        opened: Result<(), Closed>,
        is_inside: bool,
        outputs: &mut Vec<CallOutput>,
    ) {
        let is_open = match opened {
            Ok(()) if is_inside => {
                self.closed = None;
                outputs.push(CallOutput::SendMicrophone);
                true
            }
            Ok(()) => {
                outputs.push(CallOutput::ReleaseMicrophone);
                false
            }
            Err(why) => {
                self.closed = Some(why);
                false
            }
        };
        match purpose {
            MicrophonePurpose::Talk { request } | MicrophonePurpose::Replace { request } if request != self.request => {
                return;
            }
            MicrophonePurpose::Talk { .. } if is_open => {
                outputs.push(CallOutput::Send(ClientSignal::Mute { on: false }));
                self.mic = Mic::Live;
            }
            MicrophonePurpose::Talk { .. } => self.mic = Mic::Muted,
            MicrophonePurpose::Replace { .. } if is_open => {
                if self.mic == Mic::Opening {
                    self.mic = Mic::Live;
                    // Usually the room still shows that your microphone is on. But you may have been cut off for a moment.
                    if !self.is_granted {
                        outputs.push(CallOutput::Send(ClientSignal::Mute { on: false }));
                    }
                }
            }
            MicrophonePurpose::Replace { .. } => {
                self.echo = false;
                self.mute(outputs);
            }
            MicrophonePurpose::Echo if is_open && self.echo => {
                outputs.push(CallOutput::Send(ClientSignal::HearYourself));
                let (timer, after_ms) = (CallTimer::EchoOver, HEAR_YOURSELF_MS as u32);
                outputs.push(CallOutput::Start { timer, after_ms });
            }
            MicrophonePurpose::Echo => self.echo = false,
        }
        self.apply(outputs);
    }

    /// The room shows your microphone as off, because the server has let you in again after the connection was lost for a moment, or
    /// because the system had the microphone. If your microphone is on, says so to the server: you have not turned it off, and you know
    /// what has happened.
    pub fn go_on(&mut self, outputs: &mut Vec<CallOutput>) {
        self.is_granted = false;
        if self.mic == Mic::Live {
            outputs.push(CallOutput::Send(ClientSignal::Mute { on: false }));
        }
    }

    /// The voice connection goes on after a gap, and the room has kept your microphone as it was, or as others have left it. Requests
    /// from the time of the gap may be lost. `is_open` is whether the room shows your microphone as on. `is_held` is whether the system
    /// has the microphone: then the room must show it as off.
    pub fn agree_after_gap(&mut self, is_open: bool, is_held: bool, outputs: &mut Vec<CallOutput>) {
        let mic = if is_held { Mic::Muted } else { self.mic };
        match (mic, is_open) {
            (Mic::Live | Mic::Opening, false) if self.is_granted => {
                let remark = "You were muted while you were away. Unmute when you are ready.";
                self.close(Some(remark), outputs);
            }
            (Mic::Live, false) => self.go_on(outputs),
            // The microphone that is open may be another device of yours. This request closes only the one of this page.
            (Mic::Muted, true) => outputs.push(CallOutput::Send(ClientSignal::Mute { on: true })),
            _ => {}
        }
    }

    /// Mutes you because you were cut off for long. You may have stopped waiting, so nobody must hear you without your knowledge.
    pub fn mute_after_long_gap(&mut self, outputs: &mut Vec<CallOutput>) {
        if self.mic != Mic::Muted {
            self.mute(outputs);
            self.remark = Some("You were away for a while, so your microphone is off. Unmute when you are ready.");
            outputs.push(CallOutput::FocusMicrophone);
        }
    }

    /// Mutes you because the connection is lost, and the page does not connect again by itself.
    pub fn mute_after_loss(&mut self, outputs: &mut Vec<CallOutput>) {
        if self.mic != Mic::Muted {
            self.close(
                Some("You are muted because the connection was lost. Unmute to go on."),
                outputs,
            );
        }
    }

    /// Mutes the microphone because the room does not let you talk. Another part of the page says why.
    pub fn silence(&mut self, outputs: &mut Vec<CallOutput>) {
        if self.mic != Mic::Muted {
            self.close(None, outputs);
        }
    }

    pub fn mute_elsewhere(&mut self, outputs: &mut Vec<CallOutput>) {
        let remark = "You are muted here because you are talking on another page or device.";
        self.close(Some(remark), outputs);
    }

    /// Handles the event that the microphone was unplugged. Returns whether it was in use, and another one takes its place.
    pub fn on_ended(&mut self, outputs: &mut Vec<CallOutput>) -> bool {
        outputs.push(CallOutput::ReleaseMicrophone);
        let is_in_use = self.mic == Mic::Live || self.echo;
        if is_in_use {
            if self.mic == Mic::Live {
                self.mic = Mic::Opening;
            }
            self.request += 1;
            let request = self.request;
            outputs.push(CallOutput::OpenMicrophone(MicrophonePurpose::Replace { request }));
        }
        is_in_use
    }

    /// Handles the event that the person has forbidden the microphone.
    pub fn on_denied(&mut self, outputs: &mut Vec<CallOutput>) {
        if self.mic != Mic::Muted || self.echo {
            self.echo = false;
            self.mute(outputs);
            self.closed = Some(Closed::Denied);
        }
        outputs.push(CallOutput::ReleaseMicrophone);
    }

    /// Closes the microphone.
    pub fn release(&mut self, outputs: &mut Vec<CallOutput>) {
        let request = self.request + 1;
        *self = Self { request, ..Self::new() };
        outputs.push(CallOutput::ReleaseMicrophone);
    }

    fn close(&mut self, remark: Option<&'static str>, outputs: &mut Vec<CallOutput>) {
        self.request += 1;
        self.mic = Mic::Muted;
        // The server perhaps does not know yet that you are muted, so it could still let the others hear you.
        self.echo = false;
        self.is_granted = false;
        self.remark = remark.or(self.remark);
        self.apply(outputs);
    }

    /// Switches the sound of the microphone on or off, according to the state.
    fn apply(&self, outputs: &mut Vec<CallOutput>) {
        outputs.push(CallOutput::SetLive(self.mic == Mic::Live || self.echo));
    }
}
