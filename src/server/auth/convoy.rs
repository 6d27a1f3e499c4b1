//! Group commit: rotations that are under way at once are written in one statement, and answered once it is on the disk.

use super::store;
use crate::{
    error::AppError,
    server::{
        error::{Error, Result},
        rotations::{Rotated, Swap, Turn, Waiting},
        state::AppState,
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
    let (answer, turn) = state.rotations.join(swap);
    if let Some(turn) = turn {
        write(state, &turn).await;
        if turn.hand_on() {
            tokio::spawn(write_all(state.clone()));
        }
    }
    // Nobody answers where whoever was writing broke off.
    Ok(answer.await.map_err(|_| AppError::unavailable())??)
}

/// Writes until nobody waits: the one who had the turn first has an answer to give.
async fn write_all(state: AppState) {
    loop {
        let turn = state.rotations.turn();
        write(&state, &turn).await;
        if !turn.hand_on() {
            return;
        }
    }
}

async fn write(state: &AppState, turn: &Turn<'_>) {
    let (swaps, answers): (Vec<_>, Vec<_>) = turn
        .take()
        .into_iter()
        .map(|Waiting { swap, answer }| (swap, answer))
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
