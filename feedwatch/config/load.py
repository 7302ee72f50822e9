"""From files and environment to settings, or to every problem at once.

files = the main one and what it includes          -> unreadable or no TOML: that is all we say
raw   = their tables in one, then FEEDWATCH_*      -> set twice, unknown names
found = contradictions(raw) + secrets(raw)         -> what points nowhere, addresses that cannot be read
Settings(raw)                                      -> unknown keys, types, ranges
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from feedwatch.config.checks import channels, contradictions, each_secret, health, rows
from feedwatch.config.environment import overlay
from feedwatch.config.lines import Loc
from feedwatch.config.manners import doubtful
from feedwatch.config.places import Found, Place, Problem, Raw, in_order, nearest
from feedwatch.config.settings import Settings, Store
from feedwatch.config.shipped import shipped_config
from feedwatch.config.sources import NO_DRAFTS, Source, merged, read_all
from feedwatch.config.values import format_duration, header_lines
from feedwatch.config.words import findings
from feedwatch.errors import ChannelError, ConfigError
from feedwatch.feeds.aggregators import HEADLINES, is_headline_only


def find_config(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """The file to use: --config, $FEEDWATCH_CONFIG, ./config.toml, then the user's and the machine's folder."""
    asked = str(explicit) if explicit else environ.get("FEEDWATCH_CONFIG")
    if asked:
        if Path(asked).is_file():
            return Path(asked)
        told_by = "--config" if explicit else "$FEEDWATCH_CONFIG"
        raise ConfigError([f"{asked}: no such file ({told_by} names it; correct the path)"])
    places = _usual_places(environ)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        looked = ", ".join(str(place) for place in places)
        ours = f"cp {shipped_config()} config.toml"
        cure = (
            f"`feedwatch init` writes one; or name one with --config or $FEEDWATCH_CONFIG, or start with ours: {ours}"
        )
        raise ConfigError([f"no config file; looked at {looked} ({cure})"])
    return found


def _usual_places(environ: Mapping[str, str]) -> list[Path]:
    home = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME", "~")).expanduser() / ".config")
    return [Path("config.toml"), Path(home, "feedwatch/config.toml"), Path("/etc/feedwatch/config.toml")]


Opens = Callable[[str, str], object]
"""What a channel's name and address mean; raises ChannelError. Handed in by whoever knows addresses."""


def load(
    path: Path,
    environ: Mapping[str, str],
    *,
    secrets: bool = True,
    drafts: Mapping[Path, str] = NO_DRAFTS,
    opens: Opens | None = None,
) -> Settings:
    """The settings, or a ConfigError with every problem in the order of files and lines.

    Without `secrets` channel addresses in files and variables are left alone: for commands that tell nobody, run by
    people who may not read them. `drafts` are texts that stand in for files (absolute paths) not written yet.
    """
    sources = read_all(path, drafts)
    raw, places, problems = merged(sources)
    problems += overlay(raw, places, environ)
    raw = _frozen(raw)
    found, warned = list(contradictions(raw, partial(nearest, places))), list[Found]()
    _resolve_database(raw, sources[0].path.parent, environ)
    _resolve_cases(raw, partial(_folder, sources, places))
    if secrets:
        found += _resolve_variables(raw, environ)
        found += _resolve_files(raw, partial(_folder, sources, places), environ, warned)
    found += _unusable(raw, opens) if opens else []
    settings, refused = _validated(raw)
    problems += [Problem(nearest(places, loc), text) for loc, text in chain(found, refused)]
    if settings is None or problems:
        raise ConfigError(in_order(problems))
    doubts = [
        Problem(nearest(places, loc), text) for loc, text in chain(warned, _doubtful(settings), doubtful(settings))
    ]
    return settings.written(places, in_order(doubts))


def each_channel(path: Path, environ: Mapping[str, str]) -> Iterator[Settings]:
    """One settings for every channel that is well, whatever else is wrong: for news that the config itself is bad.

    Its `health.notify` names the channel where the config's does. Raises ConfigError where a file is no TOML.
    """
    sources = read_all(path)
    raw, places, _ = merged(sources)
    overlay(raw, places, environ)
    folder_of = partial(_folder, sources, places)
    whole = _frozen(raw)
    notify = health(whole).get("notify")
    for name, channel in channels(whole).items():
        told = (name,) if isinstance(notify, tuple) and name in notify else ()
        alone: Raw = {"channels": {name: channel}, "health": {"notify": told}}
        wrong = [*contradictions(alone, partial(nearest, places)), *_resolve_variables(alone, environ)]
        wrong += _resolve_files(alone, folder_of, environ, [])
        settings, refused = _validated(alone)
        if settings is not None and not wrong and not refused:
            yield settings


def _validated(raw: Raw) -> tuple[Settings | None, list[Found]]:
    try:
        return Settings.model_validate(raw), []
    except ValidationError as error:
        return None, list(findings(error.errors()))


def _folder(sources: list[Source], places: Mapping[Loc, Place], loc: Loc) -> Path:
    """The folder of the file in which a value stands; the main one's for the environment."""
    rank = nearest(places, loc).file
    return sources[rank if rank < len(sources) else 0].path.parent


