"""Push feeds as a configuration writes them."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from beatsync.config.feeds.push import PushModel, PushSettings
from beatsync.core.observation import Accuracy, Character, Following, RateKnowledge
from beatsync.core.units import ms
from tests.config.feeds.shapes import model_of, problems


def settings(text: str) -> PushSettings:
    made = model_of(PushModel, text).choice(Path("/etc/beatsync"))
    assert isinstance(made, PushSettings)
    return made


def test_no_key_is_needed() -> None:
    feed = settings("")
    assert (feed.name, feed.port, feed.host, feed.is_public) == ("push port 8090", 8090, "127.0.0.1", False)
    assert (feed.origins, feed.hosts, feed.token_file) == (frozenset(), frozenset(), None)
    assert feed.character == Character(accuracy=Accuracy.B, interval=ms(125), rate=RateKnowledge.REPORTED)
    assert feed.following == Following()


def test_every_key_finds_its_place() -> None:
    feed = settings(
        "port: 8000, host: 0.0.0.0, token_file: push.token, hosts: [Show.local], interval: 50ms, offset: -40ms, "
        'origins: ["https://game.example", "http://localhost:5173", "http://[::1]:80"]',
    )
    assert (feed.port, feed.host, feed.is_public) == (8000, "0.0.0.0", True)
    assert feed.token_file == Path("/etc/beatsync/push.token")
    assert feed.hosts == {"show.local"}
    assert feed.origins == {"https://game.example", "http://localhost:5173", "http://[::1]:80"}
    assert (feed.character.accuracy, feed.character.interval) == (Accuracy.C, ms(50))
    assert feed.following.offset == ms(-40)
    assert settings("token_file: /run/token").token_file == Path("/run/token")


@pytest.mark.parametrize(("host", "public"), [("127.0.0.9", False), ("::1", False), ("10.0.0.7", True), ("::", True)])
def test_what_other_machines_can_reach_is_public(host: str, *, public: bool) -> None:
    assert settings(f'host: "{host}"').is_public is public


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("port: 70000", "port: expected a port, 1 to 65535, got 70000"),
        ("host: laptop", "host: expected an address of this machine as text, such as 127.0.0.1"),
        ('origins: ["*"]', "origins.0: '*' would let every page in the world operate the show; list the origins"),
        ('origins: ["https://game.example/"]', "without a path and in small letters, got 'https://game.example/'"),
        ('origins: ["https://Game.example"]', "without a path and in small letters"),
        ('origins: ["game.example"]', "origins.0: expected the origin of a page as text, such as https://game.example"),
        ('origins: ["null"]', "origins.0: expected the origin of a page as text"),
        ('hosts: ["show.local:8090"]', "hosts.0: expected a name of this machine as text, such as show.local, without"),
        ("origins: https://game.example", "origins: expected a list, got the text 'https://game.example'"),
        ("interval: 125", "interval: expected a duration with its unit"),
        ('token_file: ""', "token_file: expected text, got empty text"),
    ],
)
def test_what_is_wrong_is_said_with_the_remedy(text: str, says: str) -> None:
    (problem,) = problems(PushModel, text)
    assert says in problem
    assert "\n" not in problem


def test_a_token_in_the_configuration_is_no_key() -> None:
    """A configuration is shown to people: the token is in a file, or the environment."""
    (problem,) = problems(PushModel, "token: abc")
    assert "unknown key" in problem


def test_what_may_be_written_is_in_the_schema() -> None:
    schema = PushModel.model_json_schema()
    jsonschema.validate({"port": 8090, "origins": ["https://game.example"], "offset": "-40ms"}, schema)
    not_allowed: list[dict[str, object]] = [{"port": 0}, {"origin": []}, {"interval": "fast"}]
    for wrong in not_allowed:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
