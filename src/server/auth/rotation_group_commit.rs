//! Group commit: token rotations that arrive at about the same time are written in one statement, and answered once that
//! statement is on the disk. Waiting for the disk is most of the cost of a rotation, so rotations that share one wait are
//! cheaper.

use super::store;
use crate::{
    error::AppError,
    server::{
        error::{Error, Result},
        state::AppState,
        token_rotation_batch::{BatchLeader, PendingRotation, Rotated, Swap},
    },
};

/// Rotates one token; `None` if the swap matched no row. The caller must not drop this future before it is complete, because the
/// future may be writing the rotations of other requests too.
///
/// # Errors
/// If the database can't be written; then nothing has changed.
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
    // The channel closes without an answer if the task that was writing panicked.
    Ok(answer.await.map_err(|_| AppError::unavailable())??)
}

/// Writes batches until no request waits. This runs in its own task, so that the request that wrote the first batch does not have
/// to wait for the later batches.
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
                let won = rotated.iter().position(|row| row.session == swap.session);
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
