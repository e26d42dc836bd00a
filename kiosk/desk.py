"""What one terminal is to the domain; lives in the domain thread."""

import logging
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from data.errors import DatabaseUnavailable, DataError
from data.modems import Modem, ModemState
from hardware.modem.status import bars
from kiosk.audit import AuditTrail
from kiosk.audit.names import DESK_ORIGIN
from kiosk.clock import MARK_KEY, ClockHealth, SystemClock, kept_mark
from kiosk.delivery.alarms import AlarmCause, raise_alarm
from kiosk.delivery.candidates import SIM_GUARD
from kiosk.delivery.doorbell import SafetyNet
from kiosk.desk_rooms import Rooms
from kiosk.desk_status import DeskFacts, DeskStatus, ModemHealth, ModemStrip, SmsHealth, out_of_service
from kiosk.domain_thread import DomainLost
from kiosk.keeping.reserve import Reserve
from kiosk.out_of_service import Troubles
from kiosk.presence import Presence
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Stage
from kiosk.site import Site
from kiosk.technician.bench_means import BenchMeans
from kiosk.watch import Subscription, Watchers

log = logging.getLogger("kiosk.desk")

MARK_EVERY_MS: Final = 60_000
# While the database cannot be written: so soon after it can be, this desk works again.
RETRY_EVERY_MS: Final = 5_000
ABANDONED_MS: Final = 2 * 3600 * 1000
WIPE_EVERY_MS: Final = 10_000
# A terminal that comes and goes at once, such as a connection by SSH, leaves the disk alone.
RESERVE_AFTER_MS: Final = 60_000


