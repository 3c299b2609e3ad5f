"""From another thread to a task: in order, bounded, and harmless when nobody is there any more."""

from __future__ import annotations

import threading

import trio

from beatsync.feeds.handover import Handover


def from_another_thread(handover: Handover[int], numbers: range) -> None:
    def put() -> None:
        for number in numbers:
            handover.put(number)

    thread = threading.Thread(target=put)
    thread.start()
    thread.join()


async def test_everything_arrives_once_and_in_order() -> None:
    handover: Handover[int] = Handover(1000)
    received: list[int] = []

    async def receive() -> None:
        while len(received) < 300:
            items, lost = await handover.receive()
            assert lost == 0
            received.extend(items)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(receive)
        for start in (0, 100, 200):
            await trio.to_thread.run_sync(from_another_thread, handover, range(start, start + 100))
    assert received == list(range(300))


async def test_of_too_many_the_oldest_are_lost_and_counted_once() -> None:
    """F12"""
    handover: Handover[int] = Handover(10)
    from_another_thread(handover, range(25))
    assert await handover.receive() == (list(range(15, 25)), 15)
    handover.put(99)
    assert await handover.receive() == ([99], 0)


def test_after_the_end_nobody_is_there_and_nothing_breaks() -> None:
    async def make() -> Handover[int]:
        return Handover(10)

    handover = trio.run(make)
    handover.put(1)


async def test_a_flood_leaves_other_tasks_their_turn() -> None:
    handover: Handover[int] = Handover(10)
    turns = 0

    async def flooded() -> None:
        while True:
            handover.put(1)
            await handover.receive()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(flooded)
        for _ in range(100):
            await trio.lowlevel.checkpoint()
            turns += 1
        nursery.cancel_scope.cancel()
    assert turns == 100
