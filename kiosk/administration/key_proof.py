"""A security key that is added with the person at the desk: it proves itself before it counts, beside the administrator."""

from data.factors import FactorKind
from kiosk.account.new_key import NewKey
from kiosk.account.views import NewKeyView
from kiosk.administration.authority import Act
from kiosk.administration.changing import Office, changing
from kiosk.administration.errors import MethodUnknown
from kiosk.administration.four_eyes import Content
from kiosk.administration.free_text import Why
from kiosk.administration.notices import Notice
from kiosk.administration.passwords import Done
from kiosk.yubikey.enrolment import Enrolment


class KeyProof:
    """Lives while its page does; whoever leaves the page calls `leave`."""

    def __init__(self, office: Office, person_id: str) -> None:
        self._person_id = person_id
        enrolment = Enrolment(office.site, office.trail, user_id=person_id, actor=office.authority.actor)
        self._key = NewKey(enrolment, office.site.clock)

    def __repr__(self) -> str:
        return "KeyProof()"

    def view(self) -> NewKeyView:
        """Take in what the key said, and show it."""
        self._key.look()
        return self._key.view()

    def give_pin(self, pin: str) -> None:
        """The PIN for the key, and for nothing else."""
        self._key.give_pin(pin)

    def again(self) -> None:
        """Begin anew."""
        self._key.again()

    def silence(self) -> None:
        """It shall type no letters any more."""
        self._key.silence()

    def leave(self) -> None:
        """Let go of the key; it counts for nothing unless it was kept."""
        self._key.leave()

    def keep(self, office: Office, name: str, why: Why) -> Done:
        """The key counts from now on; raises AdministrationError, DataError."""
        content = Content({"kind": FactorKind.YUBIKEY_FIDO2.value, "here": True})
        with changing(office, Act.ADD_METHOD, self._person_id, why, content=content) as change:
            change.forbid_disabled()
            change.forbid_both_ways(Act.ADD_METHOD)
            if self._key.made(name) is None:
                raise MethodUnknown
            change.parameters.update({"kind": FactorKind.YUBIKEY_FIDO2.value, "proved_here": True})
            change.tell(Notice.FACTOR)
        return Done(user=change.user, reference=change.reference, count=1)
