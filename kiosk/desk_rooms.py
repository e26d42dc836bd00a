"""What whoever is signed in at a desk may enter and do there: each door asks once more who it is.

Lives in the domain thread, as the desk does. What stands behind a door that only administrators and technicians open is
imported there: most terminals never open it, and it is 1.4 MiB of each.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import DataError
from data.users import Role, User
from kiosk.account.account import Account, NotSignedIn
from kiosk.account.approval import Approval
from kiosk.account.lock import Lock
from kiosk.administration.authority import PageAuthority, check_session, session_holds
from kiosk.administration.changing import Office
from kiosk.administration.errors import Forbidden, Rule
from kiosk.administration.four_eyes import Wanted
from kiosk.applications.wire import Opening, Request
from kiosk.audit import AuditTrail
from kiosk.audit.names import DESK_ORIGIN
from kiosk.audit.room import ROLES as READERS
from kiosk.audit.room import MayNotRead, RoomKey
from kiosk.clock import SystemClock
from kiosk.desk_status import DeskFacts
from kiosk.gate.passing import Passed, is_account
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.standing import SignedIn
from kiosk.site import Site
from kiosk.technician.bench_means import ROLES, BenchMeans, NotAllowed

if TYPE_CHECKING:
    from kiosk.administration.import_room import ImportKey
    from kiosk.reports.room import ReportRoom
    from kiosk.reports.saving_room import SavingKey
    from kiosk.technician.bench import Bench
    from kiosk.technician.time_room import TimeRoom

log = logging.getLogger("kiosk.desk")


class Rooms:
    """The rooms of one desk. `elsewhere` opens the site in another thread; `exchange` is the configured exchange folder."""

    def __init__(
        self,
        site: Site,
        trail: AuditTrail,
        facts: DeskFacts,
        clock: SystemClock,
        *,
        desk_id: str,
        simulated: bool,
        bench: BenchMeans | None,
        elsewhere: Callable[[], AbstractContextManager[Site]] | None,
        exchange: Path | None,
    ) -> None:
        self.facts = facts
        self._site = site
        self._trail = trail
        self._clock = clock
        self._desk_id = desk_id
        self._simulated = simulated
        self._bench = bench
        self._elsewhere = elsewhere
        self._exchange = exchange
        self._sign_in: SignIn | None = None
        self._account: Account | None = None
        self._approval: Approval | None = None
        self._lock: Lock | None = None

    @property
    def _person(self) -> User | None:
        """Who is signed in here."""
        return None if self._sign_in is None else self._sign_in.signed_in

    @property
    def _here(self) -> tuple[User, SignedIn] | None:
        """Who is signed in here, and their session."""
        standing = None if self._sign_in is None else self._sign_in.standing
        if standing is None or standing.user is None or standing.signed_in is None:
            return None
        return standing.user, standing.signed_in

    def account(self) -> Account:
        """The account of the person who is signed in here, one per session; NotSignedIn when nobody is."""
        standing = None if self._sign_in is None else self._sign_in.standing
        if standing is None or standing.user is None or standing.person is None or standing.signed_in is None:
            raise NotSignedIn
        if self._account is None or self._account.session_id != standing.signed_in.session_id:
            self._forget_account()
            self._account = Account(
                self._site,
                self._trail,
                standing.signed_in,
                user_id=standing.user.id,
                sign_in_id=standing.person.sign_in_id,
                desk_id=self._desk_id,
            )
        return self._account

    def lock(self) -> Lock:
        """The lock of the person who is signed in here, the same one until `unlocked`; NotSignedIn when nobody is."""
        if (here := self._here) is None:
            raise NotSignedIn
        user, session = here
        if self._lock is None or self._lock.session_id != session.session_id:
            self._forget_lock()
            self._lock = Lock(self._site, self._trail, user, session, desk_id=self._desk_id)
        return self._lock

    def unlocked(self) -> None:
        """The right person is here again."""
        self._forget_lock()

    def _forget_lock(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close("unlocked" if lock.open else "stop")

    def begin_application(self, name: str, *, term: str, language: str) -> Opening:
        """Let the person who is signed in here have this application; raises NotAllowed.

        What comes back is all that a launcher is told; `end_application` it afterwards, whatever came of it.
        """
        if (here := self._here) is None:
            raise NotAllowed
        user, session = here
        if all(one.name != name for one in self.facts.applications_of(user.role)):
            raise NotAllowed
        request = Request(
            application=name,
            user=user.name,
            method=session.method.value,
            session=session.session_id,
            term=term,
            language=language,
        )
        opening = Opening(request, user.id)
        with self._site.database.transaction(write=True):
            self._record_application("session.application", "started", opening)
        return opening

    def end_application(self, opening: Opening, result: str) -> None:
        """It ended, or was never started: `result` is `Ended.result` or why not."""
        with self._site.database.transaction(write=True):
            self._record_application("session.application_ended", result, opening)

    def _record_application(self, action: str, result: str, opening: Opening) -> None:
        request = opening.request
        parameters = {"application": request.application}
        self._trail.record(action, result, actor=opening.actor, about=request.session, parameters=parameters)

    def pass_gate(self) -> Passed | None:
        """Whether the person who is signed in here may go on as the account that called; None: not as this one.

        Raises NotSignedIn when nobody is, or not any more.
        """
        account = self.facts.gate_account
        if account is None or (here := self._here) is None:
            raise NotSignedIn
        user, session = here
        with self._site.database.transaction(write=True):
            if not session_holds(self._site, user.id, session.session_id, set(Role), self._clock.now()):
                raise NotSignedIn
            present = self._site.database.users.get(user.id)
            passes = present is not None and is_account(present.unix_account, account)
            result = "passed" if passes else "refused"
            self._trail.record(
                "session.gate", result, actor=user.id, about=session.session_id, parameters={"account": account}
            )
        if not passes:
            return None
        return Passed(user=user.name, method=session.method.value, session=session.session_id)

    def bench(self) -> "Bench":
        """The bench of the technician who is signed in here; NotAllowed for anybody else."""
        person = self._person
        if self._bench is None or person is None or person.role not in ROLES:
            raise NotAllowed
        from kiosk.technician.bench import Bench  # noqa: PLC0415  see the top

        return Bench(
            means=self._bench,
            database=self._site.database,
            trail=self._trail,
            clock=self._clock,
            actor=person.id,
            borrower=self.facts.desk_name,
        )

    def time_room(self) -> "TimeRoom":
        """Where the technician who is signed in here sees and sets the time; NotAllowed for anybody else."""
        person = self._person
        if self._bench is None or person is None:
            raise NotAllowed
        account = self.account()
        if not session_holds(self._site, person.id, account.session_id, ROLES, self._clock.now()):
            raise NotAllowed
        from kiosk.technician.time_room import TimeRoom  # noqa: PLC0415  see the top

        return TimeRoom(
            site=self._site,
            trail=self._trail,
            clock=self._clock,
            actor=person.id,
            proved_at=account.proved_at,
            set_clock=self._bench.set_clock,
            ring=self._bench.waker.doorbell.ring,
        )

    def ask_second(self, wanted: Wanted) -> Approval:
        """Ask a second administrator to approve this; what was asked before is void. Forbidden when nobody may ask."""
        office = self.office()
        self._forget_approval()
        self._approval = Approval(
            office.site,
            office.trail,
            desk_id=self._desk_id,
            requested_by=office.authority.actor,
            wanted=wanted,
        )
        return self._approval

    def approval(self) -> Approval:
        """What a second administrator is asked here; NotSignedIn when nothing is."""
        self.account()
        if self._approval is None:
            raise NotSignedIn
        return self._approval

    def approval_spent(self) -> None:
        """What was approved is done."""
        self._forget_approval()

    def office(self) -> Office:
        """Where the administrator who is signed in here changes people; Forbidden for anybody else.

        A sign-in by a temporary code is no second factor of one's own: it must be shown before the first change.
        """
        person = self._person
        if person is None or person.role is not Role.ADMINISTRATOR:
            raise Forbidden(Rule.NOT_ADMINISTRATOR)
        account = self.account()
        authority = PageAuthority(
            administrator_id=person.id,
            session_id=account.session_id,
            reauthenticated_at=account.proved_at,
            second=None if self._approval is None else self._approval.second,
        )
        check_session(self._site, authority, self._clock.now())
        return Office(self._site, self._trail, authority)

    def reports(self) -> "ReportRoom":
        """What the administrator or auditor who is signed in here may read in figures and lists; Forbidden for anybody else."""
        person = self._person
        if person is None or not session_holds(
            self._site, person.id, self.account().session_id, {person.role}, self._clock.now()
        ):
            raise Forbidden(Rule.NOT_ADMINISTRATOR)
        from kiosk.reports.room import ReportRoom  # noqa: PLC0415  see the top

        return ReportRoom(site=self._site, trail=self._trail, actor=person.id, role=person.role)

    def saving_room(self) -> "SavingKey":
        """What lets whoever is signed in here save a report of theirs; Forbidden for anybody else."""
        from kiosk.reports.saving_room import SavingKey  # noqa: PLC0415  see the top

        room = self.reports()
        if self._elsewhere is None:
            raise Forbidden(Rule.NOT_ADMINISTRATOR)
        return SavingKey(
            reader_id=room.actor,
            session_id=self.account().session_id,
            role=room.role,
            origin=f"{DESK_ORIGIN}{self._desk_id}",
            simulated=self._simulated,
            open_site=self._elsewhere,
            folder=self._exchange,
        )

    def audit_room(self) -> RoomKey:
        """What lets the administrator or auditor who is signed in here into the log; MayNotRead for anybody else."""
        person = self._person
        if self._elsewhere is None or person is None or person.role not in READERS:
            raise MayNotRead
        return RoomKey(
            reader_id=person.id,
            session_id=self.account().session_id,
            origin=f"{DESK_ORIGIN}{self._desk_id}",
            simulated=self._simulated,
            open_site=self._elsewhere,
            folder=self._exchange,
        )

    def import_room(self) -> "ImportKey":
        """What lets the administrator who is signed in here try and import lists; Forbidden for anybody else."""
        self.office()
        if self._elsewhere is None:
            raise Forbidden(Rule.NOT_ADMINISTRATOR)
        from kiosk.administration.import_room import ImportKey  # noqa: PLC0415  see the top

        return ImportKey(
            origin=f"{DESK_ORIGIN}{self._desk_id}",
            simulated=self._simulated,
            open_site=self._elsewhere,
            folder=self._exchange,
        )

    def _forget_account(self) -> None:
        # What a second administrator approved was approved for this session.
        self._forget_approval()
        account, self._account = self._account, None
        if account is not None:
            account.close()

    def _forget_approval(self) -> None:
        approval, self._approval = self._approval, None
        if approval is not None:
            try:
                approval.close()
            except DataError as error:
                log.warning("the code of a second administrator could not be wiped yet: %r", error)
