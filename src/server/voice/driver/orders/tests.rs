//! Tests of the three queues of orders.

use super::*;
use crate::model::id::SessionId;
use std::time::Duration;

fn queues() -> (DriverOrders, DriverInbox, mio::Poll) {
    let poll = mio::Poll::new().expect("a poll");
    let waker = mio::Waker::new(poll.registry(), mio::Token(0)).expect("a waker");
    let (orders, inbox) = DriverOrders::new(Arc::new(waker));
    (orders, inbox, poll)
}

fn mute(number: u64) -> DriverOrder {
    DriverOrder::Run(Command::Mute {
        connection: ConnectionId(number),
        on: true,
    })
}

fn lose(number: u64) -> Command {
    Command::Lose {
        connection: ConnectionId(number),
    }
}

/// The connections of the requests that wait, in order.
fn requests(inbox: &mut DriverInbox) -> Vec<u64> {
    let mut seen = vec![];
    let until = Instant::now() + Duration::from_secs(5);
    inbox.handle_requests(until, |order| match order {
        DriverOrder::Run(Command::Mute { connection, .. } | Command::Lose { connection }) => seen.push(connection.0),
        _ => panic!("not sent"),
    });
    seen
}

#[test]
fn a_full_queue_refuses_requests_and_still_takes_urgent_orders_and_ends() {
    let (orders, mut inbox, _poll) = queues();
    for number in 0..REQUESTS_MAX as u64 {
        assert_eq!(orders.try_request(mute(number)), Ok(()));
    }
    assert_eq!(orders.try_request(mute(0)), Err(QueueFull));
    let session = SessionId::parse("session-of-ada").expect("an id");
    orders.send_urgent(DriverOrder::Run(Command::DisconnectSession { session }));
    orders.send_end(lose(7));
    let mut urgent = vec![];
    assert_eq!(inbox.handle_urgent(|order| urgent.push(order)), Ok(()));
    assert!(matches!(
        urgent[..],
        [
            DriverOrder::Run(Command::DisconnectSession { .. }),
            DriverOrder::Run(Command::Lose { .. })
        ]
    ));
    assert_eq!(requests(&mut inbox).len(), REQUESTS_MAX);
    assert_eq!(orders.try_request(mute(0)), Ok(()));
}

#[test]
fn the_end_of_a_socket_comes_after_its_own_requests() {
    let (orders, mut inbox, _poll) = queues();
    assert_eq!(orders.try_request(mute(1)), Ok(()));
    orders.send_end(lose(2));
    assert_eq!(requests(&mut inbox), [1, 2]);
}

#[test]
fn a_pass_handles_one_request_and_stops_when_its_time_is_over() {
    let (orders, mut inbox, _poll) = queues();
    for number in 0..3 {
        assert_eq!(orders.try_request(mute(number)), Ok(()));
    }
    let mut handled = 0;
    let past = Instant::now();
    assert!(inbox.handle_requests(past, |_| handled += 1));
    assert_eq!(handled, 1);
    assert_eq!(requests(&mut inbox), [1, 2]);
}

#[test]
fn an_urgent_order_that_arrives_during_a_pass_comes_before_the_orders_that_were_sent_after_it() {
    let (orders, mut inbox, _poll) = queues();
    assert_eq!(inbox.handle_urgent(|_| panic!("nothing was sent")), Ok(()));
    let until = Instant::now() + Duration::from_secs(5);
    let seen = std::cell::RefCell::new(vec![]);
    let note = |order| match order {
        DriverOrder::Run(Command::Mute { connection, .. }) => seen.borrow_mut().push(connection.0),
        _ => panic!("not sent"),
    };
    orders.send_urgent(mute(1));
    assert_eq!(orders.try_request(mute(2)), Ok(()));
    inbox.handle_requests(until, note);
    orders.send_urgent(mute(3));
    assert!(orders.lookups.try_send(mute(4)).is_ok());
    inbox.handle_lookups(until, note);
    assert_eq!(seen.take(), [1, 2, 3, 4]);
}

#[test]
fn a_lookup_waits_while_the_queue_is_full_and_the_driver_learns_that_all_handles_are_gone() {
    let (orders, mut inbox, _poll) = queues();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        for number in 0..LOOKUPS_MAX as u64 {
            orders.look_up(mute(number)).await;
        }
        let waits = tokio::time::timeout(Duration::from_millis(20), orders.look_up(mute(0))).await;
        assert!(waits.is_err(), "the queue has a limit");
    });
    let mut handled = 0;
    inbox.handle_lookups(Instant::now() + Duration::from_secs(5), |_| handled += 1);
    assert_eq!(handled, LOOKUPS_MAX);
    drop(orders);
    assert_eq!(inbox.handle_urgent(|_| ()), Err(NoMoreOrders));
}
