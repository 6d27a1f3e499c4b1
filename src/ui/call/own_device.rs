//! Which device your microphone is, and what has happened to it without you. The code is pure.

/// The device of your microphone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnDevice {
    /// The browser's name for the open microphone, if it tells one.
    pub name: Option<String>,
    pub news: Option<DeviceNews>,
    /// The name of the microphone that is gone, until another one is open.
    gone: Option<Option<String>>,
}

/// What has happened to the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceNews {
    /// The microphone is gone, and another one has taken its place.
    Replaced { gone: Option<String>, now: Option<String> },
    /// The microphone is gone, and you did not use it.
    Gone { name: Option<String> },
    /// There was no microphone, and now a device was plugged in.
    Found,
}

impl OwnDevice {
    /// Notes that the microphone with this name is open.
    pub fn on_opened(&mut self, name: Option<String>) {
        if let Some(gone) = self.gone.take() {
            let now = name.clone();
            self.news = Some(DeviceNews::Replaced { gone, now });
        }
        self.name = name;
    }

    /// Notes that the microphone is gone. If it was in use, another one is opened at once, and the news waits for its name.
    pub fn on_gone(&mut self, was_in_use: bool) {
        let name = self.name.take();
        self.news = (!was_in_use).then(|| DeviceNews::Gone { name: name.clone() });
        self.gone = Some(name);
    }
}

impl DeviceNews {
    /// The sentence for the screen.
    pub fn sentence(&self) -> String {
        match self {
            Self::Replaced { gone, now } => {
                let now = now.as_deref().map_or("another microphone", without_prefix);
                format!("{} is gone. Snug uses {now} now.", known(gone))
            }
            Self::Gone { name } => format!(
                "{} is gone. When you unmute, Snug uses another microphone.",
                known(name)
            ),
            Self::Found => "A new device was plugged in. Unmute to try its microphone.".to_owned(),
        }
    }
}

/// The name of a microphone at the beginning of a sentence.
fn known(name: &Option<String>) -> &str {
    name.as_deref().map_or("Your microphone", without_prefix)
}

/// The name of the device, without the words that Chromium puts before the name of the system's default device.
pub fn without_prefix(name: &str) -> &str {
    name.strip_prefix("Default - ").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_news_names_both_devices() {
        let mut device = OwnDevice::default();
        device.on_opened(Some("Headset".into()));
        assert_eq!(device.news, None);
        device.on_gone(true);
        assert_eq!(device.news, None, "the other name is not known yet");
        device.on_opened(Some("Default - Built-in".into()));
        let news = device.news.expect("news");
        assert_eq!(news.sentence(), "Headset is gone. Snug uses Built-in now.");
    }

    #[test]
    fn a_microphone_that_goes_while_you_are_muted_is_named_twice() {
        let mut device = OwnDevice::default();
        device.on_opened(None);
        device.on_gone(false);
        let sentence = device.news.take().expect("news").sentence();
        assert_eq!(
            sentence,
            "Your microphone is gone. When you unmute, Snug uses another microphone."
        );
        device.on_opened(None);
        let sentence = device.news.expect("news").sentence();
        assert_eq!(sentence, "Your microphone is gone. Snug uses another microphone now.");
    }
}
