//! The world of the model: a server, a browser with tabs, perhaps a thief, and what each event does to them.

use super::{
    delays::{C, FLUSH, LONGEST},
    server::{ModelCookies, ModelServer, RotationRule, Token},
};

/// One browser with some tabs. If `has_thief` is true, a thief copies the browser's cookies once.
#[derive(Clone)]
pub struct ModelConfig {
    pub rule: RotationRule,
    pub tabs: usize,
    pub has_thief: bool,
    /// Whether the browser can crash, at any time and as often as it likes.
    pub has_crash: bool,
    /// Whether the wall clock jumps once, forward or back.
    pub has_jump: bool,
    /// The model explores no further than this many rotations.
    pub rotations: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    pub server: ModelServer,
    pub jar: ModelCookies,
    pub disk: ModelCookies,
    /// How many ticks ago the cookies in memory (`jar`) began to differ from those on the disk; `None` if they are equal.
    pub unsaved_for: Option<u8>,
    /// Sorted, because the order of the tabs makes no difference.
    pub tabs: Vec<Tab>,
    /// A request under way that uses an access token: the cookies of the request, and its age in ticks.
    pub used: Option<(ModelCookies, u8)>,
    /// A refresh that was under way when the browser crashed: the token of the request, and its age in ticks.
    pub stray: Option<(Token, u8)>,
    /// The cookies that a thief has.
    pub thief: Option<ModelCookies>,
    /// Whether the clock has jumped.
    pub jumped: bool,
    /// The rule that a step broke, if any.
    pub broken: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tab {
    Idle,
    /// The tab's refresh request is under way: the token of the request, and its age in ticks.
    Asked(Token, u8),
    /// The response is under way: its cookies, and its age in ticks.
    Answered(ModelCookies, u8),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WorldEvent {
    TabAsks(usize),
    RefreshArrives(usize),
    AnswerArrives(usize),
    Lost(usize),
    Used,
    UseArrives,
    UseLost,
    Saved,
    /// The browser crashes. The refresh request of this tab, if any, still reaches the server.
    Crash(Option<usize>),
    StrayArrives,
    StrayLost,
    ThiefCopies,
    /// `true` if the thief uses the cookies of the response from then on.
    ThiefRefreshes(bool),
    ThiefUses,
    /// The wall clock jumps forward (1) or back (-1).
    Jump(i8),
    Tick,
}

impl World {
    /// A browser that has just signed in.
    pub fn begin(tabs: usize) -> Self {
        let (server, jar) = ModelServer::new();
        Self {
            server,
            jar,
            disk: jar,
            unsaved_for: None,
            tabs: vec![Tab::Idle; tabs],
            used: None,
            stray: None,
            thief: None,
            jumped: false,
            broken: None,
        }
    }

    /// The world after `event`.
    pub fn after(&self, rule: RotationRule, event: WorldEvent) -> Self {
        let mut next = self.clone();
        next.happen(rule, event);
        next.broken = next.broken.or_else(|| broken(&self.server, &next.server));
        next.forget_what_can_not_matter(rule);
        next.tabs.sort_unstable();
        next
    }

    fn happen(&mut self, rule: RotationRule, event: WorldEvent) {
        match event {
            WorldEvent::TabAsks(at) => self.tabs[at] = Tab::Asked(self.jar.token, 0),
            WorldEvent::RefreshArrives(at) => {
                if let Tab::Asked(token, _) = self.tabs[at] {
                    let answer = self.server.refresh(rule, Some(token));
                    self.tabs[at] = answer.map_or(Tab::Idle, |cookies| Tab::Answered(cookies, 0));
                }
            }
            WorldEvent::AnswerArrives(at) => {
                if let Tab::Answered(cookies, _) = self.tabs[at] {
                    self.tabs[at] = Tab::Idle;
                    self.jar = cookies;
                    self.unsaved_for = self.unsaved_for.or(Some(0));
                }
            }
            WorldEvent::Lost(at) => self.tabs[at] = Tab::Idle,
            WorldEvent::Used => self.used = Some((self.jar, 0)),
            WorldEvent::UseArrives => {
                if let Some((used, _)) = self.used.take() {
                    self.server.see_in_use(rule, used);
                }
            }
            WorldEvent::UseLost => self.used = None,
            WorldEvent::Saved => self.save(),
            WorldEvent::Crash(going_on) => self.crash(going_on),
            WorldEvent::StrayArrives => {
                if let Some((token, _)) = self.stray.take() {
                    self.server.refresh(rule, Some(token));
                }
            }
            WorldEvent::StrayLost => self.stray = None,
            WorldEvent::ThiefCopies => self.thief = Some(self.jar),
            WorldEvent::ThiefRefreshes(goes_on) => {
                let token = self.thief.map(|cookies| cookies.token);
                let answer = self.server.refresh(rule, token);
                if goes_on {
                    self.thief = answer.or(self.thief);
                }
            }
            WorldEvent::ThiefUses => {
                if let Some(used) = self.thief {
                    self.server.see_in_use(rule, used);
                }
            }
            WorldEvent::Jump(direction) => self.jump(direction),
            WorldEvent::Tick => self.tick(),
        }
    }

    /// The browser saves its cookies to the disk.
    pub fn save(&mut self) {
        (self.disk, self.unsaved_for) = (self.jar, None);
    }

    /// The browser loses every tab and every response, and goes back to the cookies that it saved last.
    fn crash(&mut self, going_on: Option<usize>) {
        if let Some(Tab::Asked(token, age)) = going_on.map(|at| self.tabs[at]) {
            self.stray = Some((token, age));
        }
        self.tabs.fill(Tab::Idle);
        (self.jar, self.unsaved_for) = (self.disk, None);
    }

    /// Whether time can pass. Time can't pass while a message or a flush has reached its longest delay.
    pub fn may_tick(&self) -> bool {
        let under_way = self.tabs.iter().filter_map(|tab| match tab {
            Tab::Idle => None,
            Tab::Asked(_, age) | Tab::Answered(_, age) => Some(*age),
        });
        let others = [self.used.map(|(_, age)| age), self.stray.map(|(_, age)| age)];
        under_way.chain(others.into_iter().flatten()).all(|age| age < LONGEST)
            && self.unsaved_for.is_none_or(|age| age < FLUSH)
    }

    fn jump(&mut self, direction: i8) {
        self.jumped = true;
        self.server.jump(direction);
        for cookies in self.cookies_mut() {
            cookies.access_jumps += direction;
        }
    }

    fn tick(&mut self) {
        self.server.tick();
        for cookies in self.cookies_mut() {
            cookies.access_age = (cookies.access_age + 1).min(C);
        }
        for tab in &mut self.tabs {
            if let Tab::Asked(_, age) | Tab::Answered(_, age) = tab {
                *age += 1;
            }
        }
        let others = [
            self.used.as_mut().map(|(_, age)| age),
            self.stray.as_mut().map(|(_, age)| age),
        ];
        others
            .into_iter()
            .flatten()
            .chain(&mut self.unsaved_for)
            .for_each(|age| *age += 1);
    }

    /// Makes two states equal if they can't lead to different results. An access token of an earlier generation never confirms
    /// anything, so its exact generation and age don't matter. The age of an access token from before a jump doesn't matter either:
    /// the jump is much longer than any age.
    fn forget_what_can_not_matter(&mut self, rule: RotationRule) {
        self.server.forget_what_can_not_matter(rule);
        let generation = self.server.generation;
        for cookies in self.cookies_mut() {
            if cookies.generation < generation {
                (cookies.generation, cookies.access_age, cookies.access_jumps) = (0, 0, 0);
            }
            if cookies.access_jumps != 0 {
                cookies.access_age = 0;
            }
        }
        self.used = self.used.filter(|(used, _)| used.generation == generation);
    }

    fn cookies_mut(&mut self) -> impl Iterator<Item = &mut ModelCookies> {
        let answers = self.tabs.iter_mut().filter_map(|tab| match tab {
            Tab::Answered(cookies, _) => Some(cookies),
            _ => None,
        });
        let locked = [&mut self.jar, &mut self.disk].into_iter().chain(&mut self.thief);
        locked.chain(self.used.as_mut().map(|(used, _)| used)).chain(answers)
    }
}

/// The rule that is broken by going from the row `before` to the row `after`, if any.
fn broken(before: &ModelServer, after: &ModelServer) -> Option<&'static str> {
    if after.generation < before.generation {
        return Some("the generation decreased");
    }
    (before.revoked && before.ageless() != after.ageless()).then_some("a revoked session changed")
}