class Desk(Rooms):
    """The desk of this process: its status, its one sign-in at a time, and what must happen now and then."""

    def __init__(
        self,
        site: Site,
        facts: DeskFacts,
        clock: SystemClock,
        *,
        simulated: bool = False,
        closing: Callable[[], None] = lambda: None,
        bench: BenchMeans | None = None,
        elsewhere: Callable[[], AbstractContextManager[Site]] | None = None,
        exchange: Path | None = None,
        reserve: Reserve | None = None,
    ) -> None:
        with site.database.transaction(write=True):
            row = site.database.desks.ensure(facts.site, facts.desk_name, simulated=simulated)
        super().__init__(
            site,
            AuditTrail(site.database, clock, origin=f"{DESK_ORIGIN}{row.id}", simulated=simulated),
            facts,
            clock,
            desk_id=row.id,
            simulated=simulated,
            bench=bench,
            elsewhere=elsewhere,
            exchange=exchange,
        )
        self._reserve = reserve
        self._closing = closing
        self._ports_seen: Hashable = None
        self._key_in = False
        self._status = Watchers(self.status)
        self._next_mark = self._next_wipe = 0
        self._reserve_from = clock.now() + RESERVE_AFTER_MS
        self._cannot_write: DataError | None = None
        self._unwritten: list[SignIn] = []
        self._troubles = Troubles()
        # A clock that is wrong from the start is found out at the first look.
        self._believed = ClockHealth.OK
        self._presence = Presence(site.database.path.with_name(f"desk-{row.id}.lock"))
        if self._presence.alone:
            self._end_leftovers()

    def status(self) -> DeskStatus:
        """What this desk can do now; a database that fails is a status too."""
        try:
            modems = self._site.outbox.modems(self._clock.now())
        except DataError as error:
            return self._status_without_database(error)
        if self._cannot_write is not None:
            return self._status_without_database(self._cannot_write)
        self._troubles.over()
        sms = sms_health(modems)
        clock_wrong = self._clock.health() is not ClockHealth.OK
        working = {
            MethodKind.SMS: sms is SmsHealth.READY,
            MethodKind.TOTP: not clock_wrong,
            MethodKind.YUBIKEY: self._site.keys is not None,
            MethodKind.BACKUP_CODE: True,
        }
        return DeskStatus(
            sms=sms,
            modems=tuple(_strip(modem) for modem in modems),
            yubikey_present=self._key_present(),
            clock_wrong=clock_wrong,
            simulated=self._simulated or any(modem.simulated for modem in modems),
            methods_working=tuple(kind for kind, works in working.items() if works),
        )

    def watch_status(self, callback: Callable[[DeskStatus], None]) -> Subscription:
        """Call back now and per change, from the domain thread."""
        return self._status.watch(callback)

    def sign_in(self, language: str) -> SignIn:
        """A new sign-in; one that is still open at this desk ends first."""
        if self._sign_in is not None:
            self._sign_in.cancel("replaced")
            if self._sign_in.end_unwritten:
                self._unwritten.append(self._sign_in)
        self._forget_account()
        self._sign_in = SignIn(self._site, self._trail, desk_id=self._desk_id, language=language)
        return self._sign_in

    def poll(self) -> float:
        """Tell those who watch; seconds until the next look. Raises DomainLost when this connection is of no use any more."""
        self._keep_house()
        # Always, since signal, cooldowns and a dispatcher that died change what is shown without any row changing.
        self._status.refresh()
        self._check_database()
        sign_in = self._sign_in
        if sign_in is not None and sign_in.watched:
            sign_in.refresh()
        if sign_in is None or sign_in.standing is None:
            # Keys and codes of whoever has gone must not stay in this process.
            self._forget_account()
            self._forget_lock()
        if sign_in is None or not sign_in.watched:
            return SafetyNet.pause(awaited=False)
        return SafetyNet.pause(awaited=sign_in.stage is not Stage.SIGNED_IN)

    def close(self) -> None:
        """End the sign-in and the database connection."""
        if self._sign_in is not None:
            self._sign_in.cancel("stop")
        self._forget_account()
        self._forget_lock()
        self._keep_mark()
        try:
            self._site.database.close()
        finally:
            self._presence.close()
            self._closing()

    def _keep_house(self) -> None:
        now = self._clock.now()
        if now >= self._next_mark:
            self._keep_mark()
            self._next_mark = now + (MARK_EVERY_MS if self._cannot_write is None else RETRY_EVERY_MS)
        if now >= self._next_wipe:
            self._next_wipe = now + WIPE_EVERY_MS
            if self._reserve is not None and now >= self._reserve_from:
                self._reserve.look()
            self._wipe(now)
            self._write_ends()
        self._watch_clock()

    def _write_ends(self) -> None:
        """Whoever left while the database could not be written has gone in its tables too, as soon as it can be."""
        last = [] if self._sign_in is None else [self._sign_in]
        try:
            for sign_in in [*self._unwritten, *last]:
                sign_in.write_end()
        except DataError as error:
            log.warning("that somebody left could not be written down yet: %r", error)
        else:
            self._unwritten.clear()

    def _wipe(self, now: int) -> None:
        try:
            with self._site.database.transaction(write=True):
                self._site.database.challenges.wipe_expired(now)
        except DataError as error:
            log.warning("expired codes could not be wiped yet: %r", error)

    def _keep_mark(self) -> None:
        """Keep kiosk time, which no other process may have seen later; also how a desk finds out that it cannot write."""
        meta = self._site.database.meta
        try:
            with self._site.database.transaction(write=True):
                if (kept := kept_mark(meta.get(MARK_KEY))) is not None:
                    self._clock.heed(kept)
                meta.set(MARK_KEY, self._clock.high_water().to_text())
        except DataError as error:
            self._cannot_write = error
        else:
            self._cannot_write = None

    def _watch_clock(self) -> None:
        """A clock that jumped ends what depends on time (DESIGN §4)."""
        health = self._clock.health()
        if health is not ClockHealth.OK and health is not self._believed:
            # Perhaps a technician set it at another terminal.
            self._keep_mark()
            health = self._clock.health()
        if health is self._believed:
            return
        try:
            with self._site.database.transaction(write=True):
                self._trail.record("clock", health.value)
                if health is not ClockHealth.OK:
                    self._alarm(AlarmCause.CLOCK)
                    self._site.database.challenges.wipe_all(self._clock.now())
                    self._site.database.sessions.end_all("clock", self._clock.now())
        except DataError as error:
            log.warning("that the clock is %s could not be recorded yet: %r", health.value, error)
            return
        self._believed = health
        log.error("the clock of this machine: %s", health.value)

    def _alarm(self, cause: AlarmCause) -> None:
        """Tell the technicians, where there are any to tell; inside the transaction of what it is about."""
        means = None if self._bench is None else self._bench.means.alarms
        if means is not None and means.phones:
            raise_alarm(self._site.database, means, cause, "", self._clock.now())

    def _end_leftovers(self) -> None:
        """What a crash of this desk left open ends now: nobody stands there any more."""
        database, now = self._site.database, self._clock.now()
        with database.transaction(write=True):
            # A desk that is named after its terminal may never come back: nobody signs in for so long.
            others = database.sign_ins.abandoned(now - ABANDONED_MS)
            for row in [*database.sign_ins.unfinished(self._desk_id), *others]:
                for challenge in database.challenges.of_sign_in(row.id):
                    database.challenges.wipe(challenge.id, now)
                self._site.outbox.cancel(row.id, now=now)
                if database.sign_ins.finish(row.id, "crashed", None, now):
                    self._trail.record("sign_in.ended", "crashed", actor=row.user_id or "-", about=row.id)
            for session in database.sessions.live(desk_id=self._desk_id):
                database.sessions.end(session.id, "crashed", now)
                self._trail.record("session.ended", "crashed", actor=session.user_id, about=session.id)

    def _check_database(self) -> None:
        try:
            self._site.database.check_usable()
        except DatabaseUnavailable as error:
            raise DomainLost from error

    def _key_present(self) -> bool | None:
        """Whether a key is in a port of this desk; opens none, and looks closer only when something changed."""
        if self._site.keys is None:
            return None
        bus = self._site.keys.bus
        if (signature := bus.signature()) != self._ports_seen:
            self._ports_seen, self._key_in = signature, bool(bus.nodes())
        return self._key_in

    def _status_without_database(self, error: DataError) -> DeskStatus:
        trouble = self._troubles.met(error)
        assert trouble is not None
        return out_of_service(
            trouble.text_id,
            trouble.reference,
            clock_wrong=self._clock.health() is not ClockHealth.OK,
            simulated=self._simulated,
        )


def sms_health(modems: list[Modem]) -> SmsHealth:
    """All modems in one word."""
    states = {modem.state for modem in modems}
    if not states:
        return SmsHealth.NONE
    if ModemState.READY in states:
        return SmsHealth.READY
    if any(map(_used_up, modems)):
        return SmsHealth.USED_UP
    return SmsHealth.NO_NETWORK if ModemState.NO_NETWORK in states else SmsHealth.DOWN


def _used_up(modem: Modem) -> bool:
    return modem.state is ModemState.DOWN and modem.reason == SIM_GUARD


def _strip(modem: Modem) -> ModemStrip:
    return ModemStrip(
        name=modem.name,
        health=ModemHealth.USED_UP if _used_up(modem) else ModemHealth(modem.state.value),
        network=modem.network_name,
        bars=bars(modem.signal_dbm),
        simulated=modem.simulated,
    )
