"""Which addresses the key may travel to."""

from __future__ import annotations

import pytest

from beatsync.errors import UsageError
from beatsync.sources.settings import AudioScapeSettings


def test_audioscapes_own_address_is_used_where_nothing_is_said() -> None:
    expected = "https://api.audioscape.ai/developer/v1/track/structure"
    assert AudioScapeSettings.from_environment({}).structure_url == expected
    assert AudioScapeSettings.from_environment({"AUDIOSCAPE_URL": ""}).structure_url == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://audioscape.example/",
        "https://audioscape.example:8443/behind/a/proxy",
        "http://127.0.0.1:8080",
        "http://127.8.9.1",
        "http://localhost:1",
        "http://[::1]:80/",
    ],
)
def test_https_goes_anywhere_and_http_stays_on_this_machine(url: str) -> None:
    settings = AudioScapeSettings.from_environment({"AUDIOSCAPE_URL": url})
    assert settings.structure_url == url.rstrip("/") + "/developer/v1/track/structure"


@pytest.mark.parametrize(
    "url",
    [
        "http://api.audioscape.ai",
        "http://10.0.0.1",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "http://2130706433",
        "http://0x7f.1",
        "HTTP://example.com",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "127.0.0.1:8080",
        "https://",
        "https://host/?a=b",
        "https://host/#a",
        "https://host:99999999",
        "https://ho st",
        "https://\x00",
    ],
)
def test_an_address_that_would_give_the_key_away_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="AUDIOSCAPE_URL"):
        AudioScapeSettings.from_environment({"AUDIOSCAPE_URL": url})


@pytest.mark.parametrize("url", ["http://127.0.0.1@evil.example", "https://user:hunter2@api.audioscape.ai"])
def test_an_address_with_a_user_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        AudioScapeSettings(url)
    assert "hunter2" not in str(refused.value)
    assert "@" not in str(refused.value)
