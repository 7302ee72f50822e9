"""What a log leaves out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedwatch.cli.logs import keep_secret, set_up
from feedwatch.config.load import load
from feedwatch.pipeline.program import compile_plan
from feedwatch.pipeline.secrets import secrets_of

CONFIG = """
[health]
heartbeat = "http://127.0.0.1:9/beat/8f14e45fceea167a5a36"

[[feeds]]
url = "http://reader:word-in-the-address@one.example/feed"

[[feeds]]
url = "https://two.example/feed"
auth = "reader:word-of-mine"
headers = { Cookie = "session=c4ca4238a0b923820dcc; theme=dark" }

[channels.desk]
url = "json://desk:pass-of-the-desk@127.0.0.1:9/hooks/eccbc87e4b5ce2fe2830?+X-Token=short-token"
[channels.n8n]
webhook = "https://flow:word-of-n8n@n8n.example/webhook/c81e728d9d4c2f636f06"
headers = { X-Key = "Bearer 9f61408e3afb633e50cd" }
secret = "whsec_a2Vwb2tlcG9rZXBva2Vwb2tlcG9rZXBv"
[channels.hook]
webhook = "https://hooks.example/1679091c5a880faf6fb5"
headers = { Authorization = "Bearer 45c48cce2e2d7fbdea1a" }
secret = "NmZmNmI2M2Y0YzQ3Y2JmZjE4MzNjMmE4"

[channels.phone]
url = "tgram://123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw8/-100123"
"""

SECRETS = (
    "8f14e45fceea167a5a36",
    "word-in-the-address",
    "word-of-mine",
    "cmVhZGVyOndvcmQtb2YtbWluZQ==",
    "c4ca4238a0b923820dcc",
    "pass-of-the-desk",
    "eccbc87e4b5ce2fe2830",
    "1679091c5a880faf6fb5",
    "45c48cce2e2d7fbdea1a",
    "NmZmNmI2M2Y0YzQ3Y2JmZjE4MzNjMmE4",
    "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw8",
    "word-of-n8n",
    "c81e728d9d4c2f636f06",
    "9f61408e3afb633e50cd",
    "a2Vwb2tlcG9rZXBva2Vwb2tlcG9rZXBv",
)


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    logger = logging.getLogger()
    kept, level = list(logger.handlers), logger.level
    yield logger
    logging.basicConfig(handlers=kept, level=level, force=True)


@pytest.fixture
def known(tmp_path: Path) -> frozenset[str]:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return secrets_of(compile_plan(load(path, {})))


def test_every_secret_of_a_config_is_known_as_one(known: frozenset[str]) -> None:
    assert set(SECRETS) <= known


def test_hosts_and_plain_words_are_none(known: frozenset[str]) -> None:
    assert not known & {
        "127.0.0.1",
        "one.example",
        "hooks.example",
        "Bearer",
        "two.example",
        "hooks",
        "desk",
        "reader",
        "feed",
        "dark",
    }


def test_the_name_of_a_target_is_none_for_a_log_line_says_where_a_message_went(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        '[channels.mail]\nurl = "mailto://desk:s3cret-word@mail.example?to=anna@paper.example,bo@paper.example"'
    )
    known = secrets_of(compile_plan(load(path, {})))
    assert "s3cret-word" in known
    assert not known & {"anna@paper.example", "bo@paper.example"}


@pytest.mark.parametrize("secret", SECRETS)
def test_whoever_logs_a_secret_it_is_left_out(
    root: logging.Logger, known: frozenset[str], capsys: pytest.CaptureFixture[str], secret: str
) -> None:
    set_up(verbose=True)
    keep_secret(known)
    log = logging.getLogger("a.library")
    log.debug("asking http://127.0.0.1:9/%s?x=1", secret)
    log.error("it failed", exc_info=ConnectionError(f"no route to {secret}"))
    said = capsys.readouterr().err
    assert secret not in said
    assert "asking http://127.0.0.1:9/***?x=1" in said
    assert "ConnectionError: no route to ***" in said
    assert root.handlers


@pytest.mark.usefixtures("root")
def test_what_was_a_secret_before_a_reload_stays_one(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(verbose=False)
    keep_secret({"the-old-one"})
    keep_secret({"the-new-one"})
    logging.getLogger("a.library").warning("the-old-one, the-new-one")
    assert "***, ***" in capsys.readouterr().err
