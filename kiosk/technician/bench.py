"""The technician's bench of one terminal: an overview of all modems, and each of them to oneself for a while."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from data.database import Database
from kiosk.audit import AuditTrail
from kiosk.clock import Clock
from kiosk.delivery.borrowing import Borrowed, Purpose
from kiosk.delivery.candidates import present_modems
from kiosk.delivery.loans import others_serve
from kiosk.exchange import dated_name, save
from kiosk.language import Language
from kiosk.technician import overview, small_reports
from kiosk.technician.adoption import Candidate, adopt, forbidden_by
from kiosk.technician.bench_means import BenchMeans
from kiosk.technician.events import Event
from kiosk.technician.key_session import KeyEvent, KeySession
from kiosk.technician.key_test import KeyRun
from kiosk.technician.overview import Overview
from kiosk.technician.postman import OutboxPostman
from kiosk.technician.report import as_json, markdown
from kiosk.technician.scanning import ScannedNetwork
from kiosk.technician.session import BenchSession, Had
from kiosk.technician.steps import TestRun


class ChangedMeanwhile(Exception):
    """Another modem or SIM stands there than the one that was shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Used in the domain thread by one signed-in technician; sessions have threads of their own."""

    means: BenchMeans
    database: Database = field(repr=False)
    trail: AuditTrail = field(repr=False)
    clock: Clock
    actor: str
    borrower: str

    def overview(self) -> Overview:
        """All modems now; raises DataError."""
        return overview.look(self.database, self.clock, self.means.policy.sms)

    def others_serve(self, modem: str) -> bool:
        """Whether another modem could send a code meanwhile."""
        return others_serve(self.database, modem, self.clock.now())

    def open(self, modem: str, purpose: Purpose, words: Language, told: Callable[[Event], None]) -> BenchSession:
        """A session that borrows the modem and tells what comes of it."""
        session = BenchSession(modem, _Borrower(self, modem, purpose, words), told, now=self.clock.wall)
        session.start()
        return session

    def open_keys(self, told: Callable[[KeyEvent], None]) -> KeySession | None:
        """A test of the key that is put in; None where this desk has no ports for keys."""
        if self.means.keys is None:
            return None
        session = KeySession(self.means.keys, told, touch_seconds=self.means.policy.yubikey.touch_seconds)
        session.start()
        return session

    def take_out(self, modem: str, reason: str) -> bool:
        """Take a modem out of service, such as for another SIM; False when it is out already."""
        with self.database.transaction(write=True):
            done = self.database.loans.take_out(modem=modem, reason=reason, actor=self.actor, now=self.clock.now())
            if done:
                self.trail.record("modem.taken_out", "ok", actor=self.actor, about=modem, parameters={"reason": reason})
        self.means.waker.doorbell.ring()
        return done

    def candidate(self, modem: str) -> Candidate | None:
        """What stands at this modem's port now, as whoever drives it sees it; None when nobody does."""
        row = next((one for one in present_modems(self.database, self.clock.now()) if one.name == modem), None)
        if row is None:
            return None
        facts = json.loads(row.facts)
        return Candidate(
            modem=modem,
            model=str(facts.get("model", "")),
            imei=row.imei or "",
            iccid=row.iccid or "",
            socket=row.usb_path or "",
            interface=facts.get("interface"),
        )

    def forbids(self, candidate: Candidate) -> str:
        """The key of the configuration that names another modem or SIM; empty when it may be adopted."""
        found = next(one for one in self.means.means.settings if one.name == candidate.modem)
        return forbidden_by(candidate, imei=found.imei, iccid=found.iccid)

    def adopt(self, candidate: Candidate, reason: str) -> None:
        """Confirm what was shown, if it still stands there; another one is not confirmed unseen."""
        if self.candidate(candidate.modem) != candidate:
            raise ChangedMeanwhile
        adopt(self.database, self.trail, candidate, reason=reason, actor=self.actor, now=self.clock.now())
        self.means.waker.doorbell.ring()

    def put_back(self, modem: str) -> bool:
        """Put it into service again; False when it was not out."""
        with self.database.transaction(write=True):
            done = self.database.loans.put_back(modem)
            if done:
                self.trail.record("modem.put_back", "ok", actor=self.actor, about=modem)
        self.means.waker.doorbell.ring()
        return done

    def save_report(self, run: TestRun, words: Language) -> str:
        """Save a test as Markdown and JSON; the Markdown's name. Raises NoPlace and NotSaved."""
        whole = {"json": as_json(run, words), "md": markdown(run, words, self.means.zone)}
        return self._save(f"modemtest-{run.modem}", run.at, whole, about=run.modem)

    def save_networks(self, modem: str, networks: Sequence[ScannedNetwork], words: Language) -> str:
        """Save what a search found, as Markdown; its name. Raises NoPlace and NotSaved."""
        kept = self._kept(modem)
        text = small_reports.of_networks(kept, networks, words, self.means.zone)
        return self._save(f"networks-{modem}", kept.at, {"md": text}, about=modem)

    def save_dialogue(self, modem: str, lines: Sequence[tuple[str, str, str]], words: Language) -> str:
        """Save seconds, arrow and text of each line of the console, as Markdown; its name. Raises NoPlace and NotSaved."""
        kept = self._kept(modem)
        text = small_reports.of_dialogue(kept, lines, words, self.means.zone)
        return self._save(f"console-{modem}", kept.at, {"md": text}, about=modem)

    def save_key_test(self, run: KeyRun, words: Language) -> str:
        """Save the test of a key, as Markdown; its name. Raises NoPlace and NotSaved."""
        kept = small_reports.Kept("", self.clock.wall(), run.simulated)
        text = small_reports.of_key(kept, run, words, self.means.zone)
        return self._save("keytest", kept.at, {"md": text}, about=None)

    def _kept(self, modem: str) -> small_reports.Kept:
        simulated = any(one.simulated for one in self.database.modems.all() if one.name == modem)
        return small_reports.Kept(modem, self.clock.wall(), simulated)

    def _save(self, stem: str, at: int, texts: Mapping[str, str], *, about: str | None) -> str:
        """Save each text under its ending; the name of the last."""
        when, name = datetime.fromtimestamp(at / 1000, UTC).astimezone(self.means.zone), ""
        for ending, text in texts.items():
            name = save(dated_name(stem, when, ending), text.encode(), folder=self.means.exchange)
        with self.database.transaction(write=True):
            self.trail.record("bench.report_saved", "ok", actor=self.actor, about=about)
        return name


