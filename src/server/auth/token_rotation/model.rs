//! A model of token rotation for the model checker stateright. The checker tries every order of events among a few tabs, lost
//! responses, a browser that crashes, a thief, and a wall clock that jumps.
//!
//! Time is counted in ticks. A request or a response is under way for at most [`delays::LONGEST`] ticks and may be lost at any time.
//! The browser saves its cookies to the disk within [`delays::FLUSH`] ticks. After a crash, the browser has the
//! cookies that were saved last.

mod delays;
mod properties;
mod server;
mod world;

use stateright::{Model, Property};
use world::{ModelConfig, Tab, World, WorldEvent};

impl Model for ModelConfig {
    type State = World;
    type Action = WorldEvent;

    fn init_states(&self) -> Vec<World> {
        vec![World::begin(self.tabs)]
    }

    fn actions(&self, world: &World, events: &mut Vec<WorldEvent>) {
        for (at, tab) in world.tabs.iter().enumerate() {
            match tab {
                Tab::Idle => events.push(WorldEvent::TabAsks(at)),
                Tab::Asked(..) => {
                    events.extend([WorldEvent::RefreshArrives(at), WorldEvent::Lost(at)]);
                    if self.has_crash {
                        events.push(WorldEvent::Crash(Some(at)));
                    }
                }
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
        if self.has_crash {
            events.push(WorldEvent::Crash(None));
        }
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
        if self.has_jump && !world.jumped {
            events.extend([WorldEvent::Jump(1), WorldEvent::Jump(-1)]);
        }
        if world.may_tick() {
            events.push(WorldEvent::Tick);
        }
    }

    fn next_state(&self, world: &World, event: WorldEvent) -> Option<World> {
        let mut next = world.after(self.rule, event);
        if !self.has_crash {
            // Only a crash makes the browser read its disk, so the time of the save makes no difference.
            next.save();
        }
        (next != *world).then_some(next)
    }

    fn within_boundary(&self, world: &World) -> bool {
        world.server.generation <= self.rotations + 1
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::list(self)
    }
}
