//! What becomes of the requests that you make while the room's socket is lost. Nothing that is sent then arrives.

use super::CallMachine;
use crate::{
    model::{signal::ClientSignal, stage::StageRequest},
    ui::call::{events::CallOutput, states::JoinState},
};

impl CallMachine {
    /// Sends the request. While the socket is lost, your hand waits until the room knows you again, and you read that other requests were
    /// not made: after a while you may not want them any more, or the room is not as you saw it.
    pub(super) fn request(&mut self, request: StageRequest, outputs: &mut Vec<CallOutput>) {
        self.refused = None;
        match request {
            request if self.is_welcomed => self.send_request(request, outputs),
            StageRequest::Hand { up } => {
                let is_up = self.room.own_info().is_some_and(|own| own.hand.is_some());
                self.waiting_hand = (up != is_up).then_some(up);
            }
            _ => self.refuse_offline(outputs),
        }
    }

    /// Raises or lowers your hand as you wanted while the socket was lost, once the room shows you again. If a host has invited you to the
    /// stage meanwhile, your hand has done its work.
    pub(super) fn send_waiting_hand(&mut self, outputs: &mut Vec<CallOutput>) {
        let is_inside = self.is_welcomed && self.join_state == JoinState::Inside;
        let Some(own) = self.room.own_info().filter(|_| is_inside) else {
            return;
        };
        let (is_up, is_invited) = (own.hand.is_some(), own.invited);
        if let Some(up) = self.waiting_hand.take().filter(|up| *up != is_up && !is_invited) {
            self.send_request(StageRequest::Hand { up }, outputs);
        }
    }

    fn send_request(&mut self, request: StageRequest, outputs: &mut Vec<CallOutput>) {
        self.hands.on_request(&request);
        self.open_requests.ask(&request, &self.room);
        self.asked_to_end = request == StageRequest::End;
        outputs.push(CallOutput::Send(ClientSignal::StageRequest(request)));
    }
}