def _frozen(value: Any) -> Any:
    """Lists as tuples, so that strict models take them and nothing can change them."""
    if isinstance(value, dict):
        return {key: _frozen(each) for key, each in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _resolve_database(raw: Raw, folder: Path, environ: Mapping[str, str]) -> None:
    """Makes the path absolute: from $STATE_DIRECTORY (systemd may list several: the first), else from `folder`."""
    store = raw.setdefault("store", {})
    path = store.get("path", Store.model_fields["path"].default) if isinstance(store, dict) else None
    if isinstance(path, Path) or (isinstance(path, str) and path.strip()):
        state = environ.get("STATE_DIRECTORY", "").split(":")[0]
        store["path"] = Path(state or folder, Path(path).expanduser()).absolute()


def _resolve_cases(raw: Raw, folder_of: Callable[[Loc], Path]) -> None:
    """Makes the paths of tables of cases absolute: they start in the folder of the file that names them."""
    for number, watchlist in rows(raw, "watchlists"):
        path = watchlist.get("cases")
        if isinstance(path, str) and path.strip():
            watchlist["cases"] = Path(folder_of(("watchlists", number, "cases")), Path(path).expanduser()).absolute()


def _unusable(raw: Raw, opens: Opens) -> Iterator[Found]:
    """Channels whose address means nothing."""
    for name, channel in channels(raw).items():
        try:
            _ = opens(name, channel["url"]) if isinstance(channel.get("url"), str) else None
        except ChannelError as error:
            yield ("channels", name), str(error)


def _resolve_variables(raw: Raw, environ: Mapping[str, str]) -> Iterator[Found]:
    """Puts what url_env names into `url`, and so on; yields what failed."""
    for place, table, key in each_secret(raw):
        variable = table.get(f"{key}_env")
        if not isinstance(variable, str):
            continue
        try:
            table[key] = _meant(key, _variable(variable, environ), f'"{variable}"')
        except ValueError as error:
            yield (*place, f"{key}_env"), f"{key}_env: {error}"


def _variable(name: str, environ: Mapping[str, str]) -> str:
    found = environ.get(name, "").strip()
    if not found:
        raise ValueError(f'the environment has no "{name}" (set it)')
    return found


def _resolve_files(
    raw: Raw, folder_of: Callable[[Loc], Path], environ: Mapping[str, str], warned: list[Found]
) -> Iterator[Found]:
    """Puts what url_file holds into `url`, and so on; yields what failed."""
    for place, table, key in each_secret(raw):
        loc: Loc = (*place, f"{key}_file")
        if not isinstance(table.get(f"{key}_file"), str):
            continue
        file = _secret_file(table[f"{key}_file"], folder_of(loc), environ)
        try:
            table[key] = _meant(key, _file_text(file), str(file))
        except ValueError as error:
            yield loc, f"{key}_file: {error}"
        else:
            warned += [(loc, f"{key}_file: {file} can be read by others (chmod 600 it)")] if _is_open(file) else []


_CALLED = {"auth": "login", "secret": "secret"}


def _meant(key: str, text: str, where: str) -> Any:
    """A secret's text as its key wants it: headers stand one a line, anything else is one line."""
    if key == "headers":
        try:
            return header_lines(text)
        except ValueError as error:
            raise ValueError(f"{where}, {error}") from None
    if not text or not text.isprintable():
        raise ValueError(f"{where} must hold one line, the {_CALLED.get(key, 'address')} (write it there)")
    return text


def _secret_file(name: str, folder: Path, environ: Mapping[str, str]) -> Path:
    """Credentials that systemd hands over come first.

    `LoadCredential=secrets:/etc/feedwatch/secrets` hands secrets/mail.url over as secrets_mail.url (systemd.exec(5)).
    """
    handed = Path(environ.get("CREDENTIALS_DIRECTORY") or folder)
    places = (handed / name, handed / name.replace("/", "_"))
    return next((file for file in places if _is_there(file)), folder / name)


def _is_there(file: Path) -> bool:
    with suppress(OSError):  # a folder that one may not look into is said by whoever reads the file
        return file.is_file()
    return False


def _file_text(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except PermissionError:
        raise ValueError(f"{file}: you may not read it (run this as its owner or root)") from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ValueError(f"{file} cannot be read: {why} (correct the path or its permissions)") from None
    return text


def _is_open(file: Path) -> bool:
    return bool(file.stat().st_mode & 0o077)


def _doubtful(settings: Settings) -> Iterator[Found]:
    """What is allowed and yet hardly meant."""
    if not settings.feeds:
        yield (), "no feeds, so nothing is polled (add a [[feeds]] table)"
    if not settings.watchlists:
        yield (), "no watchlists, so nobody is told anything (add a [[watchlists]] table)"
    headlines = [number for number, feed in enumerate(settings.feeds) if is_headline_only(feed.url)]
    if headlines:
        others = f"; {len(headlines) - 1} more are such" if len(headlines) > 1 else ""
        yield ("feeds", headlines[0], "url"), f"url: {HEADLINES}{others}"
    if settings.store.keep_seen < settings.store.keep_articles:
        kept = format_duration(settings.store.keep_articles)
        yield (
            ("store", "keep_seen"),
            f"keep_seen: keep_articles is {kept}, which holds (raise it)",
        )
    listen = settings.health.listen
    if listen is not None and listen.is_loopback and settings.health.listen_public:
        yield ("health", "listen_public"), f"listen_public: {listen} is for this machine alone (remove listen_public)"
    least, most = settings.polling.min_interval, settings.polling.max_interval
    if settings.polling.interval > most:
        yield ("polling", "interval"), f"interval: max_interval is {format_duration(most)}, which holds (raise it)"
    asked: list[tuple[Loc, timedelta | None]] = [(("polling", "interval"), settings.polling.interval)]
    asked += [(("feeds", number, "interval"), feed.interval) for number, feed in enumerate(settings.feeds)]
    for loc, interval in asked:
        if interval is not None and interval < least:
            yield loc, f"interval: min_interval is {format_duration(least)}, which holds (lower it)"
