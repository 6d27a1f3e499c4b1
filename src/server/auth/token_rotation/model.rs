//! The decision among tabs, lost answers, a browser that crashes and a thief: every order of events of a small world.
//!
//! Time is in ticks. A request or an answer is under way for at most [`LONGEST`] ticks and may be lost at any of them; the
//! browser writes its cookies to the disk within [`FLUSH`] ticks, and after a crash has those of the disk.

mod properties;
mod server;

use server::{C, ModelCookies, ModelServer, OURS, RotationRule, Token};
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::{
    io::{Write, stderr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const LONGEST: u8 = 1;
const FLUSH: u8 = 1;

/// One browser of so many tabs, with or without a thief who copies its cookies once.
#[derive(Clone)]
struct ModelConfig {
    rule: RotationRule,
    tabs: usize,
    has_thief: bool,
    /// Where the world ends: so many rotations.
    rotations: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    server: ModelServer,
    jar: ModelCookies,
    disk: ModelCookies,
    /// How long the jar has differed from the disk.
    unsaved_for: Option<u8>,
    /// Sorted: one tab is like another.
    tabs: Vec<Tab>,
    /// A request with the access token, under way.
    used: Option<(ModelCookies, u8)>,
    /// A refresh that was under way when the browser crashed.
    stray: Option<(Token, u8)>,
    thief: Option<ModelCookies>,
    /// Set where a step broke what must hold from one state to the next.
    broken: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Tab {
    Idle,
    /// Its refresh is under way.
    Asked(Token, u8),
    /// The answer is.
    Answered(ModelCookies, u8),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum WorldEvent {
    TabAsks(usize),
    RefreshArrives(usize),
    AnswerArrives(usize),
    Lost(usize),
    Used,
    UseArrives,
    UseLost,
    Saved,
    /// With the tab whose refresh goes on without it.
    Crash(Option<usize>),
    StrayArrives,
    StrayLost,
    ThiefCopies,
    /// Whether the thief goes on with what the answer gives.
    ThiefRefreshes(bool),
    ThiefUses,
    Tick,
}

impl Model for ModelConfig {
    type State = World;
    type Action = WorldEvent;

    fn init_states(&self) -> Vec<World> {
        let (server, jar) = ModelServer::new();
        vec![World {
            server,
            jar,
            disk: jar,
            unsaved_for: None,
            tabs: vec![Tab::Idle; self.tabs],
            used: None,
            stray: None,
            thief: None,
            broken: None,
        }]
    }

    fn actions(&self, world: &World, events: &mut Vec<WorldEvent>) {
        for (at, tab) in world.tabs.iter().enumerate() {
            match tab {
                Tab::Idle => events.push(WorldEvent::TabAsks(at)),
                Tab::Asked(..) => events.extend([
                    WorldEvent::RefreshArrives(at),
                    WorldEvent::Lost(at),
                    WorldEvent::Crash(Some(at)),
                ]),
                Tab::Answered(..) => events.extend([WorldEvent::AnswerArrives(at), WorldEvent::Lost(at)]),
            }
        }
        match world.used {
            None => events.push(WorldEvent::Used),
            Some(_) => events.extend([WorldEvent::UseArrives, WorldEvent::UseLost]),
        }
        if world.unsaved_for.is_some() {
            events.push(WorldEvent::Saved);
        }
        events.push(WorldEvent::Crash(None));
        if world.stray.is_some() {
            events.extend([WorldEvent::StrayArrives, WorldEvent::StrayLost]);
        }
        match world.thief {
            None if self.has_thief => events.push(WorldEvent::ThiefCopies),
            None => {}
            Some(_) => events.extend([
                WorldEvent::ThiefRefreshes(true),
                WorldEvent::ThiefRefreshes(false),
                WorldEvent::ThiefUses,
            ]),
        }
        if world.may_tick() {
            events.push(WorldEvent::Tick);
        }
    }

    fn next_state(&self, world: &World, event: WorldEvent) -> Option<World> {
        let mut next = world.clone();
        next.happen(self.rule, event);
        next.broken = next.broken.or_else(|| broken(&world.server, &next.server));
        next.forget_what_can_not_matter();
        (next != *world).then_some(next)
    }

    fn within_boundary(&self, world: &World) -> bool {
        world.server.generation <= self.rotations + 1
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::list(self)
    }
}

/// What must hold from one state of the row to the next.
fn broken(before: &ModelServer, after: &ModelServer) -> Option<&'static str> {
    if after.generation < before.generation {
        return Some("the generation fell");
    }
    (before.revoked && before.ageless() != after.ageless()).then_some("a revoked session changed")
}

impl World {
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
            WorldEvent::Saved => (self.disk, self.unsaved_for) = (self.jar, None),
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
            WorldEvent::Tick => self.tick(),
        }
        self.tabs.sort_unstable();
    }

    /// Every tab dies with its answers; what was not yet saved is as it was before.
    fn crash(&mut self, going_on: Option<usize>) {
        if let Some(Tab::Asked(token, age)) = going_on.map(|at| self.tabs[at]) {
            self.stray = Some((token, age));
        }
        self.tabs.fill(Tab::Idle);
        (self.jar, self.unsaved_for) = (self.disk, None);
    }

    /// Whether nothing is at the end of its time.
    fn may_tick(&self) -> bool {
        let under_way = self.tabs.iter().filter_map(|tab| match tab {
            Tab::Idle => None,
            Tab::Asked(_, age) | Tab::Answered(_, age) => Some(*age),
        });
        let others = [self.used.map(|(_, age)| age), self.stray.map(|(_, age)| age)];
        under_way.chain(others.into_iter().flatten()).all(|age| age < LONGEST)
            && self.unsaved_for.is_none_or(|age| age < FLUSH)
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

    /// An access token of an earlier generation never confirms anything: one is like another.
    fn forget_what_can_not_matter(&mut self) {
        let generation = self.server.generation;
        for cookies in self.cookies_mut().filter(|cookies| cookies.generation < generation) {
            (cookies.generation, cookies.access_age) = (0, 0);
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
