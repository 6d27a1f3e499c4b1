//! Opens the microphone, and passes on what happens to it and to the other devices of the browser.

use super::Presence;
use crate::{
    browser::{
        device_changes::{DeviceChange, DeviceWatch},
        microphone::{Microphone, MicrophoneEvent},
    },
    ui::call::{
        devices::Devices,
        events::{CallInput, MicrophonePurpose},
    },
};
use leptos::{prelude::*, task::spawn_local};

impl Presence {
    pub(super) fn open_microphone(self, purpose: MicrophonePurpose) {
        if self.with_microphone(|_| ()).is_some() {
            self.tell(CallInput::MicrophoneOpened {
                purpose,
                opened: Ok(()),
            });
            return;
        }
        spawn_local(async move {
            let opened = Microphone::open(move |event| self.on_microphone(event)).await;
            let opened = opened.map(|microphone| {
                let name = microphone.name();
                self.devices
                    .update_value(|devices| devices.plug_in_microphone(microphone));
                self.tell(CallInput::MicrophoneNamed(name));
            });
            self.tell(CallInput::MicrophoneOpened { purpose, opened });
            self.watch_devices().await;
        });
    }

    fn on_microphone(self, event: MicrophoneEvent) {
        match event {
            MicrophoneEvent::SystemMuted(is_muted) => self.tell(CallInput::SystemMuted(is_muted)),
            // Later, because the microphone is then dropped, and this is one of its callbacks.
            MicrophoneEvent::Ended => spawn_local(async move {
                if self.with_microphone(|_| ()).is_some() {
                    self.tell(CallInput::MicrophoneEnded);
                }
            }),
        }
    }

    async fn watch_devices(self) {
        if self.devices.try_update_value(Devices::begin_watching) != Some(true) {
            return;
        }
        let watch = DeviceWatch::begin(move |change| {
            self.tell(match change {
                DeviceChange::Devices => CallInput::DevicesChanged,
                DeviceChange::Forbidden => CallInput::MicrophoneForbidden,
            });
        });
        let watch = watch.await;
        self.devices.update_value(|devices| devices.watch(watch));
    }
}
