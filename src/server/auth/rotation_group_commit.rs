//! Group commit: rotations that are under way at once are written in one statement, and answered once it is on the disk.

use super::store;
use crate::{
    error::AppError,
    server::{
        error::{Error, Result},
        state::AppState,
        token_rotation_batch::{BatchLeader, PendingRotation, Rotated, Swap},
    },
};

/// One rotation; `None` where its swap hit no row. Whoever calls this runs to the end: it may write for others too.
///
/// # Errors
/// Where the database can't be written to; then nothing has changed.
pub async fn rotate(state: &AppState, swap: Swap) -> Result<Option<Rotated>> {
    if !state.database.has_one_writer() {
        return Ok(store::rotate_session(&state.database, swap).await?);
    }
    let (answer, leader) = state.rotations.join(swap);
    if let Some(leader) = leader {
        write(state, &leader).await;
        if leader.hand_on() {
            tokio::spawn(write_all(state.clone()));
        }
    }
    // Nobody answers where whoever was writing broke off.
    Ok(answer.await.map_err(|_| AppError::unavailable())??)
}

/// Writes until nobody waits: the one who had the lead first has an answer to give.
async fn write_all(state: AppState) {
    loop {
        let leader = state.rotations.leader();
        write(&state, &leader).await;
        if !leader.hand_on() {
            return;
        }
    }
}

async fn write(state: &AppState, leader: &BatchLeader<'_>) {
    let (swaps, answers): (Vec<_>, Vec<_>) = leader
        .take()
        .into_iter()
        .map(|PendingRotation { swap, answer }| (swap, answer))
        .unzip();
    match store::rotate_sessions(&state.database, &swaps).await {
        Ok(mut rotated) => {
            for (swap, answer) in swaps.iter().zip(answers) {
                let won = rotated.iter().position(|one| one.session == swap.session);
                let _ = answer.send(Ok(won.map(|at| rotated.swap_remove(at))));
            }
        }
        Err(error) => {
            let error = AppError::from(Error::from(error));
            for answer in answers {
                let _ = answer.send(Err(error.clone()));
            }
        }
    }
}
