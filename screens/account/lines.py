"""What Mijn account says, in a row of a page or in a line: methods, advice, what one chose, sign-ins."""

from typing import Final

from kiosk.account.views import AccountView, MethodState, OwnMethod, ProofView, RecentSignIn
from kiosk.language import printable
from kiosk.sign_in.outcomes import MethodKind, Sentence
from screens.words import Words

# A proof that ends while a page is being opened would only be asked for there.
_MARGIN_MS: Final = 5_000


def proof_lasts(view: AccountView, now_ms: int) -> bool:
    """Whether what needs a fresh second factor can begin without a new one."""
    return now_ms < view.fresh_until - _MARGIN_MS


def method_name(words: Words, one: OwnMethod) -> str:
    """Kind, which one, and whether it is asked first."""
    name = words.text(f"account.method.{one.kind.value}")
    if one.tail is not None:
        name = words.say(Sentence("account.method.tail", {"method": name, "tail": one.tail}))
    if one.label is not None:
        name = words.say(Sentence("account.method.label", {"method": name, "label": printable(one.label)}))
    if one.first_choice:
        name = words.say(Sentence("account.method.first", {"method": name}))
    return name


def moment(words: Words, at: int, now_ms: int) -> str:
    """Day and time."""
    return f"{words.day(at, now_ms)} {words.moment(at)}"


def advice(view: AccountView) -> str | None:
    """What had better be arranged, as an id."""
    active = {one.kind for one in view.methods if one.id and one.state is MethodState.GOOD}
    if view.temporary and not view.arranged:
        return "account.advice.temporary"
    if active == {MethodKind.SMS}:
        return "account.advice.only_sms"
    return "account.advice.one" if len(active) == 1 else None


def language_fact(words: Words, view: AccountView) -> str:
    """The language that the person chose."""
    language = "account.facts.desk" if view.language is None else f"account.language.{view.language}"
    return words.say(Sentence("account.facts.language", {"language": words.text(language)}))


def result(words: Words, one: RecentSignIn) -> str:
    """How a sign-in ended, and how many codes were wrong before that."""
    how = words.text(f"account.result.{one.result.value}")
    return words.say(Sentence("account.result.wrong", {"result": how, "count": one.failures})) if one.failures else how


def sign_in_method(words: Words, one: RecentSignIn) -> str:
    """By what."""
    return "-" if one.method is None else words.text(f"home.method.{one.method.value}")


def proof_intro(proof: ProofView | None) -> Sentence | None:
    """What to do for a proof."""
    if proof is None:
        return None
    if proof.sms is not None:
        return Sentence("account.proof.intro.sms", {"tail": proof.sms.tail})
    return Sentence(f"account.proof.intro.{proof.kind.value}")