@dataclass(frozen=True, slots=True)
class _Borrower:
    """Borrows one modem for a session; see `kiosk.technician.session.Borrow`."""

    bench: Bench
    modem: str
    purpose: Purpose
    words: Language

    @contextmanager
    def __call__(self, *, waiting: Callable[[], None], cancelled: threading.Event) -> Iterator[Had]:
        means = self.bench.means
        with Borrowed(
            means.means,
            means.waker,
            self.modem,
            purpose=self.purpose,
            borrower=self.bench.borrower,
            actor=self.bench.actor,
            dispatcher_lock=means.dispatcher_lock,
            waiting=waiting,
            cancelled=cancelled,
        ) as borrowed:
            postman = OutboxPostman(
                means.means.open_database,
                modem=self.modem,
                language=self.words.code,
                policy=means.policy,
                clock=self.bench.clock,
                doorbell=means.waker.doorbell,
            )
            yield Had(place=borrowed, postman=postman, test_text=self._text, over=lambda: borrowed.over)

    def _text(self) -> str:
        now = datetime.fromtimestamp(self.bench.clock.wall() / 1000, UTC).astimezone(self.bench.means.zone)
        return self.words.sms("text.test", site=self.bench.means.site, network=self.modem[:14], time=f"{now:%H:%M}")
